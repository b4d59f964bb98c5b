package sim

import (
	"runtime"
	"slices"
	"time"

	"momentum/netpoll"
	"momentum/server/auth"
	"momentum/server/cluster"
	"momentum/server/cluster/clustertest"
)

// fault is something that goes wrong in a fleet. do reports false if it cannot now.
type fault struct {
	name string
	mild bool // no note of a node is lost
	do   func(f *fleet) bool
}

// refusedJoins is the fault after which a node may not know what its clients have missed.
const refusedJoins = "joins are refused"

// slowFaults lose nothing.
var slowFaults = []fault{
	{"a way to the bus is slow", true, (*fleet).slowDown},
	{"a message comes twice", true, (*fleet).repeat},
	{refusedJoins, true, (*fleet).refuseJoins},
	{"a node is drained", true, (*fleet).drain},
}

// sickFaults are those of Redis, and of the connections to it.
var sickFaults = []fault{
	{"a connection breaks, and answers are lost", false, (*fleet).breakOff},
	{"a node is cut off", false, (*fleet).cutOff},
	{"a subscription is deaf", false, (*fleet).deafen},
	{"Redis is full", false, (*fleet).fill},
	{"Redis restarts empty", false, (*fleet).empty},
	{"Redis restarts with its data", false, func(f *fleet) bool { return f.outage(f.engine.Restart) }},
	{"a replica without the last writes takes over", false, func(f *fleet) bool {
		n := 1 + f.random.IntN(3)
		return f.outage(func() { f.engine.TakeBack(n) })
	}},
	{"Redis forgets a channel", false, (*fleet).evict},
	{"a user is banned", false, (*fleet).ban},
}

// dyingFaults are those of nodes.
var dyingFaults = []fault{
	{"a node is killed", false, (*fleet).kill},
	{"a node stands still", false, (*fleet).suspend},
	{"a node stands still for longer than its lease", false, (*fleet).suspendLong},
}

// some returns a time between a tick and the given one.
func (f *fleet) some(most time.Duration) time.Duration {
	return time.Duration(1+f.random.IntN(int(most/netpoll.TickLength))) * netpoll.TickLength
}

func (f *fleet) slowDown() bool {
	v := f.pick()
	if v == nil {
		return false
	}
	for i := range v.slow {
		if f.random.IntN(2) == 0 {
			v.slow[i] = f.now + f.some(2*time.Second)
		}
	}
	return true
}

func (f *fleet) repeat() bool {
	for _, v := range f.nodes {
		v.bus.Repeat()
	}
	return true
}

func (f *fleet) refuseJoins() bool {
	v := f.pick()
	if v == nil {
		return false
	}
	v.bus.RefuseJoins += 1 + f.random.IntN(3)
	return true
}

func (f *fleet) drain() bool {
	v := f.pick()
	if v == nil || v.draining || f.serving() < 2 {
		return false
	}
	v.server.StartDrain()
	v.draining, v.goneAt = true, f.now+4*time.Second+f.some(3*time.Second)
	f.launch()
	return true
}

// serving counts the nodes that take clients.
func (f *fleet) serving() (n int) {
	for _, v := range f.nodes {
		if !v.draining && !v.stopped() {
			n++
		}
	}
	return n
}

func (f *fleet) breakOff() bool {
	v := f.attached()
	if v == nil {
		return false
	}
	v.slow[answered] = max(v.slow[answered], f.now)
	for _, r := range f.riders {
		if r.at == v && r.live && !r.leaving {
			r.utter()
		}
	}
	v.net.Settle()
	for range f.random.IntN(8) {
		v.bus.StepCommand() // its answer is lost
	}
	v.bus.Break()
	return true
}

func (f *fleet) cutOff() bool {
	v := f.attached()
	if v == nil {
		return false
	}
	v.bus.Cut()
	return true
}

func (f *fleet) deafen() bool {
	v := f.attached()
	if v == nil {
		return false
	}
	v.bus.Deaf = true
	return true
}

// attached returns a node that runs and is connected, or nil.
func (f *fleet) attached() *vessel {
	if v := f.pick(); v != nil && !v.bus.Away() {
		return v
	}
	return nil
}

func (f *fleet) fill() bool {
	v := f.attached()
	if v == nil || v.bus.State() != cluster.Healthy || v.accepts > 0 {
		return false
	}
	v.bus.Refuse()
	v.accepts = f.now + f.some(4*time.Second)
	return true
}

// outage cuts all nodes off, and changes the data.
func (f *fleet) outage(change func()) bool {
	for _, v := range f.nodes {
		switch {
		case v.bus.Away():
		case f.random.IntN(3) == 0:
			v.bus.Cut()
		default:
			v.bus.Break()
		}
	}
	change()
	f.back = f.now + f.some(4*time.Second)
	if f.random.IntN(2) == 0 {
		f.back = f.now
	}
	return true
}

func (f *fleet) evict() bool {
	r := f.riders[f.random.IntN(len(f.riders))]
	f.engine.Forget(r.places[f.random.IntN(len(r.places))].channel)
	return true
}

func (f *fleet) kill() bool {
	v := f.pick()
	if v == nil || f.serving() < 2 {
		return false
	}
	v.bus.Kill()
	f.remove(v)
	f.launch()
	return true
}

func (f *fleet) suspend() bool { return f.stop(f.some(5 * time.Second)) }

func (f *fleet) suspendLong() bool { return f.stop(10*time.Second + f.some(8*time.Second)) }

func (f *fleet) stop(d time.Duration) bool {
	v := f.pick()
	if v == nil || f.serving() < 2 {
		return false
	}
	v.wakeAt, v.bus.Stopped = f.now+d, true
	if f.random.IntN(2) == 0 && !v.bus.Away() {
		v.bus.Break() // Redis has given it up
	}
	return true
}

func (f *fleet) empty() bool {
	return f.outage(func() {
		f.engine.Flush()
		f.pardon()
	})
}

// pardon ends the ban if it is nowhere any more: neither on the bus nor on a node.
func (f *fleet) pardon() {
	for _, r := range f.riders {
		knows := func(v *vessel) bool { return v.server.RevokedUntil(auth.Ban(r.id, 0)) > 0 }
		if f.banned[r.name] && !f.engine.HasNotices() && !slices.ContainsFunc(f.nodes, knows) {
			delete(f.banned, r.name)
		}
	}
}

// ban has an administrator ban a user for ever, once in a fleet. A node that is cut off learns of it when it is connected again.
func (f *fleet) ban() bool {
	v := f.attached()
	if v == nil || !v.healthy() || v.accepts > 0 || len(f.banned) > 0 {
		return false
	}
	r := f.riders[1]
	until := v.net.Now().Add(1000 * time.Hour).Unix()
	_, _ = v.server.Disconnect(r.id, "", until)
	before, done := clustertest.Commands(v.bus), make(chan error, 1)
	go func() { done <- v.server.Reach(false).Record(f.t.Context(), auth.Ban(r.id, until)) }()
	for clustertest.Commands(v.bus) == before {
		runtime.Gosched()
	}
	for range before + 1 { // and no more, so that two runs of a seed are the same
		v.bus.StepCommand()
	}
	if err := <-done; err != nil {
		f.fail(bannedAreNowhere, "the ban of %s is not kept: %v", r.name, err)
	}
	f.banned[r.name] = true
	return true
}
