package sim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
)

// bookmark is the position that a client keeps from one connection to the next: the numbers that it has read.
type bookmark struct {
	epoch             string
	broadcast, direct uint64
	received          int // how many of its user's direct messages the client has had, in the model's count
	topics            map[string]place
}

// returning is a client's part in a resume.
type returning struct {
	asks      bool
	mark      bookmark // now
	due       string   // the reason that its position deserves, whatever is kept
	beyond    bool     // its position is above all numbers
	welcome   []byte   // the one that the node has sent, until it is read
	fresh     bookmark // the position that it states
	resumed   bool
	since     int    // how many messages the node had accepted when it admitted the client
	replaying bool   // there was more than one write of missed messages; true until the next rest
	upTo      uint64 // number of the last broadcast that was missed then
	sentTo    uint64 // while replaying: number of the last broadcast that the node has sent
}

// welcome is the data of a welcome.
type welcome struct {
	Epoch             string
	Broadcast, Direct uint64
	Resumed           bool
	Missed            int
	Reason            string
}

// gap is the data of a gap.
type gap struct {
	Channel  string
	From, To uint64
}

// query is what a client adds to its request in order to resume.
func (c *client) query() string {
	u, random := c.user, c.w.random
	if c == c.w.witness || random.IntN(5) == 0 {
		return ""
	}
	c.asks = true
	if len(u.marks) == 0 {
		c.due = "new"
		return "&resume="
	}
	i := random.IntN(len(u.marks))
	c.mark = u.marks[i]
	c.mark.topics = maps.Clone(c.mark.topics)
	if random.IntN(8) > 0 { // otherwise another client has a copy
		u.marks = slices.Delete(u.marks, i, i+1)
	}
	return "&resume=" + c.position()
}

// position writes the client's position, or now and then something else.
func (c *client) position() string {
	p := c.mark
	switch c.w.random.IntN(60) {
	case 0:
		c.due, p.epoch = "epoch", "another_epoch-1"
	case 1:
		c.due = "unknown"
		return []string{p.epoch, p.epoch + ".1", p.epoch + ".-1.0", p.epoch + ".0.x", "..", p.epoch + ".1.1.1", "a%20b.1.1"}[c.w.random.IntN(7)]
	case 2:
		c.beyond, p.broadcast = true, p.broadcast+1<<40
	case 3:
		c.beyond, p.direct = true, p.direct+1<<40
	}
	return fmt.Sprintf("%s.%d.%d", p.epoch, p.broadcast, p.direct)
}

// keepMark leaves the position for another connection of the user.
func (c *client) keepMark() {
	const most = 6
	if c.asks && c.mark.epoch != "" {
		c.user.marks = append(c.user.marks, c.mark)
		c.user.marks = c.user.marks[max(0, len(c.user.marks)-most):]
	}
}

var validEpoch = regexp.MustCompile(`^[A-Za-z0-9_-]{1,16}$`)

// checkWelcome checks what the node has written after a 101: the welcome and the missed messages if the client has asked to
// resume, and otherwise nothing. It notes what the client must receive from now on.
func (c *client) checkWelcome(b []byte) {
	_, rest, _ := bytes.Cut(b, []byte("\r\n\r\n"))
	if !c.asks {
		if len(rest) > 0 {
			c.w.fail(c, "it has not asked to resume, and the node writes %.200q", rest)
		}
		return
	}
	f, rest, whole := cutFrame(rest)
	said, err := welcomeIn(f.payload)
	if !whole || err != nil {
		c.w.fail(c, "its 101 is followed by %.200q: %v", f.payload, err)
	}
	c.welcome, c.since = f.payload, c.w.model.accepted
	c.checkNumbers(said)
	if c.resumed = said.Resumed; c.resumed {
		c.w.tally.resumed++
		c.checkResumed(said, rest)
		return
	}
	c.w.tally.refused[said.Reason]++
	c.checkReason(said.Reason)
	if len(rest) > 0 {
		c.w.fail(c, "not resumed, and the node goes on with %.200q", rest)
	}
	c.next = int(said.Broadcast)
	c.fresh = bookmark{said.Epoch, said.Broadcast, said.Direct, len(c.user.directs.all), nil}
}

func welcomeIn(text []byte) (said welcome, err error) {
	var m struct {
		Type string `json:"message_type"`
		Data json.RawMessage
	}
	if err = json.Unmarshal(text, &m); err == nil {
		err = json.Unmarshal(m.Data, &said)
	}
	switch {
	case err != nil:
	case m.Type != "welcome":
		err = fmt.Errorf("%s instead of a welcome", m.Type)
	case said.Resumed == bytes.Contains(m.Data, []byte(`"reason"`)) || said.Resumed != bytes.Contains(m.Data, []byte(`"missed"`)):
		err = fmt.Errorf("missed or reason: %s", m.Data)
	}
	return said, err
}

// checkNumbers checks the epoch and the numbers of a welcome.
func (c *client) checkNumbers(said welcome) {
	w, ch := c.w, &c.user.directs
	switch applied := int(said.Broadcast); {
	case !w.epochIs(said.Epoch):
		w.fail(c, "welcomed in epoch %q, not %q", said.Epoch, w.epoch)
	case applied < c.next || applied > len(w.model.forAll.all):
		w.fail(c, "welcomed with number %d for all; %d were posted before the check of its token, %d now", applied, c.next, len(w.model.forAll.all))
	case !ch.era.numbered(len(ch.all), said.Direct):
		w.fail(c, "welcomed with number %d of its own messages, due was %d", said.Direct, ch.era.last(len(ch.all)))
	case c.mark.epoch == said.Epoch && (said.Broadcast < c.mark.broadcast || said.Direct < c.mark.direct):
		w.fail(c, "welcomed with %d and %d, and has had %d and %d", said.Broadcast, said.Direct, c.mark.broadcast, c.mark.direct)
	}
}

// epochIs reports whether the node's epoch is this one, as it was told before.
func (w *world) epochIs(epoch string) bool {
	if w.epoch == "" {
		w.epoch = epoch
	}
	return epoch == w.epoch && validEpoch.MatchString(epoch)
}

// checkReason checks that there is the reason for which the client is not resumed.
func (c *client) checkReason(reason string) {
	may, _ := c.lacks()
	just := c.due == reason
	if c.due == "" {
		just = c.beyond && reason == "unknown" || may&expired != 0 && reason == "expired" || may&tooMany != 0 && reason == "too_many"
	}
	if !just {
		c.w.fail(c, "not resumed for the reason %q (due: %q) from %+v: it lacks %b; %d and %d were posted", reason, c.due, c.mark, may,
			len(c.w.model.forAll.all), len(c.user.directs.all))
	}
}

// lacks says what of the client's two channels the node may be without, and what it must be without.
func (c *client) lacks() (may, must reasons) {
	now := c.w.net.Now()
	mayAll, mustAll := c.w.model.forAll.lacks(int(c.mark.broadcast), now)
	mayOwn, mustOwn := c.user.directs.lacks(c.mark.received, now)
	return mayAll | mayOwn, mustAll | mustOwn
}

// checkResumed checks that the client may be resumed, and that as many messages are announced as it has missed.
func (c *client) checkResumed(said welcome, rest []byte) {
	w := c.w
	if _, must := c.lacks(); must != 0 || c.due != "" || c.beyond {
		w.fail(c, "resumed from %+v, and is without %b; deserves %q, beyond %v", c.mark, must, c.due, c.beyond)
	}
	c.owed = slices.Clone(c.user.directs.all[c.mark.received:])
	c.next = int(c.mark.broadcast)
	missed := len(c.owed)
	for _, m := range w.model.forAll.all[c.next:said.Broadcast] {
		if m.from != c.user {
			missed++
		}
	}
	w.tally.missed += missed
	came := 0
	c.sentTo, c.upTo = c.mark.broadcast, said.Broadcast
	c.eachFrame(rest, func(text []byte) {
		came++
		c.advance(text)
	})
	c.checkSegment(rest)
	if c.replaying = came < missed; missed > 0 {
		c.noteMissed()
	}
	if missed != said.Missed || came > missed || c.replaying && len(rest) < segment {
		w.fail(c, "resumed from %+v with %d missed messages, and %d frames of %d bytes; it has missed %d", c.mark, said.Missed, came, len(rest), missed)
	}
	if c.replaying {
		w.tally.replays++
		w.replaying = append(w.replaying, c)
	}
}

// segment is how many bytes of missed messages come at once before the rest has to wait.
const segment = 128 << 10

func (c *client) eachFrame(b []byte, do func(text []byte)) {
	for len(b) > 0 {
		f, rest, whole := cutFrame(b)
		if !whole {
			c.w.fail(c, "the node writes a part of a frame: %.100q", b)
		}
		b = rest
		do(f.payload)
	}
}

// advance notes the number of a broadcast that the node sends.
func (c *client) advance(text []byte) {
	if _, seq, numbered := cutSeq(text); numbered && isForAll(text) {
		c.sentTo = seq
	}
}

// isForAll reports whether a numbered message is a broadcast.
func isForAll(text []byte) bool {
	return !bytes.Contains(text, []byte(`"to_user_id"`)) && !bytes.Contains(text, []byte(`"topic":"`))
}

// checkSegment checks that missed broadcasts come at most a segment and a message at a time, and only when the socket has
// taken all bytes before them: nobody may become slow by what the node decides to send.
func (c *client) checkSegment(b []byte) {
	size, last := 0, 0
	c.eachFrame(b, func(text []byte) {
		_, seq, numbered := cutSeq(text)
		if numbered && seq <= c.upTo && isForAll(text) {
			last = len(text)
			size += last
		}
	})
	if queued := c.OutboundBuffered(); size-last > segment || size > 0 && queued > 0 {
		c.w.fail(c, "%d bytes of missed broadcasts at once, and %d bytes are queued", size, queued)
	}
}

// watchReplay looks at what the node sends to a client that gets a replay.
func (c *client) watchReplay(b []byte) {
	c.checkSegment(b)
	c.eachFrame(b, func(text []byte) {
		if bytes.Contains(text, []byte(`"message_type":"gap"`)) {
			c.checkGap(text)
		}
		c.advance(text)
	})
}

// checkGap checks that all messages of a gap can be lost, and that it begins after the last one that was sent.
func (c *client) checkGap(text []byte) {
	g, err := gapIn(text)
	all := c.w.model.forAll.all
	if err != nil || g.Channel != "broadcast" || g.From <= c.sentTo || g.To < g.From || int(g.To) > len(all) {
		c.w.fail(c, "a gap after number %d of %d: %s (%v)", c.sentTo, len(all), text, err)
	}
	if may, _ := c.w.model.forAll.lacks(int(g.To)-1, c.w.net.Now()); may == 0 {
		c.w.fail(c, "a gap where nothing can be lost: %s", text)
	}
	for _, m := range all[c.sentTo : g.From-1] {
		if m.from != c.user {
			c.w.fail(c, "a gap from %d on, and message %.100q before it was not sent", g.From, m.text)
		}
	}
	c.sentTo = g.To
	c.w.tally.gaps++
}

func gapIn(text []byte) (g gap, err error) {
	m := struct{ Data *gap }{&g}
	return g, json.Unmarshal(text, &m)
}

// receiveGap moves a client over the messages that it is told are lost.
func (c *client) receiveGap(text []byte) error {
	g, err := gapIn(text)
	c.w.model.skipOwn(c, int(g.From)-1)
	if err != nil || !c.replaying || int(g.From)-1 != c.next {
		return fmt.Errorf("a gap after %d messages: %s (%w)", c.next, text, err)
	}
	c.next, c.mark.broadcast = int(g.To), g.To
	return nil
}

// receiveWelcome takes the position in a welcome that does not resume.
func (c *client) receiveWelcome(text []byte) error {
	if !bytes.Equal(c.welcome, text) {
		return fmt.Errorf("welcomed with %s instead of %s", text, c.welcome)
	}
	c.welcome = nil
	if !c.resumed {
		c.fresh.topics = c.mark.topics
		c.mark = c.fresh
	}
	return nil
}

// burst posts many broadcasts, maybe more than are kept, while a client gets a replay.
func (w *world) burst() {
	w.replaying = slices.DeleteFunc(w.replaying, func(c *client) bool { return c.phase != live || !c.replaying })
	if len(w.replaying) == 0 || w.calm {
		return
	}
	if w.random.IntN(24) == 0 {
		for range 1 + w.random.IntN(6) {
			w.broadcast(w.random.IntN(w.sc.message - 600))
		}
	}
}

// replaysGoOn lets the clients that get replays read, and reports whether one of them has not read to the end.
func (w *world) replaysGoOn() (waiting bool) {
	for _, c := range w.replaying {
		if c.phase != live || !c.readsAll() || w.model.missing(c) == nil {
			continue
		}
		waiting = true
		for c.receive() {
		}
	}
	return waiting
}
