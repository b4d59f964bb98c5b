package server

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"momentum/server/cluster"
)

// SeatCursor is a place in the list of a topic's subscribers in the cluster: a node, and a place there. The zero value is its
// beginning.
type SeatCursor struct {
	Node string // its id; "": the node is alone
	TopicCursor
}

// seatQuestion asks a node for subscribers of a topic.
type seatQuestion struct {
	Topic string      `json:"topic"`
	From  TopicCursor `json:"from"`
	Limit int         `json:"limit"`
}

// seatAnswer has some subscribers, and the place after them.
type seatAnswer struct {
	Found []Subscriber `json:"found"`
	Next  TopicCursor  `json:"next"`
	More  bool         `json:"more"`
}

func seatsOf(ctx context.Context, s *Server, q seatQuestion) (a seatAnswer, err error) {
	a.Found, a.Next, a.More, err = s.Subscribers(ctx, q.Topic, q.From, q.Limit)
	return a, err
}

// SubscriberPage is a page of the subscribers of a topic.
type SubscriberPage struct {
	Partial
	Rows []Subscriber
	Next SeatCursor // where the next page begins
	More bool       // there may be one
}

// Subscribers returns up to limit subscribers of a topic: those of one node after the other, by the ids of the nodes.
func (r Reach) Subscribers(ctx context.Context, topic string, from SeatCursor, limit int) (p SubscriberPage, err error) {
	p.Next = from
	for _, node := range r.nodesFrom(from.Node) {
		if id := string(node.ID); id != p.Next.Node {
			p.Next = SeatCursor{Node: id}
		}
		if p.More = len(p.Rows) == limit; p.More {
			return p, nil
		}
		a, err := r.seats(ctx, node, seatQuestion{topic, p.Next.TopicCursor, limit - len(p.Rows)}, &p.Partial)
		if err != nil {
			return p, err
		}
		p.Rows, p.Next.TopicCursor = append(p.Rows, a.Found...), a.Next
		if p.More = a.More; p.More {
			return p, nil
		}
	}
	return p, nil
}

// nodesFrom returns the nodes that a call concerns from an id on, in the order of the ids. A node that is alone has no id.
func (r Reach) nodesFrom(id string) []cluster.Peer {
	if r.alone {
		return []cluster.Peer{{}}
	}
	nodes := slices.Clone(r.server.relay.bus.Nodes())
	slices.SortFunc(nodes, func(a, b cluster.Peer) int { return cmp.Compare(a.ID, b.ID) })
	first := slices.IndexFunc(nodes, func(p cluster.Peer) bool { return string(p.ID) >= id })
	if first < 0 {
		return nil
	}
	return nodes[first:]
}

// seats asks one node for subscribers.
func (r Reach) seats(ctx context.Context, node cluster.Peer, q seatQuestion, missed *Partial) (a seatAnswer, err error) {
	if r.alone || node.ID == r.server.relay.bus.Nodes()[0].ID {
		return seatsOf(ctx, r.server, q)
	}
	q.Limit = min(q.Limit, mostRows)
	found, missing := r.server.peers.ask(ctx, []cluster.Peer{node}, "subscribers", q)
	missed.miss(missing)
	if len(found) > 0 {
		err = json.Unmarshal(found[0], &a)
	}
	return a, err
}
