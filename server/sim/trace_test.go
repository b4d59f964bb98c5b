package sim

import (
	"context"
	"fmt"
	"hash/crc32"
	"log/slog"
	"time"
)

// event is a line of the last events.
type event struct {
	at   time.Time
	who  int
	what string
	n    int
	head string
}

// note adds to the trace, which two runs of a seed must have in common.
func (w *world) note(what string, c *client, n int, bytes []byte) {
	w.trace = w.trace*1099511628211 + uint64(crc32.ChecksumIEEE(bytes)) + uint64(c.number)<<32 + uint64(n)<<8 + uint64(what[0])
	w.last[w.noted%len(w.last)] = event{w.net.Now(), c.number, what, n, string(bytes[:min(len(bytes), 60)])}
	w.noted++
}

// fail ends the simulation, and says how to see it again.
func (w *world) fail(c *client, format string, args ...any) {
	w.t.Helper()
	who := "the node"
	if c != nil {
		who = fmt.Sprintf("client %d (%s, %v, %v)", c.number, c.user.name, c.manner, c.phase)
	}
	for i := range min(w.noted, len(w.last)) {
		e := w.last[(w.noted-min(w.noted, len(w.last))+i)%len(w.last)]
		w.t.Logf("%s client %d %s %d %q", e.at.Format("15:04:05.000"), e.who, e.what, e.n, e.head)
	}
	w.t.Fatalf("%s at %s (step %d): %s\nscenario %s\nreplay: go test%s ./server/sim -run TestSimulation -seed=%d",
		who, w.net.Now().Format("15:04:05.000"), w.steps, fmt.Sprintf(format, args...), &w.sc, detector, w.seed)
}

// stormLine is the warning of a storm, which many scenarios are.
const stormLine = "the state of handshakes has changed"

// complaints is a log in which a line at warning level or above is a failure, except for stormLine.
type complaints struct{ w *world }

// Enabled leaves out everything but complaints.
func (l complaints) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

// Handle fails the simulation.
func (l complaints) Handle(_ context.Context, r slog.Record) error {
	if r.Message == stormLine || l.w.draining { // Drain was not given the time to wait
		return nil
	}
	l.w.t.Errorf("logged: %s (replay: -seed=%d)", r.Message, l.w.seed)
	return nil
}

// WithAttrs ignores attributes.
func (l complaints) WithAttrs([]slog.Attr) slog.Handler { return l }

// WithGroup ignores groups.
func (l complaints) WithGroup(string) slog.Handler { return l }
