package sim

import (
	"time"

	"momentum/netpoll"
	"momentum/netpoll/netpolltest"
	"momentum/server"
	"momentum/server/directory"
)

// populate dials until the world has as many clients as it should.
func (w *world) populate() {
	missing := w.sc.crowd - len(w.clients)
	for range min(missing, 1+w.random.IntN(1+w.sc.crowd/10)) {
		w.dial()
	}
}

func (w *world) dial() {
	w.dialled++
	c := &client{w: w, number: w.dialled, dialled: w.net.Now(), user: w.somebody()}
	c.Peer = &netpolltest.Peer{Window: netpolltest.Unlimited, Watch: c}
	if w.witness == nil {
		w.witness = c
		c.user.standing = directory.Active
	} else {
		c.draw()
	}
	c.settleOn()
	if c.known() {
		c.enter()
	}
	w.dialling = c
	w.net.Connect(w.random.IntN(w.sc.reactors), c.Peer)
	w.dialling = nil
	w.note("dials", c, int(c.manner), nil)
	if c.Closed { // there was no room even for a refusal
		c.wakeAt = time.Time{}
		return
	}
	c.handle = c.Handle()
	w.byHandle[c.handle] = c
	c.index = len(w.clients)
	w.clients = append(w.clients, c)
	if c.phase == parted { // turned away
		return
	}
	c.ask()
	c.actAt = w.net.Now().Add(time.Duration(w.random.Int64N(int64(w.sc.gap))))
	if c.manner == polite && c != w.witness && c.user.whole > w.tick() { // a client that was rate-limited continues
		c.manner, c.actions, c.actAt = flooder, patience, w.net.Now().Add(netpoll.TickLength)
	}
	w.mustAnswer.add(c, w.net.Now().Add(server.HandshakeTimeout+slack))
	c.wakeBy(c.actAt)
}

// somebody returns any user or, half of the time, one whose last connection ended about a grace period ago.
func (w *world) somebody() *user {
	away := time.Duration(w.random.IntN(5000)) * time.Millisecond
	for len(w.left) > 0 && w.net.Now().Sub(w.left[0].at) > 6*time.Second {
		w.left = w.left[1:]
	}
	if w.random.IntN(2) == 0 || len(w.left) == 0 || w.net.Now().Sub(w.left[0].at) < away {
		return w.anybody()
	}
	u := w.left[0].user
	w.left = w.left[1:]
	return u
}

// anybody returns a user, usually one that may open another connection.
func (w *world) anybody() (u *user) {
	for range 6 {
		u = w.users[w.random.IntN(len(w.users))]
		if w.sc.perUser == 0 || len(u.live) < w.sc.perUser || w.random.IntN(8) == 0 {
			break
		}
	}
	return u
}

// departure is a user's last connection going.
type departure struct {
	at   time.Time
	user *user
}

// draw gives a client its manner, and the network between.
func (c *client) draw() {
	w := c.w
	total := 0
	for _, weight := range w.sc.mix {
		total += weight
	}
	at := w.random.IntN(total)
	for c.manner = 0; at >= w.sc.mix[c.manner]; c.manner++ {
		at -= w.sc.mix[c.manner]
	}
	switch {
	case c.manner == slow || c.manner == deaf:
		c.Window = w.random.IntN(20000)
	case c.manner == brittle:
		c.FailAt = 1 + w.random.IntN(3000)
	case w.random.IntN(5) == 0:
		c.Window, c.narrow = 1000+w.random.IntN(64<<10), true
	}
}

// forget drops a client after its connection has ended.
func (w *world) forget(c *client) {
	last := w.clients[len(w.clients)-1]
	w.clients[c.index], last.index = last, c.index
	w.clients = w.clients[:len(w.clients)-1]
	c.keepMark()
	c.user.unacked = append(c.user.unacked, c.unacked...)
	if w.byHandle[c.handle] == c {
		delete(w.byHandle, c.handle)
	}
}
