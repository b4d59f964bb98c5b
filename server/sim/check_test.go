package sim

import (
	"context"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/server"
	"momentum/server/heavy"
)

const (
	// slack is by how much a deadline may be late: ticks are counted up, and seen with the next turn.
	slack = 3 * netpoll.TickLength

	// goodbyeTime bounds an end: the answer to a close frame, the flush of the queue, and the lingering of the
	// socket, each with a time of its own.
	goodbyeTime = server.CloseTimeout + (netpoll.FlushLimitTicks+netpoll.LingerTicks)*netpoll.TickLength + slack

	// overflowSlots is the number of connections above the limit that may be open until they are refused.
	overflowSlots = 32

	// lookEvery is the number of steps between two runs of the slow checks.
	lookEvery = 10

	// restTime is how long it takes until nothing is under way: handshakes have 5 s.
	restTime = 8 * time.Second

	// replayTime is how long the replays may take that are under way then.
	replayTime = 30 * time.Second

	// graceTime is how long a user may be away without having left.
	graceTime = 3 * time.Second

	// tellTime is how long a departure takes to be announced, perhaps in the next summary: in crowds of this size
	// there is one a second.
	tellTime = graceTime + time.Second + slack
)

// deadlines are times by which a client must have met a condition. They are due in the order in which they were
// added.
type deadlines struct{ list []deadline }

type deadline struct {
	at time.Time
	c  *client
}

func (d *deadlines) add(c *client, at time.Time) { d.list = append(d.list, deadline{at, c}) }

// due takes the first client that is due.
func (d *deadlines) due(now time.Time) *client {
	if len(d.list) == 0 || d.list[0].at.After(now) {
		return nil
	}
	c := d.list[0].c
	d.list = d.list[1:]
	return c
}

// postpone moves all deadlines to at least until: the node cannot act while its process stands still.
func (d *deadlines) postpone(until time.Time) {
	for i := range d.list {
		if d.list[i].at.Before(until) {
			d.list[i].at = until
		}
	}
}

// check holds after every step.
func (w *world) check() {
	stats := w.server.Stats()
	if stats.TotalConnections != w.model.live || stats.UniqueUsers != w.model.online {
		w.fail(nil, "the node counts %d connections of %d users, the model %d of %d", stats.TotalConnections, stats.UniqueUsers, w.model.live, w.model.online)
	}
	if w.steps%lookEvery == 0 {
		w.checkHeld(stats.BytesUnfinished)
	}
	if !w.settled {
		return
	}
	if stats.Sockets > w.sc.sockets+overflowSlots {
		w.fail(nil, "%d sockets are open, the cap is %d", stats.Sockets, w.sc.sockets)
	}
	w.checkIdentities()
	if w.steps%lookEvery == 0 {
		w.checkBacklogs()
		w.checkSubscriptions()
	}
	now := w.net.Now()
	for c := w.mustAnswer.due(now); c != nil; c = w.mustAnswer.due(now) {
		if c.phase == asking {
			w.fail(c, "its handshake is not answered %v after it began", now.Sub(c.dialled))
		}
	}
	for c := w.mustPart.due(now); c != nil; c = w.mustPart.due(now) {
		if c.phase == live {
			w.fail(c, "it is dead, and not closed")
		}
	}
	for c := w.mustGo.due(now); c != nil; c = w.mustGo.due(now) {
		if !c.Closed {
			w.fail(c, "its socket outlives it")
		}
	}
}

// looseBytes may be kept on a reactor above the limit between two checks of the sum: a message, close frames, and the
// bytes of unfinished messages since the last tick.
const looseBytes = 256 << 10

// checkHeld sums the bytes that are kept for all clients.
func (w *world) checkHeld(unfinished int64) {
	queued := 0
	for _, c := range w.clients {
		queued += c.OutboundBuffered()
	}
	if most := w.sc.held*9/8 + w.sc.reactors*looseBytes; w.sc.held > 0 && queued+int(unfinished) > most {
		w.fail(nil, "%d bytes are queued for all and %d unfinished, more than %d", queued, unfinished, most)
	}
}

// rest lets everything under way come to its end, and compares the node with the model.
func (w *world) rest() {
	w.calm = true
	end := w.net.Now().Add(restTime)
	for w.net.Now().Before(end) || w.net.Now().Sub(w.partedAt) < tellTime || w.replaysGoOn() && w.net.Now().Before(end.Add(replayTime)) {
		w.step()
	}
	w.audit()
	count, page := w.server.Online(uuid.Nil, len(w.users)+1)
	known := map[uuid.UUID]bool{}
	for _, u := range page {
		known[u.UserID] = true
	}
	for _, u := range w.users {
		if known[u.id] != (len(u.live) > 0) {
			w.fail(nil, "%s has %d connections; listed as online: %v", u.name, len(u.live), known[u.id])
		}
	}
	if count != w.model.online || len(page) != count {
		w.fail(nil, "%d are online, counted %d, listed %d", w.model.online, count, len(page))
	}
	for _, c := range w.clients {
		if c.phase == live && c.readsAll() {
			for c.receive() { // a narrow window opens as it reads
			}
			if err := w.model.missing(c); err != nil {
				w.fail(c, "at rest: %v", err)
			}
			if len(c.lists) > 0 {
				w.fail(c, "at rest: %d questions for users are not answered", len(c.lists))
			}
			c.replaying = false
		}
		w.checkTold(c)
	}
	w.checkStandings() // after all clients have read everything
	if w.witness.phase != live || w.witness.joined != w.model.online-1 {
		w.fail(w.witness, "it was told that %d users are here beside itself, of %d", w.witness.joined, w.model.online)
	}
	w.calm = false
}

// checkTold compares the presence messages that a client received with the users that are online.
func (w *world) checkTold(c *client) {
	if c.phase != live || !c.answersPings() {
		return
	}
	for _, u := range w.users {
		if came, told := c.told[u.name]; told && came != (len(u.live) > 0) {
			w.fail(c, "it was told last that %s has come: %v; %s has %d connections", u.name, came, u.name, len(u.live))
		}
	}
}

func (w *world) audit() {
	verdict := w.server.BeginAudit()
	for w.net.Step() {
	}
	if err := verdict(); err != nil {
		w.fail(nil, "audit: %v", err)
	}
	for by := range heavy.Refused + 1 {
		w.checkHeaviest(by)
	}
}

// checkHeaviest compares the list of the heaviest connections with those of the model: a user has no more live ones in it than in all.
func (w *world) checkHeaviest(by heavy.Measure) {
	rows := server.BeginHeaviest(w.server, by)
	for w.net.Step() {
	}
	listed := map[uuid.UUID]int{}
	for _, r := range rows() {
		if r.Ended == "" {
			listed[r.UserID]++
		}
	}
	for _, u := range w.users {
		if listed[u.id] > len(u.live) {
			w.fail(nil, "%d live connections of %s are among the heaviest by measure %d, of %d", listed[u.id], u.name, by, len(u.live))
		}
		delete(listed, u.id)
	}
	if len(listed) > 0 {
		w.fail(nil, "users that there are not are among the heaviest: %v", listed)
	}
}

// end makes all clients leave, by themselves or in a drain, and checks that nothing is left of them.
func (w *world) end() {
	w.calm = true
	if w.random.IntN(2) == 0 {
		over, cancel := context.WithCancel(context.Background())
		cancel()
		w.draining = true
		_ = w.server.Drain(over)
		for range 20 {
			w.dial()
		}
	} else {
		for i := len(w.clients) - 1; i >= 0; i-- {
			if c := w.clients[i]; !c.leaving && !c.quiet && c.upgraded && w.random.IntN(4) > 0 {
				c.leave()
			} else if !c.Closed && w.random.IntN(2) == 0 {
				c.HangUp()
			} else if !c.quiet {
				c.vanish()
			}
		}
	}
	w.mustPart.list = nil
	for end := w.net.Now().Add(w.sc.interval + w.sc.timeout + goodbyeTime + restTime); w.net.Now().Before(end); {
		w.step()
	}
	w.audit()
	w.checkEmpty()
}

// checkEmpty checks that the node holds nothing after all clients have gone.
func (w *world) checkEmpty() {
	s := w.server.Stats()
	if s.Sockets != 0 || s.TotalConnections != 0 || s.UniqueUsers != 0 || s.BytesQueued != 0 || len(w.clients) != 0 {
		w.fail(nil, "with everybody gone there are %d clients, %d sockets, %d sessions, %d users, %d bytes queued",
			len(w.clients), s.Sockets, s.TotalConnections, s.UniqueUsers, s.BytesQueued)
	}
	if w.checkSubscriptions(); w.subscriptions != 0 {
		w.fail(nil, "with everybody gone there are %d subscriptions", w.subscriptions)
	}
	refused, closed := sum(s.Refused), sum(s.Closed)
	if inquiries := sum(s.Inquiries); s.Accepted != s.Admitted+refused+inquiries+s.Closed["early"] || s.Inquiries["none"] < uint64(w.inquired) {
		w.fail(nil, "of %d accepted, %d were admitted, %d refused, %d inquiries (the model says %d), and %d gave up",
			s.Accepted, s.Admitted, refused, inquiries, w.inquired, s.Closed["early"])
	}
	if closed-s.Closed["early"] != s.Admitted || s.Admitted < uint64(w.admitted) {
		w.fail(nil, "%d were admitted (the model says %d), and the ends of %d are counted", s.Admitted, w.admitted, closed-s.Closed["early"])
	}
	if s.MessagesIn < uint64(w.messages) {
		w.fail(nil, "%d messages came, %d are counted", w.messages, s.MessagesIn)
	}
	if s.Overloaded != 0 {
		w.fail(nil, "%d were overloaded", s.Overloaded)
	}
}

func sum(byReason map[string]uint64) (n uint64) {
	for _, count := range byReason {
		n += count
	}
	return n
}
