package server

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"momentum/server/auth"
	"momentum/server/cluster"
	"momentum/server/presence"
	"momentum/server/topics"
)

// duties are what this node does for the other nodes.
type duties interface {
	Online(after uuid.UUID, limit int) (count int, users []presence.OnlineUser)
	Topics(after string, limit int) (subscriptions int, rows []topics.Row)
	Subscribers(ctx context.Context, topic string, from TopicCursor, limit int) (page []Subscriber, next TopicCursor, more bool, err error)
	Ends(ctx context.Context, q endQuestion) (page[EndRow], error)
	Cleanup(ctx context.Context) (cleaned, remaining int, err error)
	Disconnect(user uuid.UUID, text string, bannedUntil int64) (*Eviction, error)
	Bans(after string, limit int) (count int, rows []Revocation)
	Revocations(after string, limit int) (count int, rows []Revocation)
	Lift(one Revocation) (until int64)
	Revoke(all ...auth.Revocation) (*Eviction, error)
	peer() cluster.Peer
}

// maxRows bounds the rows that a node sends another in one answer: at most 256 KiB.
const maxRows = 2000

// maxEnds bounds the ends in one answer, of some 500 bytes each.
const maxEnds = 500

// page is a part of a sorted list. More means that the list goes on.
type page[R any] struct {
	Total int  `json:"total"` // of the whole list, or of what it counts
	Rows  []R  `json:"rows"`
	More  bool `json:"more"`
}

// pageQuestion asks for a page of at most Limit rows after a key.
type pageQuestion struct {
	After string `json:"after"`
	Limit int    `json:"limit"`
}

func (q pageQuestion) check() error { return within(isLimit(q.Limit)) }

// pageOf makes a page of one row more than was asked for.
func pageOf[R any](total int, rows []R, limit int) page[R] {
	more := len(rows) > limit
	return page[R]{total, rows[:min(len(rows), limit)], more}
}

// subscriberQuestion asks a node for subscribers of a topic.
type subscriberQuestion struct {
	Topic string      `json:"topic"`
	From  TopicCursor `json:"from"`
	Limit int         `json:"limit"`
}

func (q subscriberQuestion) check() error {
	return within(isLimit(q.Limit) && q.From.Reactor >= 0 && q.From.Index >= 0)
}

// someRows is an answer with some rows, and the place after them.
type someRows[R, P any] struct {
	Found []R  `json:"found"`
	Next  P    `json:"next"`
	More  bool `json:"more"`
}

// CleanupCount says what a clean-up has done.
type CleanupCount struct {
	Cleaned   int `json:"cleaned_connections"`
	Remaining int `json:"remaining_connections"`
}

// closing is one node's part of a disconnect or a revocation.
type closing struct {
	Connections int `json:"connections"`
	err         error
}

// dismissal asks a node to disconnect a user.
type dismissal struct {
	User  uuid.UUID `json:"user"`
	Text  string    `json:"text"`
	Until int64     `json:"until"`
}

// check accepts every user and time, of which none does harm. Server.Disconnect examines the text.
func (dismissal) check() error { return nil }

// answerWith registers the function that answers a kind of question. A question that is out of its bounds fails.
func answerWith[Q peerQuestion, A any](p *peers, kind string, do func(ctx context.Context, q Q) (A, error)) {
	p.answers[kind] = func(ctx context.Context, body json.RawMessage) (any, error) {
		var q Q
		err := json.Unmarshal(body, &q)
		if err == nil {
			err = q.check()
		}
		if err != nil {
			return nil, err
		}
		return do(ctx, q)
	}
}

// answerPages registers the answers of this node to questions for pages.
func answerPages(p *peers, d duties) {
	answerWith(p, "online", func(_ context.Context, q pageQuestion) (page[presence.OnlineUser], error) {
		after, err := uuid.Parse(q.After)
		if err != nil {
			return page[presence.OnlineUser]{}, err
		}
		count, rows := d.Online(after, q.Limit+1)
		return pageOf(count, rows, q.Limit), nil
	})
	answerWith(p, "topics", func(_ context.Context, q pageQuestion) (page[topics.Row], error) {
		count, rows := d.Topics(q.After, q.Limit+1)
		return pageOf(count, rows, q.Limit), nil
	})
	answerWith(p, "ends", d.Ends)
	answerWith(p, "subscribers", func(ctx context.Context, q subscriberQuestion) (a someRows[Subscriber, TopicCursor], err error) {
		a.Found, a.Next, a.More, err = d.Subscribers(ctx, q.Topic, q.From, q.Limit)
		return a, err
	})
}

// answerFigures registers the answers of this node to questions for figures.
func answerFigures(p *peers, d duties) {
	answerWith(p, "describe", func(context.Context, nothing) (cluster.Peer, error) { return d.peer(), nil })
	answerWith(p, "cleanup", func(ctx context.Context, _ nothing) (c CleanupCount, err error) {
		c.Cleaned, c.Remaining, err = d.Cleanup(ctx)
		return c, err
	})
}

// drop asks the nodes to close one connection.
type drop struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// check accepts every id, because finder.drop finds its connection or none, and examines the text.
func (drop) check() error { return nil }

// answerConnections registers the answers of this node to questions for connections, and to one that closes a connection.
func answerConnections(p *peers, f finder) {
	answerWith(p, "heaviest", f.heaviest)
	answerWith(p, "connections", f.connections)
	answerWith(p, "drop", func(ctx context.Context, q drop) (c closing, err error) {
		e, err := f.drop(q.ID, q.Text)
		if err != nil {
			return c, err
		}
		c.Connections, c.err = e.Wait(ctx)
		return c, nil
	})
}

// answerLifts registers the answers of this node to questions that list its bans and revocations, and to questions that
// end one.
func answerLifts(p *peers, d duties) {
	answerWith(p, "bans", func(_ context.Context, q pageQuestion) (page[Revocation], error) {
		count, rows := d.Bans(q.After, q.Limit+1)
		return pageOf(count, rows, q.Limit), nil
	})
	answerWith(p, "revocations", func(_ context.Context, q pageQuestion) (page[Revocation], error) {
		count, rows := d.Revocations(q.After, q.Limit+1)
		return pageOf(count, rows, q.Limit), nil
	})
	answerWith(p, "lift", func(_ context.Context, q revocationQuestion) (until int64, err error) {
		return d.Lift(q.Revocation), nil
	})
}

// answerRevocations registers the answers of this node to questions that close connections. It confirms what is in force, though some
// connections may not be closed yet.
func answerRevocations(p *peers, d duties) {
	answerWith(p, "disconnect", func(ctx context.Context, q dismissal) (c closing, err error) {
		e, err := d.Disconnect(q.User, q.Text, q.Until)
		if err != nil {
			return c, err
		}
		c.Connections, c.err = e.Wait(ctx)
		return c, nil
	})
	answerWith(p, "revoke", func(ctx context.Context, q revocationQuestion) (c closing, err error) {
		e, err := d.Revoke(q.Revocation)
		if err != nil {
			return c, err
		}
		c.Connections, c.err = e.Wait(ctx)
		return c, nil
	})
}
