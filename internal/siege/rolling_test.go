package siege

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"time"

	"momentum/bench/jitter"
	"momentum/internal/redistest"
	"momentum/server/auth"
)

// rolling is a cluster of three nodes behind HAProxy, whose nodes are replaced one after the other.
type rolling struct {
	t       *testing.T
	env     []string
	nodes   []*node
	balance string
	clients int
	length  time.Duration // of the sending
	how     syscall.Signal

	restarts []time.Duration // from the signal until the new node is ready
	senders  []*sender

	mu       sync.Mutex
	troubles map[string]int // of clients that came back, by their error
}

func (r *rolling) trouble(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	text := err.Error()
	if o, ok := errors.AsType[*net.OpError](err); ok {
		text = o.Err.Error() // without ports
	}
	r.troubles[text]++
}

// TestARollingRestartLosesNothing drains, stops and starts each node of a cluster in turn, while messages with ack are sent to clients
// that resume. Each client gets every message once and in order.
func TestARollingRestartLosesNothing(t *testing.T) {
	testRolling(t, syscall.SIGTERM)
}

// TestKilledNodesLoseNothing is the same with nodes that are killed.
func TestKilledNodesLoseNothing(t *testing.T) {
	testRolling(t, syscall.SIGKILL)
}

func testRolling(t *testing.T, how syscall.Signal) {
	if !full {
		t.Parallel()
	}
	r := newRolling(t, how)
	o := r.options()
	broadcasts, directs := o.Messages()
	o.Send = func(ctx context.Context) error { return r.send(ctx, broadcasts, directs) }
	f, err := jitter.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d clients, %d direct messages, %d broadcasts: %v", r.clients, directs, broadcasts, f)
	t.Logf("restarts took %v; a client was away for %v at most, and told of %d gaps", r.restarts, f.Away, f.Gaps)
	for text, times := range r.troubles {
		t.Logf("clients that came back had trouble %d times: %.300s", times, text)
	}
	for _, s := range r.senders {
		t.Logf("a sender had %d connections, and sent %d messages again; refused: %v", s.lives, s.again, s.refused)
	}
	if f.Delivered != f.Sent || f.Twice > 0 || f.Unordered > 0 || f.Gaps > 0 {
		t.Errorf("%d of %d messages were delivered, %d twice, %d out of order, %d gaps", f.Delivered, f.Sent, f.Twice, f.Unordered, f.Gaps)
	}
	if f.Apart > 0 || f.Away > patience {
		t.Errorf("%d clients are locked out in the end, and one was for %v", f.Apart, f.Away)
	}
	if len(r.restarts) != len(r.nodes) || f.Closed < r.clients {
		t.Errorf("%d nodes were replaced, and %d connections ended", len(r.restarts), f.Closed)
	}
}

func newRolling(t *testing.T, how syscall.Signal) *rolling {
	t.Helper()
	r := &rolling{t: t, how: how, troubles: make(map[string]int), clients: sized(300, 10_000), length: time.Duration(sized(6, 200)) * time.Second}
	r.env = []string{
		"REDIS_URL=" + redistest.Start(t, "appendonly no").URL(), "TRUSTED_PROXIES=127.0.0.1", "WS_RATE_LIMIT_PER_SECOND=0",
		fmt.Sprint("DRAIN_TIMEOUT=", sized(2, 20)),
	}
	for range 3 {
		r.nodes = append(r.nodes, serve(t, 0, r.env...))
	}
	for _, n := range r.nodes {
		eventually(t, "the node is ready", n.ready)
	}
	r.balance = balance(t, r.nodes, sized(1, 2))
	return r
}

// options are those of the clients. They are cut off by the restarts alone.
func (r *rolling) options() jitter.Options {
	users := make([][]byte, r.clients)
	for i := range users {
		users[i] = request(token(r.t, jitterName(i)))
	}
	o := jitter.Usual(r.balance, r.clients, r.length)
	o.Away = [2]time.Duration{100 * time.Millisecond, time.Duration(sized(300, 5000)) * time.Millisecond}
	o.Every, o.Welcomes, o.Trouble = 0, true, r.trouble
	o.Rate = jitter.Rate{Broadcasts: sized(10, 1), Directs: sized(400, 600)}
	o.Request = func(client int, position string) ([]byte, error) {
		return bytes.Replace(users[client], []byte("/ws"), []byte("/ws?resume="+position), 1), nil
	}
	return o
}

// send sends all messages, from several users, and replaces the nodes meanwhile.
func (r *rolling) send(ctx context.Context, broadcasts, directs int) error {
	const senders = 4
	lanes := make([][]*lane, senders)
	lanes[0] = append(lanes[0], &lane{prefix: "b", last: broadcasts})
	for i := range r.clients {
		l := &lane{prefix: "d", to: auth.UserID(jitterName(i)).String(), last: (directs + r.clients - 1 - i) / r.clients}
		if l.last > 0 {
			lanes[i%senders] = append(lanes[i%senders], l)
		}
	}
	var all sync.WaitGroup
	errs := make(chan error, senders)
	for i := range senders {
		s := newSender("ws://"+r.balance+"/ws", token(r.t, fmt.Sprint("sender", i)), lanes[i], r.length)
		r.senders = append(r.senders, s)
		all.Go(func() { errs <- s.run(ctx) })
	}
	r.replace(ctx)
	all.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// replace ends and starts each node in turn, spread over the time of the sending.
func (r *rolling) replace(ctx context.Context) {
	begun := time.Now()
	for i, n := range r.nodes {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Until(begun.Add(r.length * time.Duration(2*i+1) / time.Duration(2*len(r.nodes)+1)))):
		}
		began := time.Now()
		if err := n.cmd.Process.Signal(r.how); err != nil {
			r.t.Error(err)
		}
		_ = n.cmd.Wait()
		r.nodes[i] = serve(r.t, 0, append([]string{"PORT=" + port(n.ws), "ADMIN_ADDR=" + n.admin}, r.env...)...)
		eventually(r.t, "the new node is ready", r.nodes[i].ready)
		r.restarts = append(r.restarts, time.Since(began).Round(time.Millisecond))
	}
}

func port(addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	return port
}

// ready reports whether the node is ready for clients.
func (n *node) ready() bool {
	client := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get("http://" + n.admin + "/readyz")
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}
