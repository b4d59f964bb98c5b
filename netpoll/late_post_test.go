package netpoll_test

import (
	"testing"

	"momentum/netpoll"
)

// TestPostsBehindALongMailboxAskForATurn posts more than a turn applies, and one more between two turns: its bell is the
// second turn's, which has the rest of the first batch to apply.
func TestPostsBehindALongMailboxAskForATurn(t *testing.T) {
	w, handlers := newWorld(t, nil)
	const first = netpoll.PostBudget + 100
	for range first {
		w.Group.Post(netpoll.Post{To: 0}, nil)
	}
	w.Step()
	w.Group.Post(netpoll.Post{To: 0}, nil)
	w.Settle()
	if got := len(handlers[0].events); got != first+1 {
		t.Errorf("%d of %d posts were applied before the clock moved", got, first+1)
	}
}
