package history

import "testing"

func TestAMembershipRemembersItsEpoch(t *testing.T) {
	var m Membership
	if m.Joined() || m.Epoch() != 0 {
		t.Fatalf("the zero value is %x", uint32(m))
	}
	m.Enter(7)
	m.Join()
	if !m.Joined() || m.Epoch() != 7 {
		t.Errorf("joined in epoch 7, it is %x", uint32(m))
	}
	if m.Leave(); m.Joined() || m.Epoch() != 7 {
		t.Errorf("after it left, it is %x", uint32(m))
	}
	m.Join()
	if m.Enter(8); m.Joined() || m.Epoch() != 8 {
		t.Errorf("in a new epoch it is %x, and has to be joined again", uint32(m))
	}
}
