package server

import (
	"momentum/netpoll"
	"momentum/protocol"
)

// ask is a subscribe or unsubscribe message.
type ask struct {
	kind     protocol.MessageType
	id, data []byte
}

// clone copies a message, so that it outlives the read that has brought it.
func (a ask) clone() ask {
	return ask{a.kind, append([]byte(nil), a.id...), append([]byte(nil), a.data...)}
}

// waitingAsk is a message that waits until the posts before it are applied.
type waitingAsk struct {
	to netpoll.Handle
	ask
}
