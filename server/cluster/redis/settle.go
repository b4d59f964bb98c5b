package redis

import (
	"strconv"
	"strings"

	"momentum/server/cluster"
)

// finish settles the calls of a batch that have an outcome. The batch stays if one has none.
func (w *writer) finish(*trip) {
	b := w.batch
	if b == nil || !b.retried {
		return
	}
	complete := true
	for _, c := range b.calls {
		switch {
		case c.settled:
		case c.err == nil && c.answer == "": // too late to execute it, and to deliver it on this node
			w.forgetCall(c)
		case c.err == nil:
			w.report(nil)
			w.settle(c)
		case isFatal(c.err):
			complete = false
		default:
			w.report(c.err)
			w.loseCall(c)
		}
	}
	if complete {
		w.batch = nil
	}
}

// settle reports the outcomes of a call.
func (w *writer) settle(c *call) {
	c.settled = true
	var outcomes []cluster.Outcome
	rest := c.answer
	for i := range c.operations {
		o := &c.operations[i]
		var number, receivers, stored uint64
		number, rest = cutField(rest)
		receivers, rest = cutField(rest)
		stored, rest = cutField(rest)
		first := number - uint64(len(o.messages)) + 1
		for j := range o.messages {
			out := cluster.Outcome{Ref: o.messages[j].ref, Seq: first + uint64(j), Nodes: int(receivers), Stored: stored == 1}
			if number == 0 {
				out = cluster.Outcome{Ref: out.Ref, Err: cluster.ErrUnknown}
				w.bus.figures.unknown.Add(1)
			}
			if out.Ref != nil {
				outcomes = append(outcomes, out)
			}
		}
		w.bus.figures.published.Add(uint64(len(o.messages)))
		w.bus.outbox.settled(o.messages)
	}
	if len(outcomes) > 0 {
		w.bus.inbox.await()
		w.bus.inbox.call(len(outcomes)*messageBytes, func(n cluster.Node) { n.Settled(outcomes) })
	}
}

// cutField reads a number and the space after it.
func cutField(text string) (value uint64, rest string) {
	field, rest, _ := strings.Cut(text, " ")
	value, _ = strconv.ParseUint(field, 10, 64)
	return value, rest
}

// forgetCall reports messages of a call that are too old for anybody. Only those that wait for an outcome get one.
func (w *writer) forgetCall(c *call) {
	for i := range c.operations {
		for j := range c.operations[i].messages {
			c.operations[i].messages[j].json = nil
		}
	}
	w.loseCall(c)
}

func (w *writer) loseCall(c *call) {
	c.settled = true
	for i := range c.operations {
		w.lose(c.operations[i].messages, cluster.ErrUnavailable)
	}
}

// lose reports messages that the bus gives up.
func (w *writer) lose(messages []message, err error) {
	outcomes, size := make([]cluster.Outcome, len(messages)), 0
	for i, m := range messages {
		outcomes[i] = cluster.Outcome{Ref: m.ref, Err: err, Lost: cluster.Lost{To: m.to, But: m.but, JSON: m.json}}
		size += messageBytes + len(m.json)
	}
	w.bus.figures.givenUp.Add(uint64(len(messages)))
	w.bus.inbox.await()
	w.bus.outbox.settled(messages)
	w.bus.inbox.call(size, func(n cluster.Node) { n.Settled(outcomes) })
}
