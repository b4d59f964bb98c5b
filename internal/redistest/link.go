package redistest

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// link is one connection through a proxy.
type link struct {
	proxy *Proxy
	ends  [2]*net.TCPConn // by the direction that leads there

	lost    [2]atomic.Bool // by direction: nothing is carried any more
	listens atomic.Bool    // the client has subscribed
	broken  chan struct{}  // closed by reset
	breakup sync.Once
}

// chunk is what one read returned.
type chunk struct {
	bytes []byte
	err   error // the end of the direction
	at    time.Time
}

// queued bounds the chunks that are read before a direction carries them. A sender that fills it waits, as with TCP.
const queued = 64

// subscribes is in a request for messages.
var subscribes = []byte("SSUBSCRIBE")

// run carries both directions until both have ended.
func (l *link) run() {
	var both sync.WaitGroup
	for _, d := range []Direction{ToServer, ToClient} {
		queue := make(chan chunk, queued)
		both.Go(func() { l.read(l.ends[1-d], queue) })
		both.Go(func() { l.carry(d, queue) })
	}
	both.Wait()
	l.shut(false)
}

// read puts the chunks of one end into the queue, up to its end.
func (l *link) read(from *net.TCPConn, queue chan<- chunk) {
	for {
		buffer := make([]byte, 16<<10)
		n, err := from.Read(buffer) // TCP returns bytes or an error, never both
		select {
		case queue <- chunk{buffer[:n], err, time.Now()}:
		case <-l.broken:
			return
		}
		if err != nil {
			return
		}
	}
}

// carry writes the chunks of a direction, as the proxy treats it. If the end of a connection was lost, it waits for a
// reset, so that the other side stays open.
func (l *link) carry(d Direction, queue <-chan chunk) {
	for {
		var c chunk
		select {
		case c = <-queue:
		case <-l.broken:
			return
		}
		l.await(d, c.at)
		switch {
		case l.isBroken():
			return
		case l.lost[d].Load() && c.err == nil:
		case l.lost[d].Load():
			<-l.broken
			return
		case c.err == nil:
			if d == ToServer && bytes.Contains(c.bytes, subscribes) {
				l.listens.Store(true)
			}
			l.write(d, c.bytes)
		default:
			l.finish(d, c.err)
			return
		}
	}
}

// isBroken reports whether the connection was reset.
func (l *link) isBroken() bool {
	select {
	case <-l.broken:
		return true
	default:
		return false
	}
}

// await returns when a chunk that came at a time may be carried, or when it is lost or the connection is broken.
func (l *link) await(d Direction, came time.Time) {
	for {
		now := l.proxy.lane(d)
		if now.dropped || now.deaf && l.listens.Load() {
			l.lost[d].Store(true)
		}
		if l.lost[d].Load() {
			return
		}
		var due <-chan time.Time // nil, which never comes, while the direction is held
		if !now.held {
			wait := now.delay - time.Since(came)
			if wait <= 0 {
				return
			}
			due = time.After(wait)
		}
		select {
		case <-due:
		case <-now.changed:
		case <-l.broken:
			return
		}
	}
}

func (l *link) write(d Direction, bytes []byte) {
	_, err := l.ends[d].Write(bytes)
	if err != nil && !l.lost[d].Load() { // lose may have closed this end during the call
		l.reset()
	}
}

// finish tells the end of a direction: a half-close stays one, and so does a reset.
func (l *link) finish(d Direction, why error) {
	if errors.Is(why, io.EOF) {
		_ = l.ends[d].CloseWrite()
		return
	}
	l.reset()
}

// lose closes the end to which a direction leads, and tells the other end nothing.
func (l *link) lose(d Direction) {
	l.lost[ToServer].Store(true)
	l.lost[ToClient].Store(true)
	l.ends[d].Close()
}

// reset breaks both ends.
func (l *link) reset() { l.shut(true) }

// shut closes both ends, once. Without lingering, the kernel sends a reset instead of a FIN.
func (l *link) shut(broken bool) {
	l.breakup.Do(func() {
		close(l.broken)
		for _, end := range l.ends {
			if broken {
				_ = end.SetLinger(0)
			}
			end.Close()
		}
	})
}
