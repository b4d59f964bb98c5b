package sim

import (
	"encoding/binary"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/netpoll/netpolltest"
	"momentum/server"
	"momentum/server/auth"
	"momentum/server/cluster"
	"momentum/server/cluster/clustertest"
)

// vessel is a node of a fleet.
type vessel struct {
	f        *fleet
	name     string
	net      *netpolltest.World
	server   *server.Server
	bus      *clustertest.Bus
	slow     [4]time.Duration // until when each way between the node and the bus stands still
	wakeAt   time.Duration    // the process stands still until then; 0: it runs
	stood    time.Duration    // until when it has stood still last
	behind   time.Duration    // for which it has stood still
	healAt   time.Duration    // when it is connected again; 0: that is not decided
	accepts  time.Duration    // when the bus takes messages again; 0: it does
	draining bool
	goneAt   time.Duration // when it ends
}

// The ways between a node and the bus.
const (
	commands = iota
	answered
	pushes
	notes
)

// launch starts a node.
func (f *fleet) launch() *vessel {
	v := &vessel{f: f, name: fmt.Sprint("n", f.started)}
	v.net = netpolltest.Start(f.seed<<8 + uint64(f.started))
	v.net.Pass(f.now)
	f.engine.Apart = f.now > 0 && f.random.IntN(2) == 0
	s, err := server.New(v.options(uint64(f.started)))
	if err != nil {
		f.t.Fatal(err)
	}
	v.server = s
	v.net.Adopt(s.Group())
	v.bus = f.engine.Buses()[f.started]
	f.started++
	f.nodes = append(f.nodes, v)
	f.note("%s starts", v.name)
	return v
}

func (v *vessel) options(number uint64) server.Options {
	ids, log := uint64(0), slog.New(slog.DiscardHandler)
	return server.Options{
		Rules: server.Rules{
			MaxConnections: 1000, MaxMessageBytes: 16 << 10, HeartbeatInterval: 25 * time.Second, HeartbeatTimeout: 10 * time.Second,
			ConnectionTimeout: 300 * time.Second, CleanupInterval: time.Hour, DrainWindow: 2 * time.Second, MaxTopics: 16,
			TopicsDefault: &auth.Topics{Subscribe: []string{"*"}, Publish: []string{"*"}},
		},
		Reactors: 1 + int(number%2), MaxSockets: 1000,
		Verifier: auth.NewVerifier(auth.Secret(secret), auth.Options{Now: v.net.Now}),
		HandOff:  func(int, []byte, bool, func()) bool { return false },
		Log:      log, NetLog: log, Now: v.net.Now, Seed: v.f.seed + number, Outbound: netpoll.DefaultOutbound,
		History: server.History{Messages: v.f.kept, Bytes: 1 << 20, Age: time.Hour, Room: 64 << 20},
		Connect: v.f.engine.Connect, Self: server.Self{Name: v.name},
		NewID: func() (id uuid.UUID) {
			ids++
			binary.BigEndian.PutUint64(id[8:], ids)
			id[0] = byte(number)
			return id
		},
	}
}

func (v *vessel) stopped() bool { return v.wakeAt > 0 }

// pass lets a tick pass for the node. One that stands still sees it when it wakes.
func (v *vessel) pass() {
	v.behind += netpoll.TickLength
	if v.wakeAt > v.f.now {
		return
	}
	if v.wakeAt > 0 {
		v.wakeAt, v.bus.Stopped, v.stood = 0, false, v.f.now
		v.f.note("%s wakes", v.name)
	}
	v.net.Stop(v.behind)
	v.behind = 0
}

// work lets the node and its ways to the bus do a few things each, and reports whether there was anything to do.
func (v *vessel) work() (worked bool) {
	if v.stopped() {
		return false
	}
	for _, way := range v.f.random.Perm(5) {
		for range 1 + v.f.random.IntN(8) {
			if !v.once(way) {
				break
			}
			worked = true
		}
	}
	return worked
}

func (v *vessel) once(way int) bool {
	if way < len(v.slow) && v.slow[way] > v.f.now {
		return false
	}
	switch way {
	case commands:
		return v.bus.StepCommand()
	case answered:
		return v.bus.StepUpcall()
	case pushes:
		return v.bus.StepPush()
	case notes:
		return v.bus.StepNote()
	}
	return v.net.Step()
}

// heal connects the node again when it is time, and has a full Redis take messages again.
func (v *vessel) heal() {
	f := v.f
	switch {
	case v.stopped():
	case v.accepts > 0 && (v.accepts <= f.now || f.calm):
		v.accepts = 0
		v.bus.Accept()
	case !v.bus.Away():
		v.healAt = 0
	case v.healAt == 0:
		v.healAt = f.now + time.Duration(1+f.random.IntN(40))*netpoll.TickLength
		if f.random.IntN(6) == 0 && !f.calm {
			v.healAt += 11 * time.Second // longer than a lease
		}
	case f.back <= f.now && (v.healAt <= f.now || f.calm):
		v.healAt = 0
		v.bus.Heal()
		f.note("%s is connected", v.name)
	}
}

// healthy reports whether the node works as its probes say.
func (v *vessel) healthy() bool {
	return v.server.ClusterFault() == nil && v.bus.State() == cluster.Healthy
}

// scrap removes a node that was drained.
func (f *fleet) scrap(v *vessel) {
	f.remove(v)
	v.bus.Close()
	v.server.Close()
	f.note("%s ends", v.name)
}

// remove takes a node away from its clients.
func (f *fleet) remove(v *vessel) {
	f.nodes = slices.DeleteFunc(f.nodes, func(one *vessel) bool { return one == v })
	for _, r := range f.riders {
		if r.at == v {
			r.part()
		}
	}
	f.pardon()
}
