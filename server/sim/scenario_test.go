package sim

import (
	"fmt"
	"math/rand/v2"
	"time"

	"momentum/netpoll"
	"momentum/server"
	"momentum/server/auth"
)

// manner is how a client behaves.
type manner uint8

const (
	polite  manner = iota // reads, answers pings, keeps to the rules
	slow                  // reads a few bytes now and then
	deaf                  // never reads, and lets it be known that it lives
	mute                  // is polite for a while, then gone without a word
	flooder               // sends faster than the rate limit lets it
	vandal                // is polite for a while, then breaks the protocol
	wild                  // sends random bytes for frames
	brittle               // its connection breaks in the middle of one of the server's writes
	late                  // never gets its request finished
	stray                 // asks for something that is refused
	manners
)

var mannerNames = [manners]string{"polite", "slow", "deaf", "mute", "flooder", "vandal", "wild", "brittle", "late", "stray"}

// String returns the manner's name.
func (m manner) String() string { return mannerNames[m] }

// scenario holds the choices of a seed that are made at the start: the size of everything and the mix of clients.
type scenario struct {
	name  string
	span  time.Duration // of simulated time
	crowd int           // clients that the world is kept filled up to
	users int           // number of their users
	gap   time.Duration // mean time between two actions of a client
	toAll int           // of 1,000 messages, how many are broadcasts
	large int           // of 1,000 messages, how many are padded to tens of kilobytes
	mix   [manners]int  // weights

	reactors, slots, sockets, rate int
	message                        int // bytes at most
	held                           int // bytes that may be kept for all, 0: any
	perUser, perAddress, addresses int // the caps, 0: none, and how many addresses there are
	interval, timeout, idle        time.Duration
	outbound                       netpoll.Outbound
	history                        bounds
	compression                    bool
	maxTopics, maxSubscriptions    int          // subscriptions of a connection, and of all; 0: any
	topicsDefault                  *auth.Topics // of tokens without the claim

	torn  int // of 100 reads, how many bring a few bytes only
	busy  int // of 100 steps, how many end before everything has been done
	stall int // of 10,000 steps, how many begin with a stall of the process
	blip  int // of 10,000 steps, in how many a part of all connections breaks at once
	out   int // of 10,000 steps, in how many the checking of tokens stops for a while
}

// kinds are the worlds there are. Each seed takes the one it stands for and varies it.
var kinds = []scenario{
	{ // many, mostly silent, for hours
		name: "town", span: 90 * time.Minute, crowd: 1500, users: 1400, gap: 20 * time.Minute, toAll: 2,
		mix:      [manners]int{polite: 90, mute: 3, deaf: 1, slow: 1, vandal: 1, flooder: 1, brittle: 1, late: 1, stray: 1},
		interval: 150 * time.Second, timeout: 20 * time.Second, idle: 300 * time.Second, stall: 2, blip: 1, out: 2, torn: 2, busy: 1,
	},
	{ // few clients that send all the time, about as many as are announced one by one
		name: "room", span: 10 * time.Minute, crowd: 85, users: 120, gap: 4 * time.Second, toAll: 200, large: 30,
		mix:      [manners]int{polite: 80, slow: 6, deaf: 4, mute: 3, flooder: 2, brittle: 3, vandal: 1, late: 1},
		interval: 25 * time.Second, timeout: 10 * time.Second, idle: 60 * time.Second, stall: 5, blip: 10, out: 3, torn: 10, busy: 20,
	},
	{ // all clients reconnect at once, again and again
		name: "storm", span: 6 * time.Minute, crowd: 700, users: 650, gap: 90 * time.Second, toAll: 10,
		mix:      [manners]int{polite: 85, late: 4, stray: 4, brittle: 4, mute: 3},
		interval: 60 * time.Second, timeout: 10 * time.Second, idle: 300 * time.Second, stall: 10, blip: 50, out: 20, torn: 10, busy: 10,
	},
	{ // half of them mean harm
		name: "siege", span: 15 * time.Minute, crowd: 120, users: 50, gap: 5 * time.Second, toAll: 60, large: 20,
		mix:      [manners]int{polite: 40, slow: 8, deaf: 8, mute: 8, flooder: 8, vandal: 8, wild: 8, brittle: 6, late: 6, stray: 8},
		interval: 20 * time.Second, timeout: 5 * time.Second, idle: 45 * time.Second, stall: 5, blip: 2, out: 5, torn: 30, busy: 20,
	},
}

// draw makes the scenario of a seed.
func draw(seed uint64) (scenario, *rand.Rand) {
	random := rand.New(rand.NewPCG(seed, 6455))
	sc := kinds[seed%uint64(len(kinds))]
	between := func(low, high int) int { return low + random.IntN(high-low+1) }
	sc.reactors = between(1, 4)
	sc.crowd = sc.crowd * between(60, 110) / 100
	sc.slots = sc.crowd * between(95, 130) / 100
	sc.sockets = sc.slots * between(90, 120) / 100
	sc.rate = []int{0, 5, 20, 100}[between(0, 3)]
	sc.message = []int{16 << 10, 64 << 10}[between(0, 1)]
	sc.compression = random.IntN(2) == 0
	sc.outbound = netpoll.Outbound{
		Soft: between(32, 256) << 10, Hard: between(256, 1024) << 10, GraceTick: uint32(between(20, 100)),
	}
	if random.IntN(2) == 0 {
		sc.outbound.Soft = sc.outbound.Hard // so that this limit closes clients that do not read
	}
	if random.IntN(2) == 0 {
		sc.held = sc.reactors * between(200, 1500) << 10
	}
	sc.addresses = max(4, sc.crowd/4)
	if random.IntN(3) > 0 {
		sc.perUser = sc.crowd*13/10/sc.users + between(1, 3)
	}
	if random.IntN(3) > 0 {
		sc.perAddress = []int{2, 8, 30}[between(0, 2)]
		sc.addresses = max(4, sc.crowd*between(13, 20)/10/sc.perAddress)
	}
	sc.interval = sc.interval * time.Duration(between(70, 130)) / 100
	sc.history = histories[seed%uint64(len(histories))]
	sc.history.age = sc.history.age * time.Duration(between(50, 150)) / 100
	sc.history.age = sc.history.age.Truncate(time.Second)
	sc.history.shared = random.IntN(4) == 0
	sc.maxTopics = []int{3, 8, 128}[between(0, 2)]
	if random.IntN(4) == 0 {
		sc.maxSubscriptions = between(20, sc.crowd)
	}
	sc.topicsDefault = defaults[between(0, len(defaults)-1)]
	if seed%uint64(len(histories)) == nothingKept {
		switch random.IntN(3) {
		case 0:
			sc.history.messages = 0
		case 1:
			sc.history.bytes = 0
		case 2:
			sc.history.age = 0
		}
	}
	return sc, random
}

// histories are what a node keeps of each user's messages, and of the broadcasts ten times the messages and 64 times the
// bytes. Each seed takes one and varies it.
var histories = []bounds{
	{messages: 100, bytes: 64 << 10, age: 300 * time.Second}, // more than a client misses
	{messages: 1000, bytes: 3 << 10, age: 100 * time.Second}, // bytes run out
	{messages: 3, bytes: 64 << 10, age: 100 * time.Second},   // the number of messages does
	{messages: 100, bytes: 64 << 10, age: 12 * time.Second},  // time does
	{messages: 100, bytes: 64 << 10, age: 100 * time.Second}, // nothing is kept
}

// nothingKept is the index of the history that is turned off in one way or another.
const nothingKept = 4

// kept is the node's part of it.
func (sc *scenario) kept() server.History {
	h := server.History{Messages: sc.history.messages, Bytes: sc.history.bytes, Age: sc.history.age, Room: 256 << 20}
	if sc.history.shared {
		h.Room = 100 * h.Bytes
	}
	return h
}

// String describes the scenario in one line.
func (sc *scenario) String() string {
	return fmt.Sprintf("%s: %v, %d clients on %d reactors, %d connection slots, %d sockets, %d messages a second of up to %d bytes, compression %v, caps %d and %d, %d KiB for all, history %+v",
		sc.name, sc.span, sc.crowd, sc.reactors, sc.slots, sc.sockets, sc.rate, sc.message, sc.compression, sc.perUser, sc.perAddress, sc.held>>10, sc.history)
}
