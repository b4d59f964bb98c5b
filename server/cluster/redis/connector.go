package redis

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"momentum/server/cluster"
)

var errMoved = errors.New("another server is the primary now")

const (
	sentinelInterval = 5 * time.Second

	firstDelay = 50 * time.Millisecond
	heldDelay  = 200 * time.Millisecond // longest delay while messages are held, so that all nodes come back at about the same time
	lastDelay  = 2 * time.Second
)

// connector attaches the bus to Redis, and again after each end of an attachment.
type connector struct {
	bus        *Bus
	dialer     dialer        // the settings of all attachments
	interval   time.Duration // between two questions to the sentinels
	random     *rand.Rand
	generation uint64
	delay      time.Duration
	lost       time.Time // when the last attachment ended
	faults     faults
}

// run keeps the bus attached until it is closed.
func (c *connector) run() {
	for !c.bus.isClosed() {
		began := c.bus.options.Now()
		a, err := c.attach()
		if err == nil {
			c.bus.attached(a)
			c.watch(a)
			c.bus.detached()
			c.lost = c.bus.options.Now()
			err = a.err
			a.close()
		}
		if c.bus.isClosed() {
			return
		}
		c.report(err)
		if c.bus.options.Now().Sub(began) > lastDelay {
			c.delay = 0
		}
		c.wait()
	}
}

// attach makes one attempt. It leaves nothing open if it fails.
func (c *connector) attach() (*attachment, error) {
	c.generation++
	a := newAttachment(c.generation, &c.dialer)
	if !c.bus.opening(a) {
		return nil, errOver
	}
	t, err := a.scout.resolve()
	if err == nil {
		err = a.open(t, c.bus.options.Prefix, c.bus.node, strconv.FormatUint(c.random.Uint64(), 36))
	}
	if err == nil {
		err = c.subscribe(a)
	}
	if err != nil {
		a.close()
		return nil, err
	}
	c.warn(a)
	return a, nil
}

// watch waits for the end of an attachment. It ends the attachment itself if the sentinels name another primary,
// because the old primary may still answer.
func (c *connector) watch(a *attachment) {
	var due <-chan time.Time
	if c.dialer.target.sentinel != "" {
		ticker := time.NewTicker(c.interval)
		defer ticker.Stop()
		due = ticker.C
	}
	for {
		select {
		case <-a.ended:
			return
		case <-due:
			if t, err := a.scout.resolve(); err == nil && !t.equal(a.topology) {
				a.end(errMoved)
			}
		}
	}
}

// subscribe subscribes to the canaries of an attachment. Messages wait in the inbox for the node to learn of the attachment.
func (c *connector) subscribe(a *attachment) error {
	for _, l := range a.links {
		message := func(channel, text string) { c.bus.inbox.message(a.generation, channel, text) }
		answer := func(text string) {
			l.canary.answer(canaryNumber(text), c.bus.options.Now())
			wake(c.bus.wake)
		}
		moved := func() { a.end(errMoved) }
		if err := l.subscribe(message, answer, moved); err != nil {
			return fmt.Errorf("%s: %w", l.address, err)
		}
	}
	return nil
}

func (c *connector) warn(a *attachment) {
	c.report(nil)
	for _, l := range a.links {
		if s, err := ask(l.client); err == nil && s.warning() != "" {
			c.bus.options.Log.Warn("Redis may lose numbers", "address", l.address, "why", s.warning())
		}
	}
}

// report logs a fault when it begins, and not again until another fault comes or the bus is attached.
func (c *connector) report(err error) {
	c.faults.warn(c.bus.options.Log, "Redis cannot be reached", err)
}

// wait waits before the next attempt. The time is random, so that nodes do not connect all at once, and grows up to heldDelay, and
// later to lastDelay.
func (c *connector) wait() {
	c.delay = min(max(2*c.delay, firstDelay), lastDelay)
	if c.bus.options.Now().Sub(c.lost) < heldFor {
		c.delay = min(c.delay, heldDelay)
	}
	timer := time.NewTimer(time.Duration(c.random.Int64N(int64(c.delay))))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.bus.closing:
	}
}

// opening makes an attachment known to Close before it is attached.
func (b *Bus) opening(a *attachment) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.candidate = a
	return !b.closed
}

// attached makes all parts use a new attachment. The node is called first, and joins its channels again. The subscription to
// notes exists already, so that no notice is missed between reading the kept notices and receiving new ones.
func (b *Bus) attached(a *attachment) {
	b.epochs.Store(a)
	b.figures.attachments.Add(1)
	b.inbox.turn(a.generation, nil)
	if texts, err := readNotices(a); err != nil {
		a.end(err)
	} else {
		b.inbox.call(0, func(n cluster.Node) { n.Noticed(texts) })
	}
	b.inbox.call(0, func(n cluster.Node) { n.Changed(b.State(), a.ids()) })
	b.mu.Lock()
	b.attachment = a
	b.mu.Unlock()
	wake(b.wake)
	wake(b.joins.wake)
	wake(b.keeper.wake)
}

// detached tells all parts that an attachment has ended. The node is called even if the state has not changed, because an attachment that
// ends before it is proven changes no state.
func (b *Bus) detached() {
	b.mu.Lock()
	b.attachment = nil
	b.mu.Unlock()
	b.inbox.turn(0, func(n cluster.Node) { n.Changed(b.State(), nil) })
	b.joins.abandon()
	wake(b.wake)
}
