package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/netip"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"golang.org/x/sys/unix"

	"momentum/bench/crowd"
	"momentum/bench/nodes"
)

// setup is the first line that a generator reads.
type setup struct {
	First  int     `json:"first"`
	Number int     `json:"number"`
	Source [4]byte `json:"source"`
}

// command is each further line. A generator answers each with a line.
type command struct {
	Targets    []netip.AddrPort `json:"targets,omitempty"`    // where clients connect from now on
	Hold       *bool            `json:"hold,omitempty"`       // whether clients that were cut off stay away
	Broadcast  bool             `json:"broadcast,omitempty"`  // one client sends a message to all
	To         []int            `json:"to,omitempty"`         // users that are sent a direct message each
	Interval   time.Duration    `json:"interval,omitempty"`   // between two of them
	Clear      bool             `json:"clear,omitempty"`      // forget the messages received so far
	Histograms bool             `json:"histograms,omitempty"` // the answer has them
}

// answer is the state of a generator.
type answer struct {
	crowd.Figures
	Broadcasts int    `json:"broadcasts"` // received
	Directs    int    `json:"directs"`
	Unsent     int    `json:"unsent"`            // direct messages
	Refusal    string `json:"refusal,omitempty"` // of a handshake that was refused
	Latency    []byte `json:"latency,omitempty"`
	Error      string `json:"error,omitempty"`
}

// handshakes is how many clients of a generator connect to each of its targets at the same time, and maxHandshakes to all of them: a generator has a
// small share of a core. A node that is given 512 serves so many in a time slice that the kernel changes processes half as often as with 128.
const (
	handshakes    = 512
	maxHandshakes = 2048
)

// longest is the longest latency, and digits are those of the histograms. Latencies are in microseconds.
const (
	longest = int64(5 * time.Minute / time.Microsecond)
	digits  = 3
)

func newHistogram() *hdrhistogram.Histogram { return hdrhistogram.New(1, longest, digits) }

// generator is the clients of one node.
type generator struct {
	crowd               *crowd.Crowd
	latency             *hdrhistogram.Histogram
	broadcasts, directs int
	to                  []int
	due                 time.Time // of the next direct message
	interval            time.Duration
	sender              int // the client that sent last
	commands            chan command
	bell                int // an eventfd: there are commands
}

// generate is the program of a generator. It ends when its input does.
func generate(in io.Reader, out io.Writer) error {
	if _, err := nodes.RaiseFiles(); err != nil {
		return err
	}
	lines := json.NewDecoder(in)
	var s setup
	if err := lines.Decode(&s); err != nil {
		return err
	}
	g, err := newGenerator(s)
	if err != nil {
		return err
	}
	go g.listen(lines)
	return g.serve(json.NewEncoder(out))
}

func newGenerator(s setup) (g *generator, err error) {
	g = &generator{latency: newHistogram(), commands: make(chan command, 1)}
	if g.crowd, err = crowd.New(crowd.Options{Secret: nodes.Secret, Source: s.Source, First: s.First, Received: g.received}); err != nil {
		return nil, err
	}
	g.crowd.Add(s.Number)
	if g.bell, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return nil, err
	}
	return g, g.crowd.Watch(g.bell)
}

// listen reads commands.
func (g *generator) listen(lines *json.Decoder) {
	defer close(g.commands)
	for {
		var c command
		if lines.Decode(&c) != nil {
			_, _ = unix.Write(g.bell, []byte{1, 0, 0, 0, 0, 0, 0, 0})
			return
		}
		g.commands <- c
		_, _ = unix.Write(g.bell, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	}
}

// serve works for the clients, and obeys.
func (g *generator) serve(out *json.Encoder) error {
	var drained [8]byte
	for {
		select {
		case c, ok := <-g.commands:
			if !ok {
				return nil
			}
			_, _ = unix.Read(g.bell, drained[:])
			a := g.obey(c)
			if err := out.Encode(a); err != nil || a.Error != "" {
				return errors.Join(err, errors.New(a.Error))
			}
		default:
		}
		if err := errors.Join(g.sendDue(time.Now()), g.crowd.Step(g.wait())); err != nil {
			_ = out.Encode(answer{Figures: g.crowd.Figures, Error: err.Error()}) // it is the answer to the next command
			return err
		}
	}
}

// wait returns how long there is nothing to do without events; negative: for ever.
func (g *generator) wait() time.Duration {
	if len(g.commands) > 0 {
		return 0
	}
	if len(g.to) == 0 {
		return -1
	}
	return max(0, time.Until(g.due))
}

func (g *generator) obey(c command) answer {
	if c.Targets != nil {
		g.crowd.Targets, g.crowd.Underway = c.Targets, min(handshakes*len(c.Targets), maxHandshakes)
	}
	if c.Hold != nil {
		g.crowd.Hold = *c.Hold
	}
	if c.Clear {
		g.latency.Reset()
		g.broadcasts, g.directs = 0, 0
	}
	if c.To != nil {
		g.to, g.due, g.interval = c.To, time.Now(), c.Interval
	}
	a := answer{}
	if c.Broadcast {
		if err := g.crowd.Send(0, crowd.Text(crowd.Broadcast, -1, letters)); err != nil {
			a.Error = err.Error()
		}
	}
	if c.Histograms {
		a.Latency, _ = g.latency.Encode(hdrhistogram.V2CompressedEncodingCookieBase) // it writes to memory
	}
	if err := g.crowd.Refusal(); err != nil {
		a.Refusal = err.Error()
	}
	a.Figures, a.Broadcasts, a.Directs, a.Unsent = g.crowd.Figures, g.broadcasts, g.directs, len(g.to)
	return a
}

// letters is the length of the text in a message, beside its time.
const letters = 32

// sendDue sends the direct messages that are due, each from another client.
func (g *generator) sendDue(now time.Time) error {
	for len(g.to) > 0 && !now.Before(g.due) {
		g.sender = (g.sender + 7919) % g.crowd.Len() // a prime, so that every client has its turn
		if err := g.crowd.Send(g.sender, crowd.Text(crowd.Direct, g.to[0], letters)); err != nil {
			return err
		}
		g.to, g.due = g.to[1:], g.due.Add(g.interval)
	}
	return nil
}

func (g *generator) received(m *crowd.Message) error {
	switch m.Tag {
	case crowd.Broadcast:
		g.broadcasts++
	case crowd.Direct:
		g.directs++
	default:
		return nil
	}
	return g.latency.RecordValue(min(max((m.At-m.Sent)/int64(time.Microsecond), 1), longest))
}
