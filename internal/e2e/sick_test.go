package e2e

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	coder "github.com/coder/websocket"

	"momentum/internal/redistest"
	"momentum/server/auth"
)

// sick is two nodes and the Redis that joins them, each through a proxy.
type sick struct {
	*twoNodes
	redis   *redistest.Server
	replica *redistest.Server
	proxies [2]*redistest.Proxy
	aged    *aged
	dave    *resumer // is away during the fault
}

// row is a row of the table in docs/OPERATIONS.md.
type row struct {
	fault, ready          string
	calls                 []string // one of these
	message, metrics, log string
	back, resume          string
}

// ailment is how a test makes the fault of a row, and ends it.
type ailment struct {
	directives []string
	wrong      bool                           // the nodes cannot be ready from the start on
	url        func(*testing.T, *sick) string // of the nodes; nil: through the proxy
	begin, end func(*testing.T, *sick)
	replica    bool
	lossy      bool // what is sent meanwhile may be lost: clients are told so
}

var table = regexp.MustCompile("(?m)^\\| `([a-z ]+)`: .*\\|$")

// rows reads the table of docs/OPERATIONS.md. In each cell, the words in backticks count.
func rows(t *testing.T) (all []row) {
	t.Helper()
	text, err := os.ReadFile("../../docs/OPERATIONS.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(text), "\n## When Redis is sick\n")
	if !ok {
		t.Fatal("docs/OPERATIONS.md has no section about a sick Redis")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	for _, line := range table.FindAllString(section, -1) {
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if len(cells) != 8 {
			t.Fatalf("%d cells in %s", len(cells), line)
		}
		calls := strings.Split(cells[2], " or ")
		for _, list := range [][]string{cells, calls} {
			for i, cell := range list {
				list[i] = marked(cell)
			}
		}
		all = append(all, row{cells[0], cells[1], calls, cells[3], cells[4], cells[5], cells[6], cells[7]})
	}
	return all
}

// marked returns the texts in backticks, with spaces between.
func marked(cell string) string {
	var found []string
	for i, part := range strings.Split(cell, "`") {
		if i%2 == 1 {
			found = append(found, part)
		}
	}
	return strings.Join(found, " ")
}

// TestASickRedisDoesWhatOperationsSays makes each fault of the table in docs/OPERATIONS.md, and compares what the nodes do.
func TestASickRedisDoesWhatOperationsSays(t *testing.T) {
	t.Parallel()
	all := rows(t)
	if len(all) != len(ailments) {
		t.Errorf("docs/OPERATIONS.md has %d faults, and the test %d", len(all), len(ailments))
	}
	for _, r := range all {
		a, ok := ailments[r.fault]
		if !ok {
			t.Errorf("the test has no fault %q", r.fault)
			continue
		}
		t.Run(r.fault, func(t *testing.T) {
			t.Parallel()
			newSick(t, a).suffer(t, a, r)
		})
	}
}

func newSick(t *testing.T, a ailment) *sick {
	t.Helper()
	s := &sick{redis: redistest.Start(t, a.directives...)}
	if a.replica {
		s.replica = s.redis.Replica(t)
	}
	var urls [2]string
	for i := range urls {
		s.proxies[i] = redistest.NewProxy(t, s.redis.Addr())
		urls[i] = "redis://" + s.proxies[i].Addr()
		if a.url != nil {
			urls[i] = a.url(t, s)
		}
	}
	s.twoNodes = startTwo(t, urls, !a.wrong)
	return s
}

// network does something to the network between Redis and each node.
func (s *sick) network(do func(*redistest.Proxy)) {
	for _, p := range s.proxies {
		do(p)
	}
}

// suffer makes a fault, and ends it.
func (s *sick) suffer(t *testing.T, a ailment, r row) {
	t.Helper()
	if !a.wrong {
		s.converses()
	}
	s.dave = resume(t, s.a, "dave")
	_ = s.dave.c.CloseNow()
	before := make(map[string]float64)
	for _, sample := range strings.Fields(r.metrics) {
		if !a.wrong {
			before[sample] = s.metric(sample)
		}
	}
	began := time.Now()
	if a.begin != nil {
		a.begin(t, s)
	}
	if r.calls[0] == "200" {
		s.calls(t, a, r, func() {
			s.wantReady(t, r, began)
			s.wantMetrics(t, r, before)
			s.heal(t, a, r)
		})
	} else {
		s.wantReady(t, r, began)
		eventually(t, "the node gives messages up", func() bool { return strings.Contains(s.a.text(), `"to":"local"`) })
		s.calls(t, a, r, func() {})
		s.local()
		s.wantMetrics(t, r, before)
		s.heal(t, a, r)
	}
	s.awaitMembers()
	s.converses()
	s.resumes(t, r)
}

// wantReady checks what /readyz says in time, and the log.
func (s *sick) wantReady(t *testing.T, r row, began time.Time) {
	t.Helper()
	const most = 4 * time.Second
	for _, n := range s.nodes() {
		if r.ready == "200" { // but for the moment of a new connection
			continue
		}
		eventually(t, "/readyz says "+r.ready, func() bool { return s.readiness(n) == r.ready })
		if took := time.Since(began); took > most {
			t.Errorf("/readyz says it after %v", took)
		}
	}
	eventually(t, "a node logs "+r.log, func() bool { return strings.Contains(s.a.text()+s.b.text(), r.log) })
	if r.ready == "200" {
		s.awaitReady()
	}
}

// wantMetrics checks that the samples have risen, on one node or the other.
func (s *sick) wantMetrics(t *testing.T, r row, before map[string]float64) {
	t.Helper()
	for _, sample := range strings.Fields(r.metrics) {
		eventually(t, sample+" rises", func() bool { return s.metric(sample) > before[sample] })
	}
}

// metric returns the sum of a sample over both nodes.
func (s *sick) metric(sample string) (sum float64) {
	for _, n := range s.nodes() {
		_, body := ask(s.t, "GET", "http://"+n.admin+"/metrics", "")
		_, rest, found := strings.Cut(body, "\n"+sample+" ")
		line, _, _ := strings.Cut(rest, "\n")
		value, err := strconv.ParseFloat(line, 64)
		if !found || err != nil {
			s.t.Fatalf("%s is %q", sample, line)
		}
		sum += value
	}
	return sum
}

// readiness returns the status of /readyz, and the part that is not well.
func (s *sick) readiness(n *serving) string {
	status, body := ask(s.t, "GET", "http://"+n.admin+"/readyz", "")
	if status == 200 {
		return "200"
	}
	return fmt.Sprint(status, " ", logged(body, "status"))
}

// calls sends as an administrator and as a client, and compares the answers, while the test goes on.
func (s *sick) calls(t *testing.T, a ailment, r row, meanwhile func()) {
	t.Helper()
	var all sync.WaitGroup
	id := s.id("message")
	ids := []string{id}
	for _, call := range []struct{ path, to string }{
		{"/ws/send", `"to_user_id":"` + auth.UserID("carol").String() + `",`},
		{"/ws/broadcast", ""},
	} {
		id := s.id("call")
		ids = append(ids, id)
		all.Go(func() {
			status, body := ask(t, "POST", "http://"+s.a.admin+call.path, `{"id":"`+id+`",`+call.to+`"message_type":"text","data":"x"}`)
			if got := strings.TrimSpace(fmt.Sprint(status, " ", logged(body, "error"))); !slices.Contains(r.calls, got) {
				t.Errorf("%s is answered %s, not %s: %s", call.path, got, r.calls, body)
			}
		})
	}
	s.alice.says(id, "carol", true)
	meanwhile()
	if got := s.alice.outcome(id); got != r.message {
		t.Errorf("a message with ack is answered with %s, not %s", got, r.message)
	}
	all.Wait()
	if r.calls[0] == "200" && !a.lossy {
		s.carol.hears(ids...)
	}
}

// local checks that clients of one node go on hearing each other, and that new ones can connect.
func (s *sick) local() {
	s.t.Helper()
	newcomer := resume(s.t, s.a, "newcomer")
	all, direct := s.id("local"), s.id("local")
	s.alice.says(all, "", false)
	s.alice.says(direct, "bob", false)
	for _, id := range []string{all, direct} {
		if m := s.bob.hears(id); m.Seq != 0 {
			s.t.Errorf("a message that is delivered on one node has the number %d", m.Seq)
		}
	}
	newcomer.hears(all)
}

// heal ends the fault. Both nodes are ready again within the time of the row.
func (s *sick) heal(t *testing.T, a ailment, r row) {
	t.Helper()
	if a.end == nil {
		return
	}
	a.end(t, s)
	began := time.Now()
	within, err := time.ParseDuration(strings.ReplaceAll(r.back, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	s.awaitReady()
	took := time.Since(began)
	t.Logf("ready again after %v", took.Round(10*time.Millisecond))
	if took > within {
		t.Errorf("the nodes are ready after %v, not %v", took, within)
	}
}

// resumes has a client come back to the other node that was away during the fault.
func (s *sick) resumes(t *testing.T, r row) {
	t.Helper()
	w := s.dave.dial(t, "ws://"+s.b.ws, coder.DialOptions{})
	got := w.Reason
	if w.Resumed {
		got = "resumed"
	}
	if got != r.resume {
		t.Errorf("a client that comes back is welcomed with %+v, want %s", w, r.resume)
	}
}
