package crowd

import (
	"strings"
	"testing"
)

func TestNumbersThatJumpOrComeTwiceAreCounted(t *testing.T) {
	c := open(t, Options{}, 1)
	k := &c.clients[0]
	k.epoch, k.direct, k.broadcast = c.epoch([]byte("k")), 3, 3
	for _, m := range []Message{{Tag: Direct, Seq: 4}, {Tag: Direct, Seq: 4}, {Tag: Direct, Seq: 6}, {Tag: Broadcast, Seq: 9}} {
		c.track(k, &m)
	}
	if f := c.Figures; f.Twice != 1 || f.Jumps != 1 || k.direct != 6 || k.broadcast != 9 {
		t.Errorf("%+v, %+v", f, k)
	}
}

func TestOnlyOurOwnMessagesAreHandedOver(t *testing.T) {
	received := 0
	c := open(t, Options{Received: func(*Message) error { received++; return nil }}, 1)
	for _, text := range []string{
		`{"id":"00000000-0000-0000-0000-00000000000a","message_type":"user_joined"}`, `{"message_type":"presence","data":{}}`, `{"message_type":"gap"}`,
		`{"id":"00000000-0000-0000-0000-00000000000y","message_type":"pong"}`, `{"id":"1"}`,
	} {
		if err := c.handle(0, []byte(text)); err != nil {
			t.Error(err)
		}
	}
	if received != 1 || c.Figures.Presence != 2 || c.Figures.Gaps != 1 {
		t.Errorf("%d, %+v", received, c.Figures)
	}
}

func TestALostPositionIsReported(t *testing.T) {
	c := open(t, Options{}, 1)
	for range 2 {
		_ = c.handle(0, []byte(`{"message_type":"welcome","data":{"epoch":"k3x9","broadcast":131,"direct":9,"resumed":false,"reason":"expired"}}`))
	}
	if f := c.Figures; f.Fresh != 1 || f.Failed != 1 || c.clients[0].direct != 9 || c.epochs[c.clients[0].epoch] != "k3x9" {
		t.Errorf("%+v", f)
	}
}

func TestATextHasItsTimeAndReceiver(t *testing.T) {
	now := Monotonic()
	f := string(Text(Direct, 7, 100))
	_, content, _ := strings.Cut(f, `"content":"`)
	content, rest, _ := strings.Cut(content, `"`)
	_, text, _ := strings.Cut(content, " ")
	if f[1] != 0x80|126 || !strings.Contains(rest, `"to_user_id":"`+UserID(7).String()) || len(text) != 99 {
		t.Error(f)
	}
	c := open(t, Options{Received: func(m *Message) error {
		if m.Sent < now || m.Sent > Monotonic() {
			t.Errorf("it was sent at %d", m.Sent)
		}
		return nil
	}}, 1)
	if err := c.handle(0, []byte(f[8:])); err != nil {
		t.Error(err)
	}
	if f := string(Text(Broadcast, -1, 0)); strings.Contains(f, "to_user_id") {
		t.Error(f)
	}
	if f := Ping(); f[1] != 0x80|byte(len(f)-6) {
		t.Errorf("%q", f)
	}
}
