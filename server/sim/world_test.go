package sim

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/netpoll/netpolltest"
	"momentum/server"
	"momentum/server/auth"
)

var secret = []byte("a secret of more than thirty-two bytes")

// world is a node, its clients, and the model of the expected messages.
type world struct {
	t       *testing.T
	seed    uint64
	sc      scenario
	random  *rand.Rand
	net     *netpolltest.World
	server  *server.Server
	model   model
	zip     *zip
	padding []byte

	topics        map[string]*topic
	topicList     []*topic
	subscriptions int
	quiet         int      // how many messages were accepted when the node had nothing left to do
	posts         receipts // the administrator's
	users         []*user
	byName        map[string]*user
	census        map[netip.Prefix]*census
	left          []departure
	clients       []*client // with open connections
	byHandle      map[netpoll.Handle]*client
	witness       *client // the first client, which stays to the end
	dialling      *client
	dialled       int
	ids           uint64

	began    time.Time
	until    time.Time // the end of this step
	agenda   agenda
	woken    uint32 // the tick of the next wakes
	steps    int
	settled  bool      // everything there was to do has been done
	stalling bool      // the process stands still in this step
	behind   bool      // some bytes that came during the last run are still unread
	calm     bool      // clients begin nothing more
	outUntil time.Time // until then no token is checked
	partedAt time.Time // when a connection ended last
	draining bool
	pending  int // handshakes whose token is with a worker
	ghosts   int // of these, how many have gone meanwhile
	admitted int
	inquired int    // inquiries that a handshake would be admitted after
	reached  uint64 // handshakes for which the node has written a 101, even if it broke
	messages int

	settles   int    // settled steps up to now
	settledAt uint32 // the tick of the last one

	epoch     string
	replaying []*client // clients that get missed messages in more than one write
	tally     tally

	registry   *registry // nil: the tokens are believed
	turn       int       // counts the changes of users
	tokens     int
	revokedIDs map[string]bool
	evicted    []eviction

	told     presence // parsed last
	toldText string

	mustAnswer, mustPart, mustGo deadlines

	trace uint64
	last  [80]event
	noted int
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{t: t, seed: seed, zip: newZip(), byHandle: map[netpoll.Handle]*client{}, agenda: agenda{}, byName: map[string]*user{}, census: map[netip.Prefix]*census{}}
	w.sc, w.random = draw(seed)
	w.padding = []byte(strings.Repeat("so many words and none of them new ", w.sc.message/35+1))
	w.net = netpolltest.Start(seed)
	w.began = w.net.Now()
	log := slog.New(complaints{w})
	options := server.Options{
		Rules: server.Rules{
			MaxConnections: w.sc.slots, MaxPerUser: w.sc.perUser, MaxPerAddress: w.sc.perAddress, TrustedProxies: trusted,
			MaxMessageBytes: w.sc.message, RateLimit: w.sc.rate, Compression: w.sc.compression,
			HeartbeatInterval: w.sc.interval, HeartbeatTimeout: w.sc.timeout,
			MaxTopics: w.sc.maxTopics, TopicsDefault: w.sc.topicsDefault,
			ConnectionTimeout: w.sc.idle, CleanupInterval: 300 * time.Second, DrainWindow: 5 * time.Second,
		},
		Reactors: w.sc.reactors, MaxSockets: w.sc.sockets, MaxHeldBytes: int64(w.sc.held), AdmissionWorkers: server.ByHand,
		Verifier: auth.NewVerifier(auth.Secret(secret), auth.Options{Now: w.net.Now}),
		HandOff:  func(int, []byte, bool, func()) bool { return false },
		Log:      log, NetLog: log, Now: w.net.Now, Seed: seed, Outbound: w.sc.outbound,
		NewID:   func() uuid.UUID { return uuid.MustParse(w.newID()) },
		History: w.sc.kept(), MaxSubscriptions: w.sc.maxSubscriptions,
	}
	w.model.forAll = newChannel(bounds{messages: 10 * w.sc.history.messages, bytes: 64 * w.sc.history.bytes, age: w.sc.history.age})
	w.model.forAll.era.known = true // the numbers of a new node begin with 1
	w.tally.refused = map[string]int{}
	if w.revokedIDs = map[string]bool{}; w.random.IntN(4) > 0 {
		w.registry = newRegistry(w)
		options.Directory = w.registry
	}
	s, err := server.New(options)
	if err != nil {
		t.Fatal(err)
	}
	w.server = s
	w.net.Adopt(s.Group())
	for i := range w.sc.users {
		u := newUser(i, w.sc.history)
		w.users, w.byName[u.name] = append(w.users, u), u
		w.enrol(u)
	}
	w.found()
	w.dial() // the witness, which is told of all others
	w.run()
	return w
}

func (w *world) newID() string {
	w.ids++
	return fmt.Sprintf("00000000-0000-4000-8000-%012x", w.ids)
}

// tick is the time as the node counts it.
func (w *world) tick() uint32 { return uint32(w.net.Now().Sub(w.began) / netpoll.TickLength) }

// latency is how long a client takes to react.
func (w *world) latency() time.Duration {
	return time.Duration(20+w.random.IntN(800)) * time.Millisecond
}

// step advances the clock by a tick, or stalls the process, and lets the node act.
func (w *world) step() {
	w.steps++
	d := netpoll.TickLength
	if !w.calm && w.random.IntN(10000) < w.sc.stall {
		most := min(90*time.Second, w.sc.idle/3) // after a longer stall, every client would be idle
		d = time.Second + time.Duration(w.random.Int64N(int64(most))).Truncate(netpoll.TickLength)
	}
	w.until = w.net.Now().Add(d)
	w.stalling = d > netpoll.TickLength
	w.behind = w.stalling || w.behind && !w.settled
	if w.net.Torn = w.sc.torn; w.behind {
		w.net.Torn = 0 // bytes that were sent meanwhile have arrived complete, and the node acts on all of them
	}
	if w.stalling {
		w.mustPart.postpone(w.until.Add(w.sc.timeout + slack))
		w.mustGo.postpone(w.until.Add(goodbyeTime))
	}
	if w.random.IntN(2) == 0 {
		w.net.Stop(d)
		w.runAgenda(w.until)
	} else {
		w.runAgenda(w.until)
		w.net.Stop(d)
	}
	if !w.calm {
		w.happen()
		w.burst()
		w.populate()
	}
	w.registry.tell(w.calm)
	w.run()
	if w.settled && w.pending+w.ghosts == 0 && w.random.IntN(10) == 0 && slices.ContainsFunc(w.replaying, func(c *client) bool { return c.phase == live }) {
		w.audit() // the sums must hold during a replay
	}
	w.check()
}

// happen injects events that concern all clients now and then.
func (w *world) happen() {
	if w.random.IntN(10000) < w.sc.blip {
		share := 1 + w.random.IntN(100)
		for i := len(w.clients) - 1; i >= 0; i-- {
			if c := w.clients[i]; c != w.witness && w.random.IntN(100) < share {
				c.Reset()
			}
		}
	}
	if w.random.IntN(10000) < w.sc.out {
		w.outUntil = w.net.Now().Add(time.Duration(w.random.IntN(8000)) * time.Millisecond)
	}
	if w.random.IntN(300) == 0 {
		w.administrate()
	}
	if w.random.IntN(80) == 0 {
		w.publish()
	}
	if w.random.IntN(300) == 0 {
		w.expel()
	}
	w.registry.happen()
}

// run lets the reactors read and turn and the workers check tokens, until nothing is left to do or, now and then, not
// so long.
func (w *world) run() {
	budget := 1 << 30
	w.watchBacklogs()
	if !w.calm && w.random.IntN(100) < w.sc.busy {
		budget = w.random.IntN(200)
	}
	for ; budget > 0; budget-- {
		if w.random.IntN(3) == 0 {
			w.checkToken()
		}
		if !w.net.Step() && !w.checkToken() {
			w.settle()
			if !w.out() && w.registry.idle() {
				w.ghosts = 0
			}
			return
		}
	}
	w.settled = false
}

func (w *world) out() bool { return w.net.Now().Before(w.outUntil) }

// checkToken lets a worker check one token, unless the workers are stopped.
func (w *world) checkToken() bool {
	if w.out() {
		return w.registry.work()
	}
	before := w.registry.questions()
	handle, waited := w.server.CheckNext()
	if c := w.byHandle[handle]; waited && c != nil && c.phase == asking {
		c.next = len(w.model.forAll.all) // broadcasts posted from now on come after its admission
		c.tokenChecked = w.turn
	}
	w.registry.receives(handle, before)
	return waited || w.registry.work()
}
