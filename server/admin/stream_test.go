package admin

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"momentum/server"
	"momentum/server/view"
)

// streamed serves a node's sidecar on a real listener, and returns its address.
func streamed(t testing.TB, s *server.Server, now func() time.Time) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	sidecar := NewHTTPServer(handlerOf(s, "a token"), slog.New(slog.DiscardHandler), now)
	var serving sync.WaitGroup
	serving.Go(func() { _ = sidecar.Serve(l) })
	t.Cleanup(func() { sidecar.Close(); serving.Wait() })
	return l.Addr().String()
}

// watch opens a stream on a connection of its own, and reads the head of the answer.
func watch(t testing.TB, addr, query string) (*bufio.Reader, net.Conn) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	fmt.Fprintf(c, "GET /ws/stream%s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a token\r\n\r\n", query)
	r := bufio.NewReaderSize(c, 1<<17)
	answer, err := http.ReadResponse(r, nil)
	if err != nil || answer.StatusCode != 200 || answer.Header.Get("Content-Type") != "text/event-stream" || answer.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%+v, %v", answer, err)
	}
	return bufio.NewReaderSize(answer.Body, 1<<17), c
}

// event reads the next event.
func event(t testing.TB, r *bufio.Reader) (name, data string) {
	t.Helper()
	for _, field := range []struct {
		prefix string
		value  *string
	}{{"event: ", &name}, {"data: ", &data}, {"", new(string)}} {
		line, err := r.ReadString('\n')
		if err != nil || !strings.HasPrefix(line, field.prefix) {
			t.Fatalf("%q, %v", line, err)
		}
		*field.value = strings.TrimSuffix(strings.TrimPrefix(line, field.prefix), "\n")
	}
	return name, data
}

// TestAStreamBeginsWithTheHistory: then come views, and at the end of the node an event says so.
func TestAStreamBeginsWithTheHistory(t *testing.T) {
	s, _ := newNode(t)
	addr := streamed(t, s, time.Now)
	first, _ := watch(t, addr, "?history=false")
	if name, data := event(t, first); name != "caller" || data != `{"name":"admin","right":"write"}` {
		t.Errorf("it begins with %s %s", name, data)
	}
	name, data := event(t, first)
	var now view.View
	if err := json.Unmarshal([]byte(data), &now); err != nil || name != "view" || now.Connections.Limit != 100 || now.Viewers.Now != 1 {
		t.Errorf("%s %s, %v", name, data, err)
	}
	second, _ := watch(t, addr, "")
	_, _ = event(t, second)
	name, data = event(t, second)
	var past view.History
	if err := json.Unmarshal([]byte(data), &past); err != nil || name != "history" || len(past.Seconds) == 0 || past.Seconds[0] > now.Seconds {
		t.Errorf("%s %s, %v", name, data, err)
	}
	if name, _ := event(t, second); name != "view" {
		t.Errorf("%s comes after the history", name)
	}
	s.Views.Stop()
	for name = "view"; name == "view"; {
		name, data = event(t, second)
	}
	if rest, err := io.ReadAll(second); name != "end" || data != `{"reason":"stopped"}` || len(rest) > 0 || err != nil {
		t.Errorf("%s %s, then %q, %v", name, data, rest, err)
	}
	(call{path: "/ws/stream", headers: header("Authorization", "Bearer a token")}).expect(t, handlerOf(s, "a token"), "stopping")
	if got := s.Stats().Viewers.Refused; got != 0 {
		t.Errorf("%d viewers are counted as refused by a node that stops", got)
	}
}

// TestAStreamFollowsTheAccessRule: it needs the same token as the other calls, and there are few places.
func TestAStreamFollowsTheAccessRule(t *testing.T) {
	s, _ := newNode(t, func(o *server.Options) { o.MaxViewers = 0 })
	h := handlerOf(s, "a token")
	(call{path: "/ws/stream"}).expect(t, h, "unauthorized")
	(call{path: "/ws/stream", headers: header("Authorization", "Bearer a token")}).expect(t, h, "too_many_viewers")
	(call{path: "/ws/stream?history=much", headers: header("Authorization", "Bearer a token")}).expect(t, h, "bad_history")
	(call{path: "/ws/stream", host: "rebound.example"}).expect(t, handlerOf(s, ""), "foreign_host")
	(call{path: "/ws/stream", headers: header("Origin", "https://other.example")}).expect(t, handlerOf(s, ""), "foreign_origin")
	if got := s.Stats().Viewers.Refused; got != 1 {
		t.Errorf("%d viewers are counted as refused", got)
	}
}

// TestAStreamEndsIfItsAccessRuleIsNoLongerInForce asks a handler that was made before a reload, as a request does that the reload overtakes.
func TestAStreamEndsIfItsAccessRuleIsNoLongerInForce(t *testing.T) {
	s, _ := newNode(t)
	addr := streamed(t, s, time.Now)
	s.Views.Reload(func() {})
	r, _ := watch(t, addr, "?history=false")
	if text, err := io.ReadAll(r); err != nil || !strings.HasSuffix(string(text), "event: end\ndata: {\"reason\":\"reloaded\"}\n\n") {
		t.Errorf("%q, %v", text, err)
	}
}

func TestHeadOfAStreamEndsAtOnce(t *testing.T) {
	s, _ := newNode(t)
	status, body, headers := (call{method: "HEAD", path: "/ws/stream"}).on(t, handlerOf(s, ""))
	if status != 200 || body != "" || headers.Get("Content-Type") != "text/event-stream" || s.Stats().Viewers.Now != 0 {
		t.Errorf("%d %q %v", status, body, headers)
	}
}

// crowd is a thousand viewers of a feed, in a process of their own, so that the processor time of this one is the server's alone.
type crowd struct {
	feed  *view.Feed
	mu    sync.Mutex
	conns []net.Conn
	all   chan struct{} // closed when all have come
}

const (
	crowdSize = 1000
	crowdAt   = "MOMENTUM_CROWD_AT" // address to which the process of the viewers connects
)

func newCrowd(tb testing.TB) *crowd {
	tb.Helper()
	w := &crowd{feed: view.NewFeed(crowdSize, 0, time.Now), all: make(chan struct{})}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	sidecar := NewHTTPServer(http.HandlerFunc(w.serve), slog.New(slog.DiscardHandler), time.Now)
	go func() { _ = sidecar.Serve(l) }()
	viewers := exec.Command(os.Args[0], "-test.run", "^TestViewersOfACrowd$")
	viewers.Env = append(os.Environ(), crowdAt+"="+l.Addr().String())
	viewers.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := viewers.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { sidecar.Close(); w.feed.Stop(); _ = viewers.Wait() })
	<-w.all
	return w
}

// TestViewersOfACrowd is the process of the viewers. It reads until the server closes.
func TestViewersOfACrowd(t *testing.T) {
	addr := os.Getenv(crowdAt)
	if addr == "" {
		t.Skip("another test starts it")
	}
	var all sync.WaitGroup
	for range crowdSize {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		all.Go(func() { _, _ = io.Copy(io.Discard, c) })
	}
	all.Wait()
}

func (w *crowd) serve(to http.ResponseWriter, _ *http.Request) {
	viewer, _ := w.feed.Enter(view.AdminPort, w.feed.Term())
	conn, _, _ := http.NewResponseController(to).Hijack()
	viewer.Serve(conn, []byte("HTTP/1.1 200 OK\r\n\r\n"))
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conns = append(w.conns, conn); len(w.conns) == crowdSize {
		close(w.all)
	}
}

// give writes a view to all viewers, and returns the processor time of that.
func (w *crowd) give(text []byte) time.Duration {
	before := processorTime()
	w.feed.Publish(text)
	return processorTime() - before
}

// processorTime returns the processor time of this process.
func processorTime() time.Duration {
	var all syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &all)
	return time.Duration(all.Utime.Nano() + all.Stime.Nano())
}

// usualView is a view of usual size.
func usualView(tb testing.TB) []byte {
	tb.Helper()
	s, _ := newNode(tb)
	now := s.Views.Last()
	now.Reactors = make([]view.Reactor, 8)
	text, err := json.Marshal(&now)
	if err != nil {
		tb.Fatal(err)
	}
	return view.Event("view", text)
}

// TestViewersCostLittleMoreThanTheWrites gives views to a thousand viewers, and writes the same bytes to them without a feed. The writes alone
// take some 7 ms of a core where docs/OPERATIONS.md was measured, and that is the kernel's. The least of some rounds counts: on a busy
// machine, other programs empty the caches.
func TestViewersCostLittleMoreThanTheWrites(t *testing.T) {
	if testing.Short() {
		t.Skip("it opens two thousand sockets")
	}
	text, w, views, writes := usualView(t), newCrowd(t), time.Hour, time.Hour
	for range 20 {
		views = min(views, w.give(text))
		for _, c := range w.conns {
			_ = c.SetWriteDeadline(time.Time{}) // that of the feed has passed
		}
		before := processorTime()
		for _, c := range w.conns {
			if _, err := c.Write(text); err != nil {
				t.Fatal(err)
			}
		}
		writes = min(writes, processorTime()-before)
	}
	t.Logf("%v for %d bytes, the writes alone %v", views, len(text), writes)
	if views > writes*2 {
		t.Errorf("a view for a thousand viewers takes %v, and the writes alone %v", views, writes)
	}
}

// BenchmarkViewers gives a view to a thousand viewers.
func BenchmarkViewers(b *testing.B) {
	text, w, used := usualView(b), newCrowd(b), time.Duration(0)
	for b.Loop() {
		used += w.give(text)
	}
	b.ReportMetric(float64(used.Microseconds())/float64(b.N), "cpu-µs/view")
}

// TestAViewerOnTheWebSocketPortTakesOneOfItsPlaces: there are few of them.
func TestAViewerOnTheWebSocketPortTakesOneOfItsPlaces(t *testing.T) {
	r, err := http.NewRequestWithContext(withBind((&Handoff{addr: &net.TCPAddr{}}).Addr()), "GET", "/ws/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	if doorOf(r) != view.PublicPort || doorOf(r.WithContext(t.Context())) != view.AdminPort {
		t.Error("the ports have each other's places")
	}
}
