package redis

import (
	"math"
	"strconv"
	"time"

	"momentum/server/cluster"
)

// stale is the age after which a batch of unknown outcome is not executed any more: users would take its messages for new ones.
const stale = 30 * time.Second

// writer publishes all messages, with one batch under way: so messages keep their order, and the outcome of at most one batch is
// unknown when a connection is lost.
type writer struct {
	bus     *Bus
	encoder *encoder
	planner planner

	queue  []message // taken from the outbox
	spare  []message
	batch  *batch // is under way, or has an unknown outcome; nil: there is none
	reuse  bool   // whether nothing refers to the encoder's memory any more
	faults faults
	pace   pace // of its rounds
}

func newWriter(b *Bus) *writer {
	return &writer{
		bus: b, encoder: newEncoder(b.options.History, b.node), pace: pace{each: paceMessage, max: paceMessages, full: math.MaxInt},
	}
}

// run writes until the bus is closed.
func (w *writer) run() {
	for {
		select {
		case <-w.bus.closing:
			return
		case <-w.bus.outbox.wake:
		}
		for w.step() {
		}
	}
}

// step sends everything that may be sent now, in one round trip. It returns whether there may be more.
func (w *writer) step() bool {
	w.gather()
	a, state := w.bus.current()
	if state == cluster.Local {
		w.giveUp()
	}
	if a == nil {
		return false
	}
	w.encoder.reset(a.names, w.reuse)
	w.planner.names = a.names
	t := trip{now: w.bus.options.Now()}
	if state == cluster.Healthy || state == cluster.Slow {
		w.fill(t.now)
		w.addBatch(&t, a)
	}
	w.addCanaries(&t, a)
	if len(t.calls) == 0 {
		return false
	}
	w.bus.batchFrom.Store(&t.now)
	err := t.run()
	w.bus.batchFrom.Store(nil)
	w.reuse = err == nil
	if err != nil {
		a.end(err)
	}
	w.finish(&t)
	return err == nil
}

// gather waits for more messages if the last round had many. Go's timers take a millisecond, so it leaves out shorter waits.
func (w *writer) gather() {
	wait := w.pace.wait(w.bus.options.Now(), 0)
	if wait < time.Millisecond || w.batch != nil || len(w.queue) > 0 {
		return
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-w.bus.closing:
	case <-timer.C:
	}
}

// forFew counts the messages that do not wait for others by a rule of their own (outbox).
func forFew(messages []message) (n int) {
	for i := range messages {
		if !messages[i].forMany {
			n++
		}
	}
	return n
}

// fill makes the next batch, unless there is one.
func (w *writer) fill(now time.Time) {
	if w.batch != nil {
		return
	}
	if len(w.queue) == 0 {
		w.take()
		w.pace.begin(now, forFew(w.queue))
	}
	if len(w.queue) > 0 {
		w.batch, w.queue = w.planner.plan(w.queue, now)
	}
}

func (w *writer) addBatch(t *trip, a *attachment) {
	if w.batch == nil {
		return
	}
	m := fresh
	if w.batch.retried {
		w.bus.figures.retried.Add(1)
		if m = check; t.now.Sub(w.batch.made) > stale {
			m = look
		}
	}
	w.bus.figures.batches.Add(1)
	for _, c := range w.batch.calls {
		if !c.settled {
			keys, args := w.encoder.call(c, a.epochs[c.partition], m)
			t.add(a.owner[c.partition], keys, args, func(answer string, err error) { c.answer, c.err = answer, err })
		}
	}
	w.batch.retried = true
}

func (w *writer) addCanaries(t *trip, a *attachment) {
	for _, l := range a.links {
		number, ok := l.canary.take()
		if !ok {
			continue
		}
		keys, args := w.encoder.canary(l.partition, l.canaryChannel, strconv.FormatUint(number, 10), a.epochs[l.partition])
		t.add(l, keys, args, func(_ string, err error) {
			if err != nil && !isFatal(err) {
				l.canary.refuse(w.bus.options.Now())
				w.report(err)
			}
		})
	}
}

// giveUp gives up the messages that wait and were never sent. More may come meanwhile: they wake the writer again.
func (w *writer) giveUp() {
	if len(w.queue) > 0 {
		w.bus.outbox.ring() // for those in the outbox
	} else {
		w.take()
	}
	for len(w.queue) > 0 {
		n := min(len(w.queue), deliverySlice)
		w.lose(w.queue[:n], cluster.ErrUnavailable)
		w.queue = w.queue[n:]
	}
}

func (w *writer) take() {
	w.queue = w.bus.outbox.take(w.spare)
	w.spare = w.queue
}

// report logs a refusal of Redis once, until it is another or gone.
func (w *writer) report(err error) { w.faults.warn(w.bus.options.Log, "Redis refuses messages", err) }
