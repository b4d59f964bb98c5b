package siege

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"momentum/bench/jitter"
	"momentum/bench/plot/plottest"
	"momentum/bench/rolling"
	"momentum/internal/redistest"
	"momentum/server/auth"
)

// longestAway is how long a client may be without a connection. With 10,000 clients in one process, which share the machine with HAProxy and
// three nodes, most of it is the time of the machine.
var longestAway = time.Duration(sized(15, 60)) * time.Second

// rollingTest is a cluster of three nodes behind HAProxy, whose nodes are replaced one after the other.
type rollingTest struct {
	t       *testing.T
	env     []string
	nodes   []*node
	balance string
	clients int
	length  time.Duration // of the sending
	signal  syscall.Signal

	record  *rolling.Record
	senders []*sender

	mu       sync.Mutex
	troubles map[string]int // of clients that came back, by their error
}

func (r *rollingTest) trouble(err error) {
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
	testRolling(t, rolling.Drain, syscall.SIGTERM)
}

// TestKilledNodesLoseNothing is the same with nodes that are killed.
func TestKilledNodesLoseNothing(t *testing.T) {
	testRolling(t, rolling.Kill, syscall.SIGKILL)
}

func testRolling(t *testing.T, how string, signal syscall.Signal) {
	if !full {
		t.Parallel()
	}
	r := newRolling(t, how, signal)
	o := r.options()
	broadcasts, directs := o.Messages()
	o.Send = func(ctx context.Context) error { return r.send(ctx, broadcasts, directs) }
	f, err := jitter.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	r.record.Broadcasts, r.record.Directs, r.record.Figures = broadcasts, directs, f
	if r.record.AwayLimit = longestAway.Seconds(); full { // the smaller test shares the processors with others: its broadcasts may be late
		r.record.LeastMet = f.Sent / 2
	}
	t.Logf("%d clients, %d direct messages, %d broadcasts: %v", r.clients, directs, broadcasts, f)
	t.Logf("restarts: %+v; a client was away for %v at most, and told of %d gaps", r.record.Restarts, f.Away, f.Gaps)
	for text, times := range r.troubles {
		t.Logf("clients that came back had trouble %d times: %.300s", times, text)
	}
	for _, s := range r.senders {
		t.Logf("a sender had %d connections, and sent %d messages again; refused: %v", s.lives, s.again, s.refused)
	}
	for _, fault := range r.record.Faults() {
		t.Error(fault)
	}
	r.checkPage()
}

// checkPage writes the record and its page, and checks that each restart is a band in each plot.
func (r *rollingTest) checkPage() {
	r.t.Helper()
	directory := r.t.TempDir()
	if full {
		directory = "../../bench/results/rolling"
	}
	path, err := r.record.Save(directory)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Logf("the page of the restarts is %s", path)
	page, err := os.ReadFile(path)
	if err != nil {
		r.t.Fatal(err)
	}
	pictures, err := plottest.Pictures(string(page))
	if err != nil {
		r.t.Error(err)
	}
	for i, p := range pictures {
		if bands := strings.Count(p, `<g class="band">`); bands != len(r.nodes) {
			r.t.Errorf("plot %d has %d bands, want one for each of %d nodes", i, bands, len(r.nodes))
		}
	}
}

func newRolling(t *testing.T, how string, signal syscall.Signal) *rollingTest {
	t.Helper()
	r := &rollingTest{t: t, signal: signal, record: rolling.New(how), troubles: make(map[string]int), clients: sized(300, 10_000), length: time.Duration(sized(6, 200)) * time.Second}
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
	r.record.Nodes, r.record.Clients = len(r.nodes), r.clients
	return r
}

// options are those of the clients. They are cut off by the restarts alone.
func (r *rollingTest) options() jitter.Options {
	users := make([][]byte, r.clients)
	for i := range users {
		users[i] = request(token(r.t, jitterName(i)))
	}
	o := jitter.Usual(r.balance, r.clients, r.length)
	o.Away = [2]time.Duration{100 * time.Millisecond, time.Duration(sized(300, 5000)) * time.Millisecond}
	o.Every, o.Welcomes, o.Trouble, o.Watch = 0, true, r.trouble, r.record.Watch
	o.Rate = jitter.Rate{Broadcasts: sized(10, 1), Directs: sized(400, 600)}
	o.Request = func(client int, position string) ([]byte, error) {
		return bytes.Replace(users[client], []byte("/ws"), []byte("/ws?resume="+position), 1), nil
	}
	return o
}

// send sends all messages, from several users, and replaces the nodes meanwhile.
func (r *rollingTest) send(ctx context.Context, broadcasts, directs int) error {
	const senders = 5 // the last one sends the broadcasts: after direct messages to thousands of users their turn would come too late
	lanes := make([][]*lane, senders)
	lanes[senders-1] = []*lane{{prefix: "b", last: broadcasts}}
	for i := range r.clients {
		l := &lane{prefix: "d", to: auth.UserID(jitterName(i)).String(), last: (directs + r.clients - 1 - i) / r.clients}
		if l.last > 0 {
			lanes[i%(senders-1)] = append(lanes[i%(senders-1)], l)
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
func (r *rollingTest) replace(ctx context.Context) {
	begun := time.Now()
	since := func() float64 { return float64(time.Since(begun).Milliseconds()) / 1000 }
	for i, n := range r.nodes {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Until(begun.Add(r.length * time.Duration(2*i+1) / time.Duration(2*len(r.nodes)+1)))):
		}
		restart := rolling.Restart{Node: i + 1, Signal: since()}
		if err := n.cmd.Process.Signal(r.signal); err != nil {
			r.t.Error(err)
		}
		_ = n.cmd.Wait()
		restart.Gone = since()
		r.nodes[i] = serve(r.t, 0, append([]string{"PORT=" + port(n.ws), "ADMIN_ADDR=" + n.admin}, r.env...)...)
		eventually(r.t, "the new node is ready", r.nodes[i].ready)
		restart.Ready = since()
		r.record.Restarts = append(r.record.Restarts, restart)
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
