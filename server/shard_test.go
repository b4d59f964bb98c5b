package server

import "testing"

// TestASessionEndsInEveryState resets a connection in each state. The session must then be empty, and hold no place in
// any table.
func TestASessionEndsInEveryState(t *testing.T) {
	for state, begin := range map[sessionState]func(w *world) *client{
		stateHandshake: func(w *world) *client {
			c := w.dial("alice")
			c.Send(upgradeRequest(w.token("alice"))[:20])
			return c
		},
		stateAdmission: func(w *world) *client {
			c := w.dial("alice")
			c.Send(upgradeRequest(w.token("alice")))
			return c
		},
		stateLive: func(w *world) *client {
			c := w.dial("alice")
			c.Send(upgradeRequest(w.token("alice")))
			w.net.Settle()
			w.server.CheckNext()
			return c
		},
		stateClosing: func(w *world) *client {
			c := w.dial("alice")
			c.Send(upgradeRequest(w.token("alice")))
			w.net.Settle()
			w.server.CheckNext()
			w.net.Settle()
			w.server.evict(target{user: userID("alice"), issuedBefore: anyIssue})
			return c
		},
		stateClosed: func(w *world) *client {
			c := w.dial("alice")
			c.Send([]byte("no request\r\n\r\n"))
			return c
		},
	} {
		w := newWorld(t, 1, func(o *Options) { o.Reactors, o.MaxPerAddress, o.AdmissionWorkers = 1, 100, ByHand })
		c := begin(w)
		w.net.Settle()
		sh := w.shards()[0]
		s := sh.sessions.slot(0)
		if s.state != state || s.conn == nil {
			t.Errorf("the session is in state %d, want %d", s.state, state)
			continue
		}
		c.Reset()
		w.net.Settle()
		w.server.CheckNext()
		w.net.Settle()
		if *s != (session{}) || sh.alive != 0 || sh.memory.kept != 0 {
			t.Errorf("state %d leaves %d live sessions and %d bytes", state, sh.alive, sh.memory.kept)
		}
		if err := w.audit(); err != nil || w.server.slots.Taken() != 0 || w.server.addresses.Count() != 0 {
			t.Errorf("state %d leaves %d connection slots and %d addresses: %v", state, w.server.slots.Taken(), w.server.addresses.Count(), err)
		}
	}
}
