package siege

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"momentum/internal/redistest"
	"momentum/server/auth"
)

// fleetSize is the number of clients, and flatStep the time in which some ten of them arrive.
var (
	fleetSize = sized(300, 1000)
	flatStep  = sized(333, 100) // milliseconds
)

// happening is a change of a client of a fleet, or a message that it has received.
type happening struct {
	At      float64 `json:"at"` // milliseconds since 1970
	Client  int     `json:"client"`
	State   string  `json:"state"`
	Why     string  `json:"why"`
	Until   float64 `json:"until"` // the next attempt, in milliseconds since 1970
	Text    string  `json:"text"`
	Trouble string  `json:"trouble"` // a gap, a position that is not resumed, or a message that could not be sent
}

// fleet is many copies of a client.
type fleet interface {
	add(token string)
	send(text string) // from each client to the user of the next one
}

// book has what has happened to a fleet, in order.
type book struct {
	mu   sync.Mutex
	all  []happening
	open map[int]bool
}

func (b *book) note(h happening) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all = append(b.all, h)
	if h.State != "" {
		b.open[h.Client] = h.State == "open"
	}
}

// opened returns how many clients are connected.
func (b *book) opened() (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, open := range b.open {
		if open {
			n++
		}
	}
	return n
}

// texts returns how many messages have come.
func (b *book) texts() (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, h := range b.all {
		if h.Text != "" {
			n++
		}
	}
	return n
}

// fleets are the two clients, by name.
var fleets = map[string]func(t *testing.T, url string, b *book) fleet{"JavaScript": startNodeFleet, "Go": startGoFleet}

func fleetUser(client int) string { return fmt.Sprint("fleet", client) }

// fleetTest is a fleet and its node.
type fleetTest struct {
	*testing.T
	fleet fleet
	book  *book
	sent  []string // texts that each client must receive once
}

func newFleet(t *testing.T, start func(*testing.T, string, *book) fleet, n *node) *fleetTest {
	b := &book{open: make(map[int]bool)}
	f := &fleetTest{T: t, fleet: start(t, "ws://"+n.ws+"/ws", b), book: b}
	for i := range fleetSize {
		f.fleet.add(token(t, fleetUser(i)))
	}
	return f
}

// send has each client send a text.
func (f *fleetTest) send(text string) {
	f.sent = append(f.sent, text)
	f.fleet.send(text)
}

// broadcast sends a text to all, with an id, until a node has taken it.
func (f *fleetTest) broadcast(admin, text string) {
	f.Helper()
	f.sent = append(f.sent, text)
	body := fmt.Sprintf(`{"id":%q,"message_type":"text","data":%q}`, text, text)
	client := http.Client{Timeout: patience}
	eventually(f.T, "the broadcast is taken", func() bool {
		answer, err := client.Post("http://"+admin+"/ws/broadcast", "application/json", bytes.NewReader([]byte(body)))
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
}

// complete waits until all clients are connected and all messages are there, and checks that each client has each once.
func (f *fleetTest) complete() {
	f.Helper()
	eventually(f.T, "all clients are connected", func() bool { return f.book.opened() == fleetSize })
	eventually(f.T, "all messages are there", func() bool { return f.book.texts() >= len(f.sent)*fleetSize })
	f.book.mu.Lock()
	defer f.book.mu.Unlock()
	type receipt struct {
		client int
		text   string
	}
	times := make(map[receipt]int)
	for _, h := range f.book.all {
		if h.Text != "" {
			times[receipt{h.Client, h.Text}]++
		}
		if h.Trouble != "" {
			f.Errorf("client %d: %s", h.Client, h.Trouble)
		}
	}
	for i := range fleetSize {
		for _, text := range f.sent {
			if n := times[receipt{i, text}]; n != 1 {
				f.Errorf("client %d has received %q %d times", i, text, n)
			}
		}
	}
}

// checkWaits checks that no client that waited for a reason was earlier than it was told, and that those clients came spread evenly. At full size
// that holds for the times at which they came. In a smaller test, which shares the processors with others, it holds for the times that
// the clients had chosen.
func (f *fleetTest) checkWaits(what, why string, shortest time.Duration) {
	f.Helper()
	chosen, came := f.attempts(why, shortest)
	f.checkFlat(what+", as chosen", chosen)
	if full {
		f.checkFlat(what+", as they came", came)
	}
}

// attempts returns the times for which clients that waited for a reason had chosen their next attempts, and those of the attempts.
func (f *fleetTest) attempts(why string, shortest time.Duration) (chosen, came []float64) {
	f.Helper()
	f.book.mu.Lock()
	defer f.book.mu.Unlock()
	waits := make(map[int]happening)
	for _, h := range f.book.all {
		wait, waited := waits[h.Client]
		switch h.State {
		case "waiting":
			waits[h.Client] = h
			continue
		case "connecting":
			if !waited || wait.Why != why {
				break
			}
			chosen, came = append(chosen, wait.Until), append(came, h.At)
			if h.At < wait.Until-3 || h.At < wait.At+float64(shortest.Milliseconds()) {
				f.Errorf("client %d waits from %.0f until %.0f, and comes at %.0f", h.Client, wait.At, wait.Until, h.At)
			}
		}
		if h.State != "" {
			delete(waits, h.Client)
		}
	}
	return chosen, came
}

// refusedAgain returns how often a client was told to wait for a reason although its last wait for it had ended less than a time ago.
func (f *fleetTest) refusedAgain(why string, reserved time.Duration) (n int) {
	f.book.mu.Lock()
	defer f.book.mu.Unlock()
	last := make(map[int]happening)
	for _, h := range f.book.all {
		if h.State != "waiting" {
			continue
		}
		if before, again := last[h.Client]; again && before.Why == why && h.Why == why && h.At < before.Until+float64(reserved.Milliseconds()) {
			n++
		}
		last[h.Client] = h
	}
	return n
}

// checkFlat checks that times are spread evenly: in no step are there more than three times as many as on average.
func (f *fleetTest) checkFlat(what string, times []float64) {
	f.Helper()
	if len(times) == 0 {
		f.Fatalf("there are no %s", what)
	}
	step := float64(flatStep)
	slices.Sort(times)
	first, last := times[0], times[len(times)-1]
	steps := make([]int, int((last-first)/step)+1)
	for _, at := range times {
		steps[int((at-first)/step)]++
	}
	mean, most := float64(len(times))/float64(len(steps)), slices.Max(steps)
	f.Logf("%d %s in %.1f s: %.1f in %d ms on average, %d at most", len(times), what, (last-first)/1000, mean, flatStep, most)
	if float64(most) > 3*mean {
		f.Errorf("%d %s in %d ms, of %.1f on average", most, what, flatStep, mean)
	}
}

// TestAFleetReturnsAfterARestart restarts the node of a fleet. Its clients come back when they were told to, spread evenly, and miss and
// repeat nothing.
func TestAFleetReturnsAfterARestart(t *testing.T) {
	if !full {
		t.Parallel()
	}
	for name, start := range fleets {
		t.Run(name, func(t *testing.T) {
			env := []string{"REDIS_URL=" + redistest.Start(t, "appendonly no").URL(), "DRAIN_TIMEOUT=4", "WS_MAX_CONNECTIONS_PER_IP=0"}
			n := serve(t, 0, env...)
			eventually(t, "the node is ready", n.ready)
			f := newFleet(t, start, n)
			eventually(t, "all clients are connected", func() bool { return f.book.opened() == fleetSize })
			f.send("before")
			f.broadcast(n.admin, "to all, before")
			if err := n.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			f.send("meanwhile")
			_ = n.cmd.Wait()
			next := serve(t, 0, append([]string{"PORT=" + port(n.ws), "ADMIN_ADDR=" + n.admin}, env...)...)
			eventually(t, "the new node is ready", next.ready)
			f.broadcast(next.admin, "to all, meanwhile")
			f.send("after")
			f.complete()
			f.checkWaits("returns", "close:1012", time.Second)
		})
	}
}

// TestAFleetIsAdmittedAtTheRate has a fleet connect at once to a node that admits a tenth of it in a second. No client asks before
// it was told to, and then it is admitted, unless it is more than two seconds late, as on a busy machine.
func TestAFleetIsAdmittedAtTheRate(t *testing.T) {
	if !full {
		t.Parallel()
	}
	rate := fleetSize / 10
	for name, start := range fleets {
		t.Run(name, func(t *testing.T) {
			n := serve(t, 0, fmt.Sprint("WS_HANDSHAKE_RATE=", rate), "WS_MAX_CONNECTIONS_PER_IP=0")
			began := time.Now()
			f := newFleet(t, start, n)
			patiently(t, 3*patience, "all clients are connected", func() bool { return f.book.opened() == fleetSize })
			took := time.Since(began)
			f.checkWaits("attempts after a wait", "busy", 0)
			t.Logf("all are in after %v; refused: %v", took.Round(time.Millisecond), n.stats().Refused)
			if n := f.refusedAgain("busy", 2*time.Second); n > fleetSize/10 {
				t.Errorf("%d of %d clients came when they were told to, and were refused again", n, fleetSize)
			}
		})
	}
}

// decode reads a line of a fleet in another process.
func (b *book) decode(line []byte) error {
	var h happening
	err := json.Unmarshal(line, &h)
	if err == nil {
		b.note(h)
	}
	return err
}

func fleetUserID(client int) string { return auth.UserID(fleetUser(client % fleetSize)).String() }
