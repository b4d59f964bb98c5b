package fanout

import (
	"testing"
	"unsafe"
)

func TestAMemberTakesSixteenBytes(t *testing.T) {
	var m Member
	if m.Joined() || unsafe.Sizeof(m) != 16 {
		t.Errorf("the zero member has joined: %v; it has %d bytes", m.Joined(), unsafe.Sizeof(m))
	}
	if m.index = 1; !m.Joined() {
		t.Error("a member with a place has not joined")
	}
}
