package doctor

import (
	"context"
	"fmt"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// idleMargin is how long after the node's ping should have come a silent connection is given up.
const idleMargin = 5 * time.Second

// silence is how a silent connection ended.
type silence struct {
	pinged  bool          // the node has pinged it, as it does with a quiet connection
	cut     bool          // it ended before
	longest time.Duration // without a byte in any direction
	err     error
}

// Idle measures for how long a connection through the proxy may be silent: it opens one, says nothing, and waits for the node's ping, which
// ends every silence. It takes as long as WS_HEARTBEAT_INTERVAL, or as most allows.
func Idle(ctx context.Context, f *Front, n *Node, most time.Duration) Finding {
	u, err := url.Parse(f.URL)
	if err != nil {
		return problem("idle timeout", nil, "--through: %v", err)
	}
	return silenceFinding(f.beSilent(ctx, u, min(most, n.Heartbeat+idleMargin)), n.Heartbeat)
}

// beSilent opens a connection, and reads until the node pings it, until it ends, or until the time is over.
func (f *Front) beSilent(ctx context.Context, u *url.URL, most time.Duration) (s silence) {
	var pinged atomic.Bool
	ctx, cancel := context.WithTimeout(ctx, most+dialPatience)
	defer cancel()
	c, _, err := f.dial(ctx, u, &websocket.DialOptions{OnPingReceived: func(context.Context, []byte) bool {
		pinged.Store(true)
		cancel() // the silence is over
		return false
	}})
	if err != nil {
		return silence{err: err}
	}
	defer func() { _ = c.CloseNow() }()
	enough := time.AfterFunc(most, cancel)
	defer enough.Stop()
	for last := f.Now(); ; last = f.Now() {
		_, _, err := c.Read(ctx)
		s.longest = max(s.longest, f.Now().Sub(last))
		if err != nil {
			s.pinged = pinged.Load()
			s.cut = !s.pinged && ctx.Err() == nil
			return s
		}
	}
}

func silenceFinding(s silence, heartbeat time.Duration) Finding {
	const subject = "idle timeout"
	seconds := s.longest.Round(100 * time.Millisecond).Seconds()
	switch {
	case s.err != nil:
		return problem(subject, nil, "no connection can be opened to measure it: %v", s.err)
	case s.cut:
		return problem(subject, []string{
			fmt.Sprintf("nginx: proxy_read_timeout %ds; HAProxy: timeout tunnel %ds", 4*int(heartbeat.Seconds()), 4*int(heartbeat.Seconds())),
			fmt.Sprintf("or the settings of the server: WS_HEARTBEAT_INTERVAL=%d", max(1, int(seconds/2))),
		}, "a connection was cut after %.1f s of silence, before the node's ping after %v: quiet clients are cut again and again", seconds, heartbeat)
	case s.pinged && s.longest < heartbeat/2: // the node spreads its pings over some of the interval
		return warning(subject, nil, "a connection was silent for %.1f s only, since messages came meanwhile: measure again when fewer come", seconds)
	case s.pinged:
		return ok(subject, "a connection may be silent for %.1f s, and the node pings it before it is silent for much longer", seconds)
	}
	return warning(subject, nil, "a connection was not cut in %.1f s of silence, and the node pings after %v: measure for longer", seconds, heartbeat)
}
