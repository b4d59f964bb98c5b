package server

import (
	"time"

	"github.com/google/uuid"

	"momentum/protocol"
)

// stampFormat is RFC 3339 with milliseconds.
const stampFormat = `"2006-01-02T15:04:05.000Z07:00"`

// encoder makes the frames of messages from the server to one client, in buffers that it reuses.
type encoder struct {
	*base
	json  []byte
	frame []byte
}

// encode makes a text frame of a message, which is valid until the next call. The message gets an id and a timestamp if
// it has none.
func (e *encoder) encode(out protocol.Outgoing) []byte {
	e.json = appendMessage(e.json[:0], out, e.now(), e.node.options.NewID)
	e.frame = protocol.AppendFrame(e.frame[:0], protocol.OpText, e.json)
	return e.frame
}

func appendMessage(dst []byte, out protocol.Outgoing, now time.Time, newID func() uuid.UUID) []byte {
	return protocol.AppendEnd(appendUnended(dst, out, now, newID), 0)
}

// appendUnended appends a message without its end. It gets an id and a timestamp if it has none.
func appendUnended(dst []byte, out protocol.Outgoing, now time.Time, newID func() uuid.UUID) []byte {
	var id, stamp [48]byte
	if out.ID == nil {
		out.ID = protocol.AppendUUID(id[:0], newID())
	}
	if out.Timestamp == nil {
		out.Timestamp = now.UTC().AppendFormat(stamp[:0], stampFormat)
	}
	return protocol.AppendUnended(dst, &out)
}
