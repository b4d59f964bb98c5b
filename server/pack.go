package server

import "momentum/protocol"

// appendCompressed appends the compressed version of a message's frame after the frame, if a live session takes it and
// it saves enough, and returns where it begins. It is made once for all receivers.
func (n *node) appendCompressed(frame, json []byte) (both []byte, cut int) {
	cut = len(frame)
	if len(json) < compressFrom || n.compressing.Load() == 0 {
		return frame, cut
	}
	return protocol.AppendCompressed(frame, protocol.OpText, json, protocol.FullDeflate), cut
}
