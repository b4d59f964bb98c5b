package siege

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"momentum/server/auth"
)

const (
	guests = 6

	// pace is how often each guest says something, by turns to all and to the next of them: 150 messages and 450
	// deliveries a second, so that a second is enough for a p99.
	pace = 40 * time.Millisecond

	// A p99 under attack may be this much, or so many times the quiet one, and so many times the control's on top. The
	// attackers and the witness are one process, under the race detector, on the cores that the node has too, and
	// an echo that nobody attacks has been seen to take half a second beside them; a message takes a wake-up more than
	// an echo. What is shown is that nobody waits for another's timeout or backlog, which are seconds.
	mostP99   = 500 * time.Millisecond
	timesP99  = 20
	timesHost = 2
	quietTime = time.Second
)

// witness is a handful of well-behaved users, on a library that is not ours, who talk to each other at a steady
// pace whatever happens around them. What they say is numbered, and dated by when it was due: a node that holds up
// a sender does not make the measured time shorter.
type witness struct {
	t     *testing.T
	node  *node
	all   []*guest
	host  *control
	heard atomic.Int64 // messages
}

type guest struct {
	number int
	conn   *websocket.Conn
	sent   [2]int // to all, to the next

	mu   sync.Mutex
	last [guests][2]int // highest number heard of each
	took []time.Duration
}

// said is the data of what guests say.
type said struct {
	From, Kind, Number int
	Due                int64
}

func gather(t *testing.T, n *node) *witness {
	t.Helper()
	w := &witness{t: t, node: n, host: startControl(t)}
	for i := range guests {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		conn, _, err := websocket.Dial(ctx, "ws://"+n.ws+"/ws", &websocket.DialOptions{
			HTTPHeader: http.Header{"Authorization": {"Bearer " + token(t, guestName(i))}},
		})
		if err != nil {
			t.Fatal(err)
		}
		conn.SetReadLimit(1 << 20)
		t.Cleanup(func() { _ = conn.CloseNow() })
		g := &guest{number: i, conn: conn}
		w.all = append(w.all, g)
		go w.listen(g)
	}
	return w
}

func guestName(i int) string { return fmt.Sprintf("guest%d", i) }

// listen takes down what a guest hears until its connection ends.
func (w *witness) listen(g *guest) {
	for {
		_, text, err := g.conn.Read(w.t.Context())
		if err != nil {
			if w.t.Context().Err() == nil {
				w.t.Errorf("a guest was cut off: %v", err)
			}
			return
		}
		now := time.Now().UnixNano()
		switch kind := messageType(text); {
		case kind == "error":
			w.t.Errorf("a guest was told %s", text)
		case kind == "text" && len(text) < 1024: // longer ones are the attackers'
			w.note(g, text, now)
		}
	}
}

func messageType(text []byte) string {
	_, rest, _ := strings.Cut(string(text[:min(len(text), 256)]), `"message_type":"`)
	kind, _, _ := strings.Cut(rest, `"`)
	return kind
}

func (w *witness) note(g *guest, text []byte, now int64) {
	var m struct{ Data json.RawMessage }
	var s said
	if json.Unmarshal(text, &m) != nil || json.Unmarshal(m.Data, &s) != nil {
		return // an attacker's
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if want := g.last[s.From][s.Kind] + 1; s.Number != want {
		w.t.Errorf("guest %d heard number %d of guest %d where %d was next", g.number, s.Number, s.From, want)
	}
	g.last[s.From][s.Kind] = s.Number
	g.took = append(g.took, time.Duration(now-s.Due))
	w.heard.Add(1)
}

// speak has a guest talk until stop is closed.
func (w *witness) speak(g *guest, stop <-chan struct{}) {
	start := time.Now().Add(pace * time.Duration(g.number) / guests)
	for i := 0; ; i++ {
		due := start.Add(time.Duration(i) * pace)
		select {
		case <-stop:
			return
		case <-time.After(time.Until(due)):
		}
		kind, to := i%2, ""
		if kind == 1 {
			to = fmt.Sprintf(`,"to_user_id":"%s"`, auth.UserID(guestName((g.number+1)%guests)))
		}
		g.sent[kind]++
		text := fmt.Sprintf(`{"message_type":"text","data":{"from":%d,"kind":%d,"number":%d,"due":%d}%s}`,
			g.number, kind, g.sent[kind], due.UnixNano(), to)
		if err := g.conn.Write(w.t.Context(), websocket.MessageText, []byte(text)); err != nil {
			w.t.Errorf("a guest cannot speak: %v", err)
			return
		}
	}
}

// figures are what the guests felt.
type figures struct {
	messages      int
	p50, p99, max time.Duration
	host          time.Duration // the control's p99
}

func (f figures) String() string {
	return fmt.Sprintf("%d deliveries, p50 %v, p99 %v, max %v; p99 of the control %v", f.messages, f.p50.Round(10*time.Microsecond), f.p99.Round(10*time.Microsecond), f.max.Round(10*time.Microsecond), f.host.Round(10*time.Microsecond))
}

// during has the guests talk while something happens, and waits until all they said was heard.
func (w *witness) during(happens func()) figures {
	w.t.Helper()
	stop := make(chan struct{})
	var speakers sync.WaitGroup
	for _, g := range w.all {
		g.mu.Lock()
		g.took = g.took[:0]
		g.mu.Unlock()
		speakers.Go(func() { w.speak(g, stop) })
	}
	var echoes []time.Duration
	speakers.Go(func() { echoes = w.host.during(stop) })
	happens()
	close(stop)
	speakers.Wait()
	expected := 0
	for _, g := range w.all {
		expected += g.sent[0]*(guests-1) + g.sent[1]
	}
	eventually(w.t, "all that the guests said was heard", func() bool { return int(w.heard.Load()) == expected })
	var took []time.Duration
	for _, g := range w.all {
		g.mu.Lock()
		took = append(took, g.took...)
		g.mu.Unlock()
	}
	slices.Sort(took)
	slices.Sort(echoes)
	at := func(sorted []time.Duration, percent int) time.Duration { return sorted[(len(sorted)-1)*percent/100] }
	return figures{len(took), at(took, 50), at(took, 99), at(took, 100), at(echoes, 99)}
}

// withstand compares what the guests feel under an attack with what they feel without, and keeps an eye on the log.
func (w *witness) withstand(attack func()) {
	w.t.Helper()
	quiet := w.during(func() { <-time.After(quietTime) })
	loud := w.endure(attack)
	if most := max(mostP99, timesP99*quiet.p99) + timesHost*loud.host; loud.p99 > most {
		w.t.Errorf("p99 of %v under attack, %v without, and of the control %v: at most %v is fair", loud.p99, quiet.p99, loud.host, most)
	}
	w.t.Logf("quiet: %v", quiet)
}

// endure is withstand where service may stop for the attack's duration; nothing may be lost all the same.
func (w *witness) endure(attack func()) figures {
	w.t.Helper()
	spent, began := w.node.time(), time.Now()
	linesBefore, namedBefore := w.node.log.count()
	loud := w.during(attack)
	w.t.Logf("under attack: %v; the node took %v of a core", loud, w.node.time()-spent)
	lines, named := w.node.log.count()
	lines, named = lines-linesBefore, named-namedBefore
	if seconds := int(time.Since(began)/time.Second) + 2; lines-named > mostLines || named > seconds*mostNamed {
		w.t.Errorf("the node logged %d lines, and %d about clients that it has closed, in less than %d s", lines-named, named, seconds)
	}
	if strings.Contains(w.node.log.text(), `"level":"ERROR"`) {
		w.t.Error("the node logged an error")
	}
	return loud
}

// alone waits until the guests are all that is left on the node.
func (w *witness) alone() {
	w.t.Helper()
	eventually(w.t, "only the guests are left", func() bool {
		s := w.node.stats()
		return s.Sockets == guests && s.Total == guests
	})
}
