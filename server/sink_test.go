package server

import "testing"

// TestALimitedWindowGetsPlainBroadcasts: the shared compressed form uses the whole window.
func TestALimitedWindowGetsPlainBroadcasts(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors, o.Compression = 1, true })
	for parameters, compressed := range map[string]bool{"": true, "; server_max_window_bits=10": false} {
		c := w.dial("alice")
		c.Send(offering(upgradeRequest(w.token("alice")), parameters))
		w.net.Settle()
		s := w.shards()[0].live(c.Handle())
		if s == nil || s.Compressed() != compressed || s.User() != userID("alice") {
			t.Errorf("offer %q: compressed is not %v", parameters, compressed)
		}
	}
}
