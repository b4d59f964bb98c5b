package server

import (
	"time"

	"github.com/google/uuid"

	"momentum/protocol"
)

// stampFormat is RFC 3339 with milliseconds.
const stampFormat = `"2006-01-02T15:04:05.000Z07:00"`

// encode makes a text frame of a message, in the shard's scratch. The message gets an id and a timestamp if
// it has none.
func (sh *shard) encode(out protocol.Outgoing) []byte {
	sh.json = appendMessage(sh.json[:0], out, sh.now(), sh.server.options.NewID)
	sh.frame = protocol.AppendFrame(sh.frame[:0], protocol.OpText, sh.json)
	return sh.frame
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
