package sim

import (
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/netpoll/netpolltest"
	"momentum/server/auth"
	"momentum/server/cluster/clustertest"
)

// fleet is a world of several nodes on one modelled bus (clustertest), with users that go from node to node. Clients connect, resume,
// subscribe and send as docs/PROTOCOL.md says, and compare what comes with what the bus has numbered (truth_test.go). The nodes have one
// clock. All that happens follows from the seed.
type fleet struct {
	t      *testing.T
	seed   uint64
	random *rand.Rand
	fleetScenario

	engine   *clustertest.Engine
	truth    truth
	nodes    []*vessel // that run, or stand still
	started  int       // nodes, ever
	riders   []*rider
	now      time.Duration
	back     time.Duration // Redis is away until then
	calm     bool          // no faults, no departures, no messages
	banned   map[string]bool
	seen     map[string]int              // faults, by name
	spoken   int                         // messages that riders have sent
	received int                         // numbered messages that riders have had
	losses   int                         // that riders were told of
	lost     bool                        // a note may be lost
	went     map[uuid.UUID]time.Duration // when a connection of a user ended last
	blurred  map[uuid.UUID]bool          // users that came to a node while another may have told that they had left: the two notes have no order
	found    string                      // the fault that ends the simulation
	trace    uint64
	last     [120]string
	noted    int
}

// fleetScenario has the choices of a seed that are made at the start.
type fleetScenario struct {
	name   string
	faults []fault
	size   int // nodes
	users  int
	kept   int // messages of a channel
	ample  bool
}

func newFleet(t *testing.T, seed uint64, m clustertest.Mistakes) *fleet {
	f := &fleet{t: t, seed: seed, random: rand.New(rand.NewPCG(seed, 11)), banned: map[string]bool{}, seen: map[string]int{},
		went: map[uuid.UUID]time.Duration{}, blurred: map[uuid.UUID]bool{}}
	f.draw()
	f.engine = clustertest.New(f.kept)
	f.engine.Mistakes = m
	began := netpolltest.Start(seed).Now()
	f.engine.Now = func() time.Time { return began.Add(f.now) }
	f.truth.watch(f.engine)
	for range f.size {
		f.launch()
	}
	for i := range f.users * 3 / 2 { // every second user has two clients
		f.riders = append(f.riders, newRider(f, i, fmt.Sprint("user", i%f.users)))
	}
	return f
}

// slowWorld is the name of the fleets in which no fault loses anything.
const slowWorld = "slow"

// draw makes the choices of the seed.
func (f *fleet) draw() {
	f.name, f.faults = slowWorld, slowFaults
	switch f.seed % 3 {
	case 1:
		f.name, f.faults = "sick", append(f.faults[:len(f.faults):len(f.faults)], sickFaults...)
	case 2:
		f.name, f.faults = "dying", append(append(f.faults[:len(f.faults):len(f.faults)], sickFaults...), dyingFaults...)
	}
	f.size = 2 + f.random.IntN(3)
	f.users = 4 + f.random.IntN(6)
	f.kept = 2 + f.random.IntN(4)
	if f.ample = f.random.IntN(3) > 0; f.ample {
		f.kept = 5000
	}
}

// String describes the world in one line.
func (f *fleet) String() string {
	return fmt.Sprintf("%s: %d nodes, %d users, %d messages kept", f.name, f.size, f.users, f.kept)
}

// fleetSpan is how long a fleet is kept busy before each rest.
const fleetSpan = 40 * time.Second

// live is a fleet from its beginning to its end.
func (f *fleet) live() {
	for range rests {
		for end := f.now + fleetSpan; f.now < end; {
			f.step()
		}
		f.rest()
	}
	f.end()
}

// step lets a tick pass.
func (f *fleet) step() {
	f.now += netpoll.TickLength
	for _, v := range slices.Clone(f.nodes) {
		if v.pass(); v.goneAt > 0 && v.goneAt <= f.now && !v.stopped() {
			f.scrap(v)
		}
	}
	f.engine.Pass(netpoll.TickLength)
	f.heal()
	if !f.calm {
		f.happen()
	}
	for _, r := range f.riders {
		r.act()
	}
	f.run()
}

// run lets nodes and their connections to the bus act, in an order that the seed decides, until nothing is left to do or, now and then,
// not so long.
func (f *fleet) run() {
	rounds := 1 << 20
	if !f.calm && f.random.IntN(4) == 0 {
		rounds = f.random.IntN(6)
	}
	for worked := true; worked && rounds > 0; rounds-- {
		worked = false
		for _, i := range f.random.Perm(len(f.nodes)) {
			worked = f.nodes[i].work() || worked
		}
	}
}

// happen makes a fault happen now and then.
func (f *fleet) happen() {
	if f.random.IntN(25) > 0 {
		return
	}
	one := f.faults[f.random.IntN(len(f.faults))]
	if one.do(f) {
		f.note("%s", one.name)
		f.seen[one.name]++
		f.lost = f.lost || !one.mild
	}
}

// heal connects nodes that were cut off.
func (f *fleet) heal() {
	for _, v := range f.nodes {
		v.heal()
	}
}

// pick returns a node that runs, or nil.
func (f *fleet) pick() *vessel {
	v := f.nodes[f.random.IntN(len(f.nodes))]
	if v.stopped() {
		return nil
	}
	return v
}

// note adds a line to the last events, and to the trace, which two runs of a seed must have in common.
func (f *fleet) note(format string, args ...any) {
	line := fmt.Sprintf("%7.1fs ", f.now.Seconds()) + fmt.Sprintf(format, args...)
	f.trace = f.trace*1099511628211 + uint64(crc32.ChecksumIEEE([]byte(line)))
	if *everything {
		f.t.Log(line)
	}
	f.last[f.noted%len(f.last)] = line
	f.noted++
}

// fail ends the simulation of the fleet: an invariant is broken.
func (f *fleet) fail(i invariant, format string, args ...any) {
	var b strings.Builder
	for n := max(0, f.noted-len(f.last)); n < f.noted; n++ {
		b.WriteString(f.last[n%len(f.last)] + "\n")
	}
	fmt.Fprintf(&b, "invariant %d: %s\nat %v: %s\n%s\nreplay: go test%s ./server/sim -run TestFleets -seed=%d",
		i, invariants[i], f.now, fmt.Sprintf(format, args...), f, detector, f.seed)
	f.found = b.String()
	runtime.Goexit()
}

// simulate runs a fleet, and returns the fault that it has found; "": none.
func (f *fleet) simulate() string {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.live()
	}()
	<-done
	return f.found
}

// fleetToken signs a token for a user, which outlives the fleet.
func (f *fleet) fleetToken(name string, now time.Time) string {
	text, err := auth.Sign(secret, auth.Claims{
		UserID: auth.UserID(name), Username: name, IssuedAt: now.Unix(), ExpiresAt: now.Add(100 * time.Hour).Unix(),
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return text
}
