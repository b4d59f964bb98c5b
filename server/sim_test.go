package server

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// TestSimulatedRoom runs a node of two reactors in the simulation: more members on each than one turn
// serves, turns in a random order and in between everything else, people who come, go, break and lag. Each
// hears every sender's messages in order and without a gap from the moment the first one reaches them, what
// is for all and what is for one in one sequence; some take messages compressed. A failure prints its seed, which replays it exactly.
func TestSimulatedRoom(t *testing.T) {
	for seed := uint64(1); seed <= 3; seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			s := newSimulation(t, seed)
			for range 2000 {
				s.step()
			}
			s.w.net.Settle()
			s.listenAll()
			if err := s.w.audit(); err != nil {
				t.Error(err)
			}
			s.everybodyLeaves()
		})
	}
}

type simulation struct {
	t       *testing.T
	w       *world
	random  *rand.Rand
	members []*simMember
	born    int
	voices  [4]simVoice
}

// simVoice is one of the senders, whose messages are checked.
type simVoice struct {
	client *client
	number int // messages said
	all    int // of them, to everybody
}

// simMember is a client that checks what it hears.
type simMember struct {
	*client
	heard [4]struct {
		known       bool
		number, all int
	}
}

func newSimulation(t *testing.T, seed uint64) *simulation {
	s := &simulation{t: t, random: rand.New(rand.NewPCG(seed, 99))}
	s.w = newWorld(t, seed, func(o *Options) {
		o.Reactors, o.RateLimit, o.Compression = 2, 0, true
		o.MaxPerAddress, o.TrustedProxies = 4, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	})
	for i := range s.voices {
		s.voices[i].client = s.w.join(fmt.Sprintf("voice%d", i))
	}
	for range 600 {
		s.enter()
	}
	return s
}

func (s *simulation) enter() {
	s.born++
	from := netip.AddrFrom4([4]byte{192, 0, 2, byte(s.random.IntN(200))}) // some are refused
	s.w.net.From = from
	if s.born%3 == 0 {
		s.w.net.From = netip.MustParseAddr("10.0.0.1")
	}
	c := &client{Peer: s.w.net.Dial(), name: fmt.Sprintf("member%d", s.born)}
	request := upgradeRequest(s.w.token(c.name))
	switch s.born % 4 {
	case 1:
		request = offering(request, "")
	case 2:
		request = offering(request, "; server_max_window_bits=10") // gets everything plain
	}
	if s.born%3 == 0 {
		request = append(proxyV2(from.String()), request...)
	}
	c.Send(request)
	s.members = append(s.members, &simMember{client: c})
}

// step is one thing that happens, and sometimes a turn of one reactor.
func (s *simulation) step() {
	i := s.random.IntN(len(s.members))
	m := s.members[i]
	switch n := s.random.IntN(100); {
	case n < 40:
		s.speak(&s.voices[s.random.IntN(len(s.voices))])
	case n < 50:
		s.enter()
	case n < 54:
		m.HangUp()
		s.leave(i)
	case n < 57:
		m.Reset()
		s.leave(i)
	case n < 60:
		m.Send(frame(8, []byte{3, 232}))
		s.leave(i)
	case n < 62:
		m.Window = 1000
	case n < 66:
		m.Open(1 << 20)
	case n < 67:
		s.w.net.Jump(time.Duration(s.random.IntN(300)) * time.Millisecond)
	default:
		s.w.net.Step()
	}
	s.listen(m)
}

func (s *simulation) leave(i int) {
	last := len(s.members) - 1
	s.members[i] = s.members[last]
	s.members = s.members[:last]
}

func (s *simulation) speak(v *simVoice) {
	to := ""
	v.number++
	if s.random.IntN(3) > 0 {
		v.all++
	} else {
		to = fmt.Sprintf(`,"to_user_id":"%s"`, userID(s.members[s.random.IntN(len(s.members))].name))
	}
	which, pad := strings.TrimPrefix(v.client.name, "voice"), ""
	if s.random.IntN(2) == 0 { // worth compressing
		pad = strings.Repeat(" word", 200)
	}
	v.client.text(fmt.Sprintf(`{"id":"v","message_type":"text","data":"v%s n%d all%d%s"%s}`, which, v.number, v.all, pad, to))
}

func (s *simulation) listenAll() {
	for _, m := range s.members {
		m.Open(1 << 30)
		s.listen(m)
	}
}

func (s *simulation) listen(m *simMember) {
	s.t.Helper()
	for _, line := range m.client.heard() {
		at := strings.Index(line, `"data":"v`)
		if at < 0 {
			continue
		}
		var voice, number, all int
		if _, err := fmt.Sscanf(line[at:], `"data":"v%d n%d all%d`, &voice, &number, &all); err != nil {
			s.t.Fatalf("%q: %v", line, err)
		}
		h := &m.heard[voice]
		direct := strings.Contains(line, "to_user_id")
		if h.known && (number <= h.number || all != h.all && (direct || all != h.all+1)) {
			s.t.Fatalf("%s heard number %d (%d to all) of voice %d behind number %d (%d to all)", m.name, number, all, voice, h.number, h.all)
		}
		h.known, h.number, h.all = true, number, all
	}
}

// everybodyLeaves, and nothing may be left of them.
func (s *simulation) everybodyLeaves() {
	for _, m := range s.members {
		m.HangUp()
	}
	for _, v := range s.voices {
		v.client.HangUp()
	}
	s.w.net.Advance(10 * time.Second)
	if open := s.w.server.group.Open(); open != 0 {
		s.t.Errorf("%d sockets are open with everybody gone", open)
	}
	if seats, live, users := s.w.server.seats.taken.Load(), s.w.server.sessionsNow(), s.w.server.hub.online.Load(); seats != 0 || live != 0 || users != 0 {
		s.t.Errorf("with everybody gone %d seats, %d sessions and %d users are left", seats, live, users)
	}
	if counted := s.w.server.addresses.count(); counted != 0 {
		s.t.Errorf("with everybody gone %d sockets are counted under their addresses", counted)
	}
	for i := range s.w.server.hub.shards {
		if n := len(s.w.server.hub.shards[i].users); n != 0 {
			s.t.Errorf("the hub remembers %d users behind the grace period", n)
		}
	}
}
