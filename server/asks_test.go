package server

import (
	"testing"

	"momentum/protocol"
)

// TestACloneKeepsItsBytes overwrites the buffer from which a message was cloned.
func TestACloneKeepsItsBytes(t *testing.T) {
	buffer := []byte("id data")
	a := ask{kind: protocol.Unsubscribe, id: buffer[:2], data: buffer[3:]}.clone()
	clear(buffer)
	if a.kind != protocol.Unsubscribe || string(a.id) != "id" || string(a.data) != "data" {
		t.Errorf("the clone is %v %q %q", a.kind, a.id, a.data)
	}
}
