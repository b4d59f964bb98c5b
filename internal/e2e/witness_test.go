package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	coder "github.com/coder/websocket"

	"momentum/server/auth"
)

// witnessPace is the interval of each witness's messages: they use half of the server's rate limit.
const witnessPace = 20 * time.Millisecond

// witnesses are users in a ring that send all the time: each to the next, which counts and times the messages.
type witnesses struct {
	cancel  context.CancelFunc // ends the sending
	talking sync.WaitGroup
	mu      sync.Mutex
	heard   []hearing
	faults  []error
}

// hearing is the arrival of one message, and how long it took.
type hearing struct {
	at   time.Time
	took time.Duration
}

// statement is the data of a witness's message.
type statement struct {
	N    int       `json:"n"`
	At   time.Time `json:"at"`
	Last bool      `json:"last"`
}

func witnessName(i int) string { return fmt.Sprintf("witness-%d", i) }

// witness connects n users, which must be in the directory.
func (s *serving) witness(t *testing.T, n int) *witnesses {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	w := &witnesses{cancel: cancel}
	conns := make([]*coder.Conn, n)
	for i := range conns {
		conns[i] = s.mustEnter(t, signFor(t, witnessName(i)))
	}
	for i, c := range conns {
		to := auth.UserID(witnessName((i + 1) % n)).String()
		w.talking.Go(func() { w.note(speak(ctx, c, to)) })
		w.talking.Go(func() { w.note(w.listen(c)) })
	}
	return w
}

func (w *witnesses) note(err error) {
	if err == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = append(w.faults, err)
}

// speak sends until ctx ends, and then a last message with the count.
func speak(ctx context.Context, c *coder.Conn, to string) error {
	tick := time.NewTicker(witnessPace)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return say(c, to, statement{N: n, At: time.Now(), Last: true})
		case at := <-tick.C:
			if err := say(c, to, statement{N: n, At: at}); err != nil {
				return err
			}
		}
	}
}

func say(c *coder.Conn, to string, what statement) error {
	text, err := json.Marshal(map[string]any{"id": fmt.Sprint(what.N), "message_type": "text", "to_user_id": to, "data": what})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return c.Write(ctx, coder.MessageText, text)
}

// listen reads until the last message, and returns an error if one is missing or out of order.
func (w *witnesses) listen(c *coder.Conn) error {
	for next := 0; ; {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		_, text, err := c.Read(ctx)
		cancel()
		if err != nil {
			return fmt.Errorf("a live session ended: %w", err)
		}
		var m struct {
			Type string          `json:"message_type"`
			Data json.RawMessage `json:"data"`
		}
		if err := json.Unmarshal(text, &m); err != nil {
			return err
		}
		if m.Type == "error" {
			return fmt.Errorf("a live session received %s", m.Data)
		}
		var what statement
		if m.Type != "text" {
			continue
		}
		if err := json.Unmarshal(m.Data, &what); err != nil {
			return err
		}
		if what.N != next {
			return fmt.Errorf("message %d arrived, and %d was next", what.N, next)
		}
		if what.Last {
			return nil
		}
		next++
		now := time.Now()
		w.mu.Lock()
		w.heard = append(w.heard, hearing{now, now.Sub(what.At)})
		w.mu.Unlock()
	}
}

// p99 is the p99 of the messages that arrived before a time, or since then.
func (w *witnesses) p99(before bool, when time.Time) (p99 time.Duration, n int) {
	var took []time.Duration
	for _, h := range w.heard {
		if h.at.Before(when) == before {
			took = append(took, h.took)
		}
	}
	if len(took) == 0 {
		return 0, 0
	}
	slices.Sort(took)
	return took[len(took)*99/100], len(took)
}

// verdict ends the sending. No message may be missing, and since the fault began the messages must have been as fast as
// before, with a margin for a busy machine.
func (w *witnesses) verdict(t *testing.T, trouble time.Time) {
	t.Helper()
	w.cancel()
	w.talking.Wait()
	if err := errors.Join(w.faults...); err != nil {
		t.Error(err)
	}
	quiet, before := w.p99(true, trouble)
	p99, since := w.p99(false, trouble)
	t.Logf("p99 %v of %d messages before, %v of %d since", quiet, before, p99, since)
	if most := max(250*time.Millisecond, 20*quiet); p99 > most || before == 0 || since < before {
		t.Errorf("p99 %v of %d messages, want %v; before: %v of %d", p99, since, most, quiet, before)
	}
}
