package server

import "testing"

func TestLiveFindsOnlyLiveSessions(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
	b := &w.shards()[0].base
	asking := w.dial("asking")
	w.net.Settle()
	if b.live(asking.Handle()) != nil {
		t.Error("a handshake is found as a live session")
	}
	alice := w.join("alice")
	handle := alice.Handle()
	s := b.live(handle)
	if s == nil || s.user.ID != userID("alice") {
		t.Fatal("the live session is not found")
	}
	alice.Reset()
	w.net.Settle()
	if b.live(handle) != nil {
		t.Error("a session that has ended is found")
	}
	w.join("bob") // takes the slot
	if b.live(handle) != nil {
		t.Error("an old handle finds the next session of its slot")
	}
}

func TestLimitsFollowTheRules(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors, o.Compression = 1, true })
	b := &w.shards()[0].base
	plain := w.join("plain")
	compressed := w.dial("compressed")
	compressed.Send(offering(upgradeRequest(w.token("compressed")), ""))
	w.net.Settle()
	rules := *b.rules
	rules.MaxMessageBytes = 1234
	b.follow(&rules)
	for c, deflate := range map[*client]bool{plain: false, compressed: true} {
		limits := b.limitsOf(b.live(c.Handle()))
		if limits.Frame != 1234 || limits.Message != 1234 || limits.Fragments != maxFragments || limits.Deflate != deflate {
			t.Errorf("%s has the limits %+v", c.name, *limits)
		}
	}
}
