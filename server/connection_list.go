package server

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"sync"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/server/admit"
	"momentum/server/heavy"
	"momentum/server/history"
	"momentum/server/presence"
)

// finder finds connections of this node, and closes one.
type finder struct{ *node }

// heaviestQuestion asks for the heaviest connections.
type heaviestQuestion struct {
	By      heavy.Measure `json:"by"`
	Seconds int           `json:"seconds"` // of the window
	Limit   int           `json:"limit"`
}

func (q heaviestQuestion) check() error {
	return within(isLimit(q.Limit) && q.By.Valid() && q.Seconds >= 0)
}

// heaviest returns the connections of this node with the highest amounts in a window, the highest first. Each reactor has a list of
// heavy.Listed.
func (f finder) heaviest(ctx context.Context, q heaviestQuestion) ([]ConnectionRow, error) {
	rows, err := f.askAll(ctx, f.heaviestSteps(q))
	return sortHeaviest(rows, q), err
}

func (f finder) heaviestSteps(q heaviestQuestion) []*connectionStep {
	steps := make([]*connectionStep, f.group.Reactors())
	for i := range steps {
		steps[i] = &connectionStep{heaviest: true, by: q.By, window: heavy.Slots(q.Seconds), limit: q.Limit}
	}
	return steps
}

// sortHeaviest sorts rows, and returns as many as were asked for.
func sortHeaviest(rows []ConnectionRow, q heaviestQuestion) []ConnectionRow {
	slices.SortStableFunc(rows, func(a, b ConnectionRow) int { return cmp.Compare(b.amount(q.By), a.amount(q.By)) })
	return rows[:min(len(rows), q.Limit)]
}

// ConnectionFilter selects the connections of a user, of an address, or of a topic. One field is set.
type ConnectionFilter struct {
	User    uuid.UUID  `json:"user"`
	Address netip.Addr `json:"address"` // of IPv6, any of its /64
	Topic   string     `json:"topic"`
}

// ConnectionPlace is a place in a node's list of connections. The zero value is its beginning.
type ConnectionPlace struct {
	Reactor int    `json:"reactor"`
	At      uint64 `json:"at"` // of a user: the last handle; of an address: the next slot; of a topic: the number of subscribers still to be visited, 0 for all
}

// connectionQuestion asks for connections that a filter selects, from a place on.
type connectionQuestion struct {
	Filter  ConnectionFilter `json:"filter"`
	From    ConnectionPlace  `json:"from"`
	Seconds int              `json:"seconds"`
	Limit   int              `json:"limit"`
}

func (q connectionQuestion) check() error {
	return within(isLimit(q.Limit) && q.Limit > 0 && q.From.Reactor >= 0 && q.Seconds >= 0)
}

// connectionAnswer has some connections, and the place after them.
type connectionAnswer = someRows[ConnectionRow, ConnectionPlace]

// connections returns connections that a filter selects, in no order, and the place of the next ones, if there may be more. A
// connection that comes or goes meanwhile may be missing; one of a topic may be there twice.
func (f finder) connections(ctx context.Context, q connectionQuestion) (connectionAnswer, error) {
	if q.Filter.User != uuid.Nil {
		return f.ofUser(ctx, q)
	}
	return f.oneByOne(ctx, q)
}

// ofUser returns connections of a user, ordered by their handles.
func (f finder) ofUser(ctx context.Context, q connectionQuestion) (a connectionAnswer, err error) {
	all := f.hub.Connections(q.Filter.User, nil)
	slices.Sort(all)
	from, found := slices.BinarySearch(all, netpoll.Handle(q.From.At))
	if found {
		from++
	}
	all = all[from:]
	if a.More = len(all) > q.Limit; a.More {
		all = all[:q.Limit]
		a.Next.At = uint64(all[q.Limit-1])
	}
	var steps []*connectionStep
	for len(all) > 0 {
		here := 1
		for here < len(all) && all[here].Reactor() == all[0].Reactor() {
			here++
		}
		steps = append(steps, &connectionStep{handles: all[:here], window: heavy.Slots(q.Seconds)})
		all = all[here:]
	}
	a.Found, err = f.askAll(ctx, steps)
	return a, err
}

// oneByOne asks one reactor after the other for connections of a topic or an address.
func (f finder) oneByOne(ctx context.Context, q connectionQuestion) (a connectionAnswer, err error) {
	address := admit.NetworkOf(q.Filter.Address)
	for a.Next = q.From; a.Next.Reactor < f.group.Reactors() && len(a.Found) < q.Limit; a.Next = (ConnectionPlace{Reactor: a.Next.Reactor + 1}) {
		step := &connectionStep{topic: q.Filter.Topic, address: address, from: a.Next.At, window: heavy.Slots(q.Seconds), limit: q.Limit - len(a.Found)}
		if q.Filter.Topic != "" && a.Next.At == 0 {
			step.from = allSubscribers
		}
		rows, err := f.askOne(ctx, a.Next.Reactor, step)
		if err != nil {
			return a, err
		}
		a.Found = append(a.Found, rows...)
		if !step.over {
			a.Next.At, a.More = step.next, true
			return a, nil
		}
	}
	a.More = a.Next.Reactor < f.group.Reactors()
	return a, nil
}

// askAll has reactors answer at once: that of its handles each step that has some, and otherwise one reactor each.
func (f finder) askAll(ctx context.Context, steps []*connectionStep) (rows []ConnectionRow, err error) {
	if err := await(ctx, f.begin(steps)); err != nil {
		return nil, err
	}
	return f.collect(steps), nil
}

// begin posts the steps.
func (f finder) begin(steps []*connectionStep) (waiting *sync.WaitGroup) {
	waiting = new(sync.WaitGroup)
	waiting.Add(len(steps))
	for i, step := range steps {
		reactor := i
		if len(step.handles) > 0 {
			reactor = step.handles[0].Reactor()
		}
		step.waiting = waiting
		f.group.PostTo(reactor, netpoll.Post{Op: opConnections, Ref: step}, nil)
	}
	return waiting
}

// collect returns the rows of steps that are done.
func (f finder) collect(steps []*connectionStep) (rows []ConnectionRow) {
	for _, step := range steps {
		rows = append(rows, step.rows...)
	}
	f.nameUsers(rows)
	return rows
}

// askOne has one reactor answer.
func (f finder) askOne(ctx context.Context, reactor int, step *connectionStep) ([]ConnectionRow, error) {
	step.waiting = new(sync.WaitGroup)
	step.waiting.Add(1)
	f.group.PostTo(reactor, netpoll.Post{Op: opConnections, Ref: step}, nil)
	if err := await(ctx, step.waiting); err != nil {
		return nil, err
	}
	f.nameUsers(step.rows)
	return step.rows, nil
}

// nameUsers adds the names of users and of the node to rows.
func (f finder) nameUsers(rows []ConnectionRow) {
	for i := range rows {
		r := &rows[i]
		r.Node = f.options.Self.Name
		f.hub.With(r.UserID, func(u *presence.User, _ *history.Store) { r.Username = u.Name() })
	}
}
