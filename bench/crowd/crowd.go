// Package crowd has many clients of momentum serve on one epoll instance, with little memory each. They connect with signed
// tokens, keep their positions, resume after they were cut off, answer pings, and hand their messages to a function.
package crowd

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

const (
	readBytes  = 64 << 10               // one read brings at most so many
	batch      = 256                    // one epoll_wait reports at most so many sockets
	retryPause = 100 * time.Millisecond // before refused clients try again
	perSource  = 10_000                 // clients of one source address, less than half of the ports
	underway   = 128                    // handshakes at once, unless Options says another number
	dials      = 512                    // of one step: a node waits five seconds for a request, and a step may wait long for a core
)

var errOver = errors.New("the run is over")

// Options say what the clients are.
type Options struct {
	Secret string
	Source [4]byte // the address from which they connect; the next 10,000 add 1 to its third byte. Zero: any
	First  int     // number of the first client's user; those of the others follow
	// Received gets each message with a number or with a tag. The message is valid during the call.
	Received func(m *Message) error
	Over     <-chan struct{} // its end ends Run; nil: nothing does
	Underway int             // handshakes at once at most, less than the accept queue of a node; 0: 128
}

// Figures count what has happened to the clients since the start.
type Figures struct {
	Open     int `json:"open"`     // now
	Refused  int `json:"refused"`  // handshakes that failed
	Closed   int `json:"closed"`   // connections that the server or its end has closed
	Resumed  int `json:"resumed"`  // welcomes that say that nothing is lost
	Fresh    int `json:"fresh"`    // welcomes to clients without a position
	Failed   int `json:"failed"`   // welcomes that say that something may be lost
	Missed   int `json:"missed"`   // messages that the welcomes have announced
	Jumps    int `json:"jumps"`    // direct messages whose number is not the next one
	Twice    int `json:"twice"`    // messages with a number that the client has had
	Gaps     int `json:"gaps"`     // gap messages
	Presence int `json:"presence"` // messages about arrivals and departures
	Pings    int `json:"pings"`
}

// Crowd is the clients. One goroutine uses it.
type Crowd struct {
	Options
	Figures Figures
	Targets []netip.AddrPort // client i connects to number i modulo their number, and to the next one if that refuses
	Hold    bool             // clients that were cut off do not come back yet

	poller   *poller
	clients  []client
	away     []int32   // clients that have no connection, in the order of their dials
	refused  []int32   // the same, and they wait for retryAt
	retryAt  time.Time // zero: none waits
	underway int       // handshakes
	epochs   []string
	events   [batch]unix.EpollEvent
	input    []byte
	full     bool // the last read has filled it: there may be more
	tokens   *tokens
	request  []byte // memory of the last request
	message  Message
	failure  error // the last reason for a refusal
}

// client is one user with at most one connection.
type client struct {
	fd                int32
	epoch             uint16 // index of the position's epoch; 0: there is no position
	state             state
	attempts          uint8
	broadcast, direct uint64 // the position
	part              []byte // of a frame, or of the answer to the handshake
}

type state uint8

const (
	isAway state = iota
	isConnecting
	hasAsked
	isOpen
)

// New makes a crowd without clients.
func New(o Options) (*Crowd, error) {
	poller, err := newPoller()
	if err != nil {
		return nil, err
	}
	if o.Received == nil {
		o.Received = func(*Message) error { return nil }
	}
	if o.Underway == 0 {
		o.Underway = underway
	}
	return &Crowd{
		Options: o, poller: poller, epochs: []string{""}, input: make([]byte, readBytes), tokens: newTokens(o.Secret, time.Now()),
	}, nil
}

// Add adds clients, which will connect.
func (c *Crowd) Add(n int) {
	for range n {
		c.away = append(c.away, int32(len(c.clients)))
		c.clients = append(c.clients, client{fd: -1})
	}
}

// Close resets all connections, so that no port stays in TIME_WAIT.
func (c *Crowd) Close() {
	c.Cut()
	_ = c.poller.file.Close()
}

// Cut resets all connections. The clients come back unless Hold is set.
func (c *Crowd) Cut() {
	for i := range c.clients {
		if k := &c.clients[i]; k.state != isAway {
			_ = unix.SetsockoptLinger(int(k.fd), unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
			c.drop(i)
			c.away = append(c.away, int32(i))
		}
	}
}

// drop closes a connection.
func (c *Crowd) drop(i int) {
	k := &c.clients[i]
	unix.Close(int(k.fd))
	if k.state == isOpen {
		c.Figures.Open--
	} else {
		c.underway--
	}
	k.fd, k.state, k.part = -1, isAway, nil
}

// Watch adds a descriptor of another kind to the instance, and Step returns when it can be read.
func (c *Crowd) Watch(fd int) error {
	return unix.EpollCtl(c.poller.fd, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd), Pad: -1})
}

// Run works until done returns true, and fails if that takes longer than patience.
func (c *Crowd) Run(patience time.Duration, done func() bool) error {
	for deadline := time.Now().Add(patience); !done(); {
		if time.Now().After(deadline) {
			return errors.Join(fmt.Errorf("it takes longer than %v: %+v", patience, c.Figures), c.failure)
		}
		select {
		case <-c.Over:
			return errOver
		default:
		}
		if err := c.Step(10 * time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// Connect waits until all clients are connected.
func (c *Crowd) Connect(patience time.Duration) error {
	return c.Run(patience, func() bool { return c.Figures.Open == len(c.clients) })
}

// Len returns the number of clients.
func (c *Crowd) Len() int { return len(c.clients) }

// Step dials some of the clients that may connect now, waits for events, and handles them. A negative time is for ever. After an error
// the clients are of no more use: events are lost.
func (c *Crowd) Step(wait time.Duration) error {
	if c.dialSome(time.Now()) {
		wait = 0
	}
	if len(c.refused) > 0 && !c.Hold && (wait < 0 || wait > retryPause) {
		wait = retryPause
	}
	n, err := c.poller.wait(c.events[:], wait)
	if err != nil && !errors.Is(err, unix.EINTR) {
		return err
	}
	for i := range max(n, 0) {
		if c.events[i].Pad < 0 {
			continue // another kind
		}
		if err := c.serve(c.events[i]); err != nil {
			return err
		}
	}
	return nil
}

// serve takes the next steps of a connection. It is told once of all that has arrived, so it reads until nothing is left, and after the
// last byte of a connection that the server has ended.
func (c *Crowd) serve(e unix.EpollEvent) error {
	at := int(e.Pad)
	c.full = false
	for c.clients[at].fd == e.Fd { // it may have been closed in this step
		if err := c.advance(at); err != nil {
			return err
		}
		if !c.full && e.Events&unix.EPOLLRDHUP == 0 {
			return nil
		}
	}
	return nil
}

// Send sends frames of a client, which are a part of what its socket takes at once.
func (c *Crowd) Send(i int, frames []byte) error {
	k := &c.clients[i]
	if k.state != isOpen {
		return fmt.Errorf("client %d is not connected", i)
	}
	n, err := write(int(k.fd), frames)
	if err != nil {
		return fmt.Errorf("cannot send: %w", err)
	}
	if n < len(frames) {
		return errors.New("a node does not read: a socket is full")
	}
	return nil
}
