package server

import "momentum/protocol"

// pack appends the compressed version of a message's frame behind the frame, if anybody takes it and it is
// worth it, and returns where it begins. It is made once, for all who take it.
func (s *Server) pack(frame, json []byte) (both []byte, cut int) {
	cut = len(frame)
	if len(json) < packFrom || s.packers.Load() == 0 {
		return frame, cut
	}
	return protocol.AppendCompressed(frame, protocol.OpText, json, protocol.FullDeflate), cut
}
