package server

import (
	"encoding/binary"
	"sync/atomic"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/protocol"
)

// framer makes the frame of a message, in buffers that it reuses.
type framer struct {
	compressing *atomic.Int64 // live sessions that take compressed frames
	json        []byte        // the message without its end
	deflated    []byte        // the same compressed, or nothing
	end         []byte        // its number and the brace
	body        []byte        // the plain frame and the compressed one: see finish
}

// compress compresses the message without its end, once for all receivers, if a live session takes that and it saves enough.
func (f *framer) compress() {
	f.deflated = f.deflated[:0]
	if len(f.json) >= compressFrom && f.compressing.Load() > 0 {
		f.deflated = protocol.AppendDeflated(f.deflated, f.json, protocol.FullDeflate)
	}
}

// finish makes body from the JSON and the message's number (0: none): the plain frame, and after it the compressed frame, if there
// is one. It returns where the compressed frame begins: the cut.
func (f *framer) finish(seq uint64) (cut int) {
	f.end = protocol.AppendEnd(f.end[:0], seq)
	f.body = protocol.AppendHeader(f.body[:0], protocol.OpText, len(f.json)+len(f.end))
	f.body = append(append(f.body, f.json...), f.end...)
	cut = len(f.body)
	if len(f.deflated) > 0 {
		f.body = protocol.AppendDeflatedFrame(f.body, protocol.OpText, f.deflated, f.end)
	}
	return cut
}

// frameMeta accompanies the frame of a message for many.
type frameMeta struct {
	but uuid.UUID      // the user that is excluded
	cut int            // where the compressed version begins in the body
	at  netpoll.Moment // when it was posted
	seq uint64         // its number; 0 if it has none
}

func (m frameMeta) encode() netpoll.Meta {
	return netpoll.Meta{
		binary.BigEndian.Uint64(m.but[:8]), binary.BigEndian.Uint64(m.but[8:]), uint64(m.cut)<<32 | uint64(uint32(m.at)), m.seq,
	}
}

func decodeFrameMeta(words *netpoll.Meta) (m frameMeta) {
	binary.BigEndian.PutUint64(m.but[:8], words[0])
	binary.BigEndian.PutUint64(m.but[8:], words[1])
	m.cut, m.at, m.seq = int(words[2]>>32), netpoll.Moment(uint32(words[2])), words[3]
	return m
}
