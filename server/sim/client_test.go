package sim

import (
	"bytes"
	"encoding/binary"
	"slices"
	"time"

	"momentum/netpoll"
	"momentum/netpoll/netpolltest"
)

// phase is how far the node has got with a client.
type phase uint8

const (
	asking phase = iota // the handshake is not answered
	live                // the 101 is written
	parted              // the close frame or a refusal is written, or the connection has gone
)

// String returns the phase's name.
func (p phase) String() string { return [...]string{"asking", "live", "parted"}[p] }

// client is one connection: the node's end of it as the model has it, and its own end.
type client struct {
	*netpolltest.Peer
	w      *world
	number int
	index  int // among the world's clients
	user   *user
	credentials
	manner manner
	handle netpoll.Handle

	origin

	// The node's end.
	phase   phase
	dialled time.Time
	asked   time.Time // when the request was complete and its check began
	want    int       // the status the request deserves
	read    int       // bytes the node has read
	acted   int       // how many of these the client has acted on
	items   []item    // the meaning of the sent bytes that the node has not acted on
	credit  int       // tenths of a message
	earned  uint32    // tick up to which credit was given
	refused int       // messages above the limit in a row
	seen    uint32    // tick of the last frame
	below   int       // the world's settles when its queue was last seen not above the soft limit
	behind  bool      // so many missed messages were sent at once that its queue may still be above the soft limit for them
	more    bool      // it was sent missed messages since the world has settled last
	low     int       // the fewest bytes in its queue since then
	high    int       // the most
	fewest  int       // at least the fewest that the node has seen since its last missed messages
	doomed  int       // the close code that its protocol error must get
	lawless bool      // it has sent random bytes: any answer is right

	// What the client must still receive.
	next    int        // index in the broadcasts of the next one that it must receive
	owed    []*message // those for its user alone
	answers []answer
	lists   []item // its questions for users
	returning
	subscribing

	// Its own end.
	sent     int  // bytes
	packs    bool // compression is agreed
	unpacks  bool // with a window as large as the node's
	narrow   bool // its window is as large as the bytes it has read
	quiet    bool // it sends nothing any more, not even pongs
	leaving  bool // it has sent its last frame
	upgraded bool
	buffer   []byte
	told     map[string]bool // users announced to it one by one: true for joined, false for left
	joined   int             // announced arrivals less announced departures
	actions  int
	unacked  []item // messages that it wants acknowledged
	readAt   time.Time
	actAt    time.Time
	wakeAt   time.Time
}

// Reads is called before the node reads n bytes. It acts on them as the node should.
func (c *client) Reads(n int) {
	c.read += n
	c.w.note("reads", c, n, nil)
	switch {
	case c.phase == live:
		c.act()
	case c.phase == asking:
		c.arrive()
	}
}

// arrive acts on the bytes received so far of a PROXY header and a request.
func (c *client) arrive() {
	for len(c.items) > 0 && c.items[0].end <= c.read && c.asked.IsZero() {
		it := c.items[0]
		c.items = c.items[1:]
		if it.kind == itemHeader {
			if c.way == line || c.way == binaryWay {
				c.enter()
			}
			continue
		}
		c.asked = c.w.net.Now()
		if c.want != 400 && c.want != 426 { // these two answers do not depend on the user
			c.enter()
		}
		if c.needsTokenCheck() {
			c.w.pending++
		}
	}
}

// needsTokenCheck says that the handshake depends on the token and the user.
func (c *client) needsTokenCheck() bool {
	return !c.crowded && (c.want == 101 || c.want == 204 || c.want == 401)
}

// HasRead checks the effects that must have happened at once.
func (c *client) HasRead() {
	c.release()
	if c.phase == live && c.doomed != 0 {
		c.w.fail(c, "the node did not close, for which code %d was due", c.doomed)
	}
	if c.phase == asking && (c.turned || !c.asked.IsZero()) && !c.needsTokenCheck() {
		c.w.fail(c, "the node did not answer a request that deserves %d, or 429: %v", c.want, c.crowded)
	}
}

// Writes is called with the bytes that the node writes.
func (c *client) Writes(b []byte) {
	c.w.note("writes", c, len(b), b)
	c.noteBacklog(len(b))
	if queued := c.OutboundBuffered(); queued > 0 && queued+len(b) > c.w.sc.outbound.Hard+closeFrameBytes {
		c.w.fail(c, "%d bytes are queued, and the node adds %d", queued, len(b))
	}
	if c.phase == live {
		c.watchTopics(b)
	}
	switch {
	case c.phase == asking:
		c.answered(b)
	case b[0] == finBit|opClose:
		c.release()
		c.closed(b)
	case c.phase == parted:
		c.w.fail(c, "the node writes %q after its close", b[:min(len(b), 100)])
	case c.replaying:
		c.noteMissed()
		c.watchReplay(b)
	}
	if c.manner != deaf && !c.quiet {
		c.readBy(c.w.net.Now().Add(c.w.latency()))
	}
}

// closeFrameBytes is the largest close frame, which goes out also where the limit is reached.
const closeFrameBytes = 2 + 125

// Loses is called when the connection has ended.
func (c *client) Loses(error) {
	c.w.note("loses", c, 0, nil)
	if c.phase != parted {
		c.user.lost.add(c.w.net.Now())
	}
	if c.phase == asking && c.FailAt > 0 && c.w.server.Stats().Admitted > c.w.reached {
		c.w.reached++ // the connection broke when the 101 was written
		c.user.comes(c.w.net.Now())
	}
	c.release()
	c.vacate()
	c.part()
	c.wakeBy(c.w.net.Now().Add(c.w.latency()))
}

// part removes the client from the model.
func (c *client) part() {
	switch {
	case c.phase == live:
		c.user.whole = max(c.user.whole, c.whole())
		c.user.live = slices.DeleteFunc(c.user.live, func(other *client) bool { return other == c })
		c.w.model.live--
		for _, t := range c.w.topicList {
			c.noteUnsubscribed(t.name)
		}
		c.user.seen = c.w.net.Now()
		if len(c.user.live) == 0 {
			c.w.model.online--
			c.user.went = c.w.net.Now()
			c.w.left = append(c.w.left, departure{c.w.net.Now(), c.user})
		}
	case c.phase == asking && !c.asked.IsZero() && c.needsTokenCheck():
		c.w.pending--
		c.w.ghosts++ // its connection slot is taken until the result of its check is back
	}
	if c.phase != parted {
		c.phase, c.w.partedAt = parted, c.w.net.Now()
		c.w.mustGo.add(c, c.w.net.Now().Add(goodbyeTime))
	}
}

// answered checks the answer to a handshake.
func (c *client) answered(b []byte) {
	status := 0
	for _, digit := range b[len("HTTP/1.1 "):][:3] {
		status = status*10 + int(digit-'0')
	}
	if status == 204 {
		c.checkAccepted()
		return
	}
	if status != 101 {
		c.checkRefusal(status, b)
		c.part()
		return
	}
	if c.want != 101 || c.asked.IsZero() || c.crowded {
		c.w.fail(c, "admitted, and deserves %d, or 429: %v", c.want, c.crowded)
	}
	if most := c.w.sc.perUser; most > 0 && len(c.user.live) >= most {
		c.w.fail(c, "admitted where its user has %d connections of %d", len(c.user.live), most)
	}
	c.checkAdmission()
	c.w.pending--
	c.w.reached++
	c.user.comes(c.w.net.Now())
	c.checkWelcome(b)
	c.phase, c.seen = live, c.w.tick()
	c.earned = c.w.tick()
	c.credit = (20 - max(0, int(c.user.whole)-int(c.earned))) * c.w.sc.rate
	if len(c.user.live) == 0 {
		c.w.model.online++
		c.user.came = c.w.net.Now()
	}
	c.user.live = append(c.user.live, c)
	c.w.model.live++
	c.w.admitted++
	c.claim = c.token.claim
	c.joinsDue = len(c.joins()) > 0
	c.packs = bytes.Contains(b, []byte("permessage-deflate"))
	c.unpacks = c.packs && !bytes.Contains(b, []byte("server_max_window_bits"))
	if c.w.model.live > c.w.sc.slots {
		c.w.fail(c, "%d are live in %d connection slots", c.w.model.live, c.w.sc.slots)
	}
	c.act()
}

// checkAccepted checks the answer to an inquiry that a handshake would be admitted.
func (c *client) checkAccepted() {
	if c.want != 204 || c.asked.IsZero() || c.crowded {
		c.w.fail(c, "told that a handshake would be admitted, and deserves %d, or 429: %v", c.want, c.crowded)
	}
	if most := c.w.sc.perUser; most > 0 && len(c.user.live) >= most {
		c.w.fail(c, "told so where its user has %d connections of %d", len(c.user.live), most)
	}
	c.checkAdmission()
	c.w.inquired++
	c.part()
}

// checkRefusal checks that there was reason for it.
func (c *client) checkRefusal(status int, b []byte) {
	now, w := c.w.net.Now(), c.w
	says := func(code string) bool { return bytes.Contains(b, []byte(`"error":"`+code+`"`)) }
	tokenChecked := !c.asked.IsZero() && c.needsTokenCheck()
	just := status == c.want && !c.asked.IsZero()
	asks := c.turned || !c.asked.IsZero() || now.Sub(c.dialled) > 900*time.Millisecond // it has a second for its request
	switch {
	case status == 408:
		just = c.asked.IsZero() && now.Sub(c.dialled) > 4900*time.Millisecond
	case w.dialling == c && says("full"):
		just = w.server.Group().Open() > w.sc.sockets
		c.vacate() // it was never counted
	case says("memory"):
		just = status == 503 && w.sc.held > 0 && (c.asked.IsZero() || tokenChecked || c.way == impostor) && c.read > 0 // its handshake is kept until it is over
	case c.crowded && c.want != 400 && c.want != 426 || says("address_full"):
		just = status == 429 && says("address_full") && c.crowded && asks
	case c.way == impostor:
		just = status == 400
	case says("user_full"):
		just = status == 429 && tokenChecked && w.sc.perUser > 0 && len(c.user.live)+c.user.lost.count(now) >= w.sc.perUser
	case says("full"):
		just = tokenChecked && w.model.live+w.pending-1+w.ghosts >= w.sc.slots
	case says("busy"):
		just = tokenChecked && (now.Sub(c.asked) > 1900*time.Millisecond || now.Sub(c.dialled) >= 4900*time.Millisecond) // the check was late, or the whole handshake
	case says("draining"):
		just = tokenChecked && w.draining
	case tokenChecked && !just:
		just = c.justRefusal(b)
	}
	if !just {
		w.fail(c, "refused with %q, deserves %d; asked %v ago; %d live, %d pending, %d ghosts, %d slots",
			b[:min(len(b), 300)], c.want, now.Sub(c.asked), w.model.live, w.pending, w.ghosts, w.sc.slots)
	}
}

// closed checks that the node had reason to close.
func (c *client) closed(b []byte) {
	f, _, whole := cutFrame(b)
	code := 0
	if len(f.payload) >= 2 {
		code = int(binary.BigEndian.Uint16(f.payload))
	}
	silent := time.Duration(c.w.tick()-c.seen) * netpoll.TickLength
	just := c.lawless
	switch {
	case !whole || c.phase != live:
	case c.doomed != 0:
		just = code == c.doomed || code == 0 && c.doomed == noCode
	case code == 1001 && bytes.Contains(b, []byte("ping")):
		just = silent >= c.w.sc.timeout && (!c.answersPings() || c.narrow)
	case code == 1001:
		just = silent >= c.w.sc.idle
	case code == 1012:
		just = c.w.draining
	case code == 1013 && bytes.Contains(b, []byte("memory")):
		just = c.w.sc.held > 0 && (c.OutboundBuffered() > 0 || c.read > c.acted)
	case code == 1013:
		just = c.OutboundBuffered() > 0 || c.replaying
	case code > 4000:
		just = c.justClose(code)
	}
	if !just {
		c.w.fail(c, "closed with %q: silent for %v, doomed to %d, %d bytes queued", b[:min(len(b), 100)], silent, c.doomed, c.OutboundBuffered())
	}
	c.part()
}

// readsAll says that the client reads all that the node sends.
func (c *client) readsAll() bool { return c.answersPings() && c.manner != brittle }

// answersPings says that nothing but the network keeps the client from answering in time.
func (c *client) answersPings() bool {
	return !c.quiet && !c.leaving && c.manner != slow && c.manner != deaf && c.manner != wild
}
