package siege

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"momentum/bench/jitter"
	"momentum/server/auth"
)

// TestClientsThatAreCutOffMissNothing cuts each client off every five seconds on average, for up to two seconds, during
// broadcasts and direct messages. All of them resume, and get every message once and in order.
func TestClientsThatAreCutOffMissNothing(t *testing.T) {
	n := serve(t, 0, "WS_RATE_LIMIT_PER_SECOND=0") // one client sends all the messages
	size := sized(100, 1000)
	users := make([]string, size+1) // the last one sends
	for i := range users {
		users[i] = token(t, jitterName(i))
	}
	o := jitter.Usual(n.ws, size, time.Duration(sized(5, 60))*time.Second)
	o.User = func(client int) string { return auth.UserID(jitterName(client)).String() }
	o.Welcomes = true
	o.Request = func(client int, position string) ([]byte, error) {
		return bytes.Replace(request(users[client]), []byte("/ws"), []byte("/ws?resume="+position), 1), nil
	}
	f, err := jitter.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(f)
	if f.Delivered != f.Sent || f.Twice > 0 || f.Unordered > 0 {
		t.Errorf("%d of %d messages were delivered, %d twice, %d out of order", f.Delivered, f.Sent, f.Twice, f.Unordered)
	}
	if f.Resumed != f.Cuts || f.Closed > 0 || f.Cuts < size/4 {
		t.Errorf("of %d cuts %d resumed, and %d connections were closed or refused", f.Cuts, f.Resumed, f.Closed)
	}
}

func jitterName(client int) string { return fmt.Sprintf("jitter%d", client) }
