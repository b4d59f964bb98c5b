package client

import (
	"context"
	"errors"
	"iter"
	"net/url"
	"sync"
	"time"
)

// ErrClosed is the cause of the end of a client that its program has closed.
var ErrClosed = errors.New("the client is closed")

// Client stays connected to a server until it is closed. All its methods may be called from any goroutine.
type Client struct {
	url     *url.URL
	options Options
	ctx     context.Context
	cancel  context.CancelCauseFunc
	done    chan struct{}
	wakes   chan struct{} // a wake-up of a client that waits
	queue   queue
	tokens  tokens

	mu       sync.Mutex
	schedule schedule
	state    State
	link     *link     // nil while there is no connection
	opened   time.Time // zero: not yet
	greeted  bool      // the welcome of this connection has come
	left     time.Time // when the last open connection ended
	position position
	recent   recent
	outbox   outbox
	topics   topics
	calls    calls
	agenda   agenda            // what is due later on this connection
	users    map[string]string // id → name, with Options.Presence
	timer    *time.Timer       // calls tick
}

// Connect returns a client that connects to the server at a URL (ws://host:port/ws, or wss), in the background, and stays connected until
// ctx ends or it is closed. The first attempt, too, may fail and be repeated: see the State events. The error is about the URL
// or Options.Position.
func Connect(ctx context.Context, address string, options Options) (*Client, error) {
	c, err := newClient(ctx, address, options)
	if err != nil {
		return nil, err
	}
	go c.run()
	return c, nil
}

// newClient returns a client that does not run yet.
func newClient(ctx context.Context, address string, options Options) (*Client, error) {
	u, err := parseURL(address)
	if err != nil {
		return nil, err
	}
	options = options.complete()
	c := &Client{url: u, options: options, done: make(chan struct{}), wakes: make(chan struct{}, 1)}
	if c.position, err = parsePosition(options.Position); err != nil {
		return nil, err
	}
	c.queue.done = c.position
	c.tokens.source, c.tokens.token = options.TokenFunc, options.Token
	c.left = time.Now()
	c.ctx, c.cancel = context.WithCancelCause(ctx)
	c.queue.handler = options.Handler
	c.schedule.random = options.Random
	return c, nil
}

// Events is a sequence of all events, in their order. It ends after the state Closed. One goroutine at a time may range over Events or
// Messages. The client keeps at most 1,024 events or a megabyte for it, and then reads nothing until some are taken; before the first call,
// it goes on reading, and keeps the last 256 events, or the last megabyte.
func (c *Client) Events() iter.Seq[Event] { return c.queue.all() }

// Messages is Events without all that is not a Message.
func (c *Client) Messages() iter.Seq[Message] {
	return func(yield func(Message) bool) {
		for e := range c.Events() {
			if m, ok := e.(Message); ok && !yield(m) {
				return
			}
		}
	}
}

// State returns the present state.
func (c *Client) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

// Position returns how far the program is, for a later client (Options.Position): after the last event that it has finished with, by asking for
// the next one or by a return of its handler. It is empty before the first welcome.
func (c *Client) Position() string { return c.queue.position().String() }

// Done returns a channel that is closed when the client is closed and its connection has ended.
func (c *Client) Done() <-chan struct{} { return c.done }

// Close ends the connection with a close frame, and settles all that waits. It returns when the server has answered, after a second
// at most.
func (c *Client) Close() {
	c.cancel(ErrClosed)
	<-c.done
}

// Wake tells the client that the machine has been asleep or has changed its network. A client that waits with a back-off tries within a second,
// and one that is connected asks the server whether it still is.
func (c *Client) Wake() {
	c.mu.Lock()
	phase, l := c.state.Phase, c.link
	c.mu.Unlock()
	switch {
	case phase == Open && l != nil:
		l.askOnce()
	case phase == Waiting:
		select {
		case c.wakes <- struct{}{}:
		default: // another wake-up is on its way
		}
	}
}

// enter changes the state. It returns false if the client is closed.
func (c *Client) enter(s State) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.enterLocked(s)
}

// enterLocked is enter with mu held.
func (c *Client) enterLocked(s State) bool {
	if c.state.Phase == Closed {
		return false
	}
	c.state = s
	c.queue.put(s, c.position)
	return true
}

// shut makes the state Closed, and settles all that waits.
func (c *Client) shut(why string, cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.enterLocked(State{Phase: Closed, Why: why, Err: cause}) {
		return
	}
	c.outbox.close(closedError(why))
	for _, name := range c.topics.names() {
		c.topics.remove(name, closedError(why))
	}
	c.calls.fail(closedError(why))
	c.agenda = nil
	if c.timer != nil {
		c.timer.Stop()
	}
}

func closedError(why string) error {
	return &Error{Code: "closed", Message: "the client is closed: " + why}
}
