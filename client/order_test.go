package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestAnyOrderOfEndsKeepsThePromises lets a server refuse, close, cut, stall and overload in random orders.
func TestAnyOrderOfEndsKeepsThePromises(t *testing.T) {
	runs := 300
	if testing.Short() {
		runs = 30
	}
	for seed := range uint64(runs) {
		synctest.Test(t, func(t *testing.T) { anyOrder(t, rand.New(rand.NewPCG(seed, 17)), seed) })
	}
}

// witness sees what a client does.
type witness struct {
	mu       sync.Mutex
	start    time.Time
	promised time.Time // nothing may be tried before
	fault    string
	handed   map[uint64]bool
	settled  map[string]int
	last     State
}

func anyOrder(t *testing.T, random *rand.Rand, seed uint64) {
	attempts, terminal := randomAttempts(random)
	s := newScript(attempts)
	w := &witness{start: s.start, handed: make(map[uint64]bool), settled: make(map[string]int)}
	calls := 0
	token := func(context.Context, string) (string, error) {
		if calls++; calls%4 == 3 {
			return "", errors.New("no token now")
		}
		return fmt.Sprint("t", calls), nil
	}
	c, err := Connect(t.Context(), "ws://host/ws", Options{TokenFunc: token, Dial: s.dial, Handler: w.see, Random: rand.New(rand.NewPCG(seed, 1)).Float64})
	if err != nil {
		t.Fatal(err)
	}
	var waits sync.WaitGroup
	sends := 40
	for i := range sends {
		d := c.Post(Outgoing{Data: i})
		waits.Go(func() { <-d.Done(); w.settle(d.ID()) })
		if i%7 == 0 {
			c.Wake()
		}
		<-time.After(time.Duration(random.IntN(4000)) * time.Millisecond)
	}
	<-time.After(10 * time.Minute)
	w.mu.Lock()
	phase, why := w.last.Phase, w.last.Why
	w.mu.Unlock()
	if terminal != "" && (phase != Closed || why != terminal) || terminal == "" && phase != Open {
		t.Errorf("seed %d: %s %q, want the end %q", seed, phase, why, terminal)
	}
	c.Close()
	s.close()
	waits.Wait()
	w.check(t, seed, s, sends)
}

// randomAttempts returns what the server does, and why the client is closed at the end, if it is.
func randomAttempts(random *rand.Rand) (all []attempt, terminal string) {
	seq := uint64(1)
	for range random.IntN(8) {
		all = append(all, randomAttempt(random, &seq))
	}
	switch random.IntN(3) {
	case 0:
		end := []string{`{"refuse":{"status":403,"code":"banned"}}`, `{"open":{"end":{"after":1,"close":{"code":4003}}}}`, `{"open":{"end":{"after":12,"close":{"code":1009}}}}`}
		n := random.IntN(len(end))
		return append(all, parseAttempt(end[n])), []string{"banned", "close:4003", "close:1009"}[n]
	default:
		return append(all, parseAttempt(`{"open":{}}`)), ""
	}
}

func randomAttempt(random *rand.Rand, seq *uint64) attempt {
	kinds := []string{
		`{"lost":true}`, `{"silent":true}`, `{"refuse":{"status":503,"code":"busy","retry_after":%d}}`, `{"refuse":{"status":502}}`,
		`{"refuse":{"status":401,"code":"token_expired"}}`, `{"refuse":{"status":429,"code":"user_full","retry_after":%d}}`,
		`{"open":{"welcome":null,"end":{"after":1,"cut":true}}}`,
	}
	if n := random.IntN(2 * len(kinds)); n < len(kinds) {
		return parseAttempt(strings.Replace(kinds[n], "%d", fmt.Sprint(random.IntN(20)), 1))
	}
	ends := []string{`"cut":true`, `"close":{"code":1012,"reason":"reconnect in %d s"}`, `"close":{"code":1001}`, `"close":{"code":4001}`, `"close":{"code":4002}`}
	end := strings.Replace(ends[random.IntN(len(ends))], "%d", fmt.Sprint(random.IntN(20)), 1)
	a := parseAttempt(fmt.Sprintf(`{"open":{"end":{"after":%d,%s}}}`, random.IntN(15), end))
	a.Open.Mute = random.IntN(5) == 0
	for range random.IntN(20) {
		a.Open.Replies = append(a.Open.Replies, []any{"ack", "ack", "none", "rate_limited", map[string]any{"error": map[string]any{"code": "overloaded"}}}[random.IntN(5)])
	}
	for range random.IntN(10) { // some come again, as after a reconnect
		*seq += uint64(random.IntN(2))
		a.Open.Send = append(a.Open.Send, timed{Message: fmt.Appendf(nil, `{"message_type":"text","id":"m%d","seq":%d}`, *seq, *seq)})
	}
	return a
}

func parseAttempt(text string) (a attempt) {
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		a.Refuse.Code = err.Error() // the test is wrong: it ends here
	}
	return a
}

func (w *witness) see(e Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	switch e := e.(type) {
	case Message:
		if w.handed[e.Seq] {
			w.fault = fmt.Sprint("handed over twice: ", e.Seq)
		}
		w.handed[e.Seq] = true
	case State:
		if w.last.Phase == Closed {
			w.fault = "a state after Closed"
		}
		w.last = e
		switch e.Phase {
		case Connecting:
			if now.Before(w.promised) {
				w.fault = fmt.Sprintf("at %v, before the named time %v", now.Sub(w.start), w.promised.Sub(w.start))
			}
		case Waiting:
			w.promised = now.Add(named(e.Err))
		}
	}
}

// named returns the time that the server has named, read apart from the code under test.
func named(err error) time.Duration {
	var refusal *Refusal
	var closed *CloseError
	var n int
	switch {
	case errors.As(err, &refusal) && refusal.RetryAfter > 0:
		return refusal.RetryAfter
	case errors.As(err, &closed) && closed.Code == 1012:
		_, _ = fmt.Sscanf(closed.Reason, "reconnect in %d s", &n)
	}
	return time.Duration(n) * time.Second
}

func (w *witness) settle(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settled[id]++
}

func (w *witness) check(t *testing.T, seed uint64, s *script, sends int) {
	t.Helper()
	if w.fault != "" {
		t.Errorf("seed %d: %s", seed, w.fault)
	}
	if s.most > 1 {
		t.Errorf("seed %d: %d sockets at once", seed, s.most)
	}
	if len(w.settled) != sends {
		t.Errorf("seed %d: %d of %d messages are settled", seed, len(w.settled), sends)
	}
}
