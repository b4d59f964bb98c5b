package main

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"momentum/bench/crowd"
	"momentum/bench/nodes"
)

const (
	readBytes  = 256 << 10              // one read brings at most so many
	batch      = 256                    // one epoll_wait reports at most so many sockets
	retryPause = 100 * time.Millisecond // before clients that were refused or cut off try again
	underway   = 512                    // handshakes at once
)

// patience bounds the waits for connections and messages.
const patience = 30 * time.Second

var errOver = errors.New("the run is over")

// fleet is clients of one server on one epoll instance. One goroutine uses it.
type fleet struct {
	dialect
	targets   []netip.AddrPort // client i connects to number i modulo their number
	onMessage func(e *event) error
	over      <-chan struct{}
	hold      bool // clients without a connection do not connect

	open, recovered, fresh, refused, closed int
	codes                                   map[string]int // codes and texts of the server, and of close frames

	poller   int
	clients  []client
	away     []int
	later    []int // the same, and they wait for retryAt
	retryAt  time.Time
	underway int
	events   [batch]unix.EpollEvent
	input    []byte
	failure  error // the last reason for a refusal
}

// client is one user with at most one connection.
type client struct {
	fd       int
	state    state
	token    string
	position position
	part     []byte // of a frame, or of the answer to the handshake
}

type state uint8

const (
	isAway state = iota
	isConnecting
	hasAsked
	isGreeting // after the 101
	isOpen     // after the welcome
)

// newFleet makes clients, which will connect. Their users have the numbers from first on.
func newFleet(d dialect, targets []netip.AddrPort, first, n int, over <-chan struct{}) (*fleet, error) {
	poller, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	f := &fleet{
		dialect: d, targets: targets, poller: poller, input: make([]byte, readBytes), codes: make(map[string]int), over: over,
		onMessage: func(*event) error { return nil },
	}
	for i := range n {
		user := crowd.UserID(first + i).String()
		f.clients = append(f.clients, client{fd: -1, token: crowd.Token(nodes.Secret, first+i), position: position{user: user}})
		f.away = append(f.away, i)
	}
	return f, nil
}

// close resets all connections, so that no port stays in TIME_WAIT.
func (f *fleet) close() {
	f.cut()
	unix.Close(f.poller)
}

// cut resets all connections. The clients come back unless hold is set.
func (f *fleet) cut() {
	for i := range f.clients {
		if k := &f.clients[i]; k.state != isAway {
			_ = unix.SetsockoptLinger(k.fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
			f.drop(i)
			f.away = append(f.away, i)
		}
	}
}

// drop closes a connection.
func (f *fleet) drop(i int) {
	k := &f.clients[i]
	unix.Close(k.fd)
	switch k.state {
	case isOpen:
		f.open--
	default:
		f.underway--
	}
	k.fd, k.state, k.part = -1, isAway, nil
}

// lose drops a connection that has ended. The client comes back after a pause.
func (f *fleet) lose(i int) {
	f.drop(i)
	f.closed++
	f.again(i)
}

func (f *fleet) again(i int) {
	if len(f.later) == 0 {
		f.retryAt = time.Now().Add(retryPause)
	}
	f.later = append(f.later, i)
}

// run works until done returns true, and fails if that takes longer than patience.
func (f *fleet) run(patience time.Duration, done func() bool) error {
	for deadline := time.Now().Add(patience); !done(); {
		if time.Now().After(deadline) {
			return errors.Join(fmt.Errorf("it takes longer than %v: %d of %d clients are connected, %d refusals, %d ends, codes %v",
				patience, f.open, len(f.clients), f.refused, f.closed, f.codes), f.failure)
		}
		select {
		case <-f.over:
			return errOver
		default:
		}
		if err := f.step(5 * time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// connect waits until all clients are connected.
func (f *fleet) connect(patience time.Duration) error {
	return f.run(patience, func() bool { return f.open == len(f.clients) })
}

// step dials the clients that may connect now, waits for events, and handles them.
func (f *fleet) step(wait time.Duration) error {
	f.dialAll()
	n, err := unix.EpollWait(f.poller, f.events[:], int(wait.Milliseconds()))
	if err != nil && !errors.Is(err, unix.EINTR) {
		return err
	}
	for i := range max(n, 0) {
		at := int(f.events[i].Pad)
		if f.clients[at].fd != int(f.events[i].Fd) {
			continue // the connection was closed in this step
		}
		if err := f.advance(at); err != nil {
			return err
		}
	}
	return nil
}

// send sends texts of a client in one write.
func (f *fleet) send(i int, texts ...[]byte) error {
	var b []byte
	for _, text := range texts {
		b = appendFrame(b, textOp, text)
	}
	if f.clients[i].state != isOpen {
		return fmt.Errorf("client %d is not connected", i)
	}
	return f.write(i, b)
}

func (f *fleet) write(i int, b []byte) error {
	n, err := unix.SendmsgN(f.clients[i].fd, b, nil, nil, unix.MSG_NOSIGNAL)
	if err == nil && n < len(b) {
		err = errors.New("a server does not read: a socket is full")
	}
	return err
}

// passed returns a function that is true after a time.
func passed(d time.Duration) func() bool {
	end := time.Now().Add(d)
	return func() bool { return time.Now().After(end) }
}
