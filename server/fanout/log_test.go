package fanout

import "testing"

func TestBurstIsOneWritePerMember(t *testing.T) {
	f := testFanout()
	a, b := &sink{user: user(1)}, &sink{user: user(2)}
	f.Join(a)
	f.Join(b)
	var sent Count
	for i := range 16 {
		f.Add(framed(i, 100), nil, user(1), 7)
	}
	if w := f.Waiting(); w.Since != 7 || w.Bytes != 1600 {
		t.Errorf("%+v of 16 messages of 100 bytes", w)
	}
	for f.Advance(256, 0, &sent) {
	}
	if a.writes != 0 || b.writes != 1 || sent.Messages != 16 {
		t.Errorf("%d writes to the sender, %d to the other, %d messages", a.writes, b.writes, sent.Messages)
	}
	if posted := f.PassOver(); posted != 7 {
		t.Errorf("the pass that is over was posted at %d", posted)
	}
}
