package server

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"

	"momentum/protocol"
	"momentum/server/history"
	"momentum/server/presence"
)

// ErrNotAllowedType means that the administrator may not send this message type.
var ErrNotAllowedType = errors.New("message_type must be text, notification or system_message")

// ErrDraining means that the node is draining and accepts no new work.
var ErrDraining = errors.New("the node is draining")

// OnlineUser is one row of GET /ws/online.
type OnlineUser = presence.OnlineUser

// Receipt tells an administrator what became of a message.
type Receipt struct {
	ID          string // as the receivers see it
	Connections int    // for which it was queued on this node; 0 in a cluster
	Nodes       int    // of the cluster that have got it
	Seq         uint64 // its number in its channel; 0 if it was given none
	Stored      bool   // its channel keeps it
}

// Online returns how many users are online and up to limit of them, ordered by user id, starting after the given one
// (the zero UUID: with the first). A page shorter than limit is the last. The cost grows with the size of the page.
func (s *Server) Online(after uuid.UUID, limit int) (count int, users []OnlineUser) {
	return s.hub.Online(), s.hub.Page(after, limit)
}

// EachUserOnline yields the ids of all users online, in no order, until yield returns false (see presence.Hub.Each).
func (s *Server) EachUserOnline(yield func(user uuid.UUID) bool) { s.hub.Each(yield) }

// Broadcast queues a message from the administrator for every online user.
func (s *Server) Broadcast(messageType string, data json.RawMessage) (Receipt, error) {
	return s.BroadcastOnce("", messageType, data)
}

// BroadcastOnce is Broadcast with the administrator's id for the message. If a message with that id was sent before, and its
// receipt is still kept, BroadcastOnce returns that receipt and sends nothing. Without an id the message gets a new one.
func (s *Server) BroadcastOnce(id, messageType string, data json.RawMessage) (Receipt, error) {
	return s.fromAdmin(everybodyBut(uuid.Nil), id, messageType, protocol.Outgoing{Data: data})
}

// Send queues a message from the administrator for one user's connections. If the user has none, it returns ErrNotOnline, and
// the receipt says whether the message is kept for the user.
func (s *Server) Send(to uuid.UUID, messageType string, data json.RawMessage) (Receipt, error) {
	return s.SendOnce("", to, messageType, data)
}

// SendOnce is Send with an id, as BroadcastOnce is Broadcast with one.
func (s *Server) SendOnce(id string, to uuid.UUID, messageType string, data json.RawMessage) (Receipt, error) {
	return s.fromAdmin(onlyTo(to), id, messageType, protocol.Outgoing{Data: data, To: to, HasTo: true})
}

// fromAdmin publishes an administrator's message. It returns ErrNotAllowedType, or an error of publish. Receipts are kept under
// the zero UUID, as if all administrators were one sender.
func (n *node) fromAdmin(to audience, id, messageType string, out protocol.Outgoing) (Receipt, error) {
	out.Type = protocol.ParseMessageType([]byte(messageType))
	if !out.Type.Numbered() {
		return Receipt{}, ErrNotAllowedType
	}
	again := id != ""
	if !again {
		id = n.options.NewID().String()
	}
	out.ID = protocol.AppendString(nil, id)
	if n.relayed(out.Type) {
		return n.relayAdmin(to, id, again, out)
	}
	now := n.options.Now()
	publish := func() (history.Receipt, error) { return n.publishNow(to, out, now) }
	var r history.Receipt
	var err error
	if again {
		r, err = n.receipts.Once(uuid.Nil, out.ID, n.options.History.Messages*broadcastMessages, n.elapsed(now), publish)
	} else {
		r, err = publish()
	}
	if err == nil && to.direct && !r.Online {
		err = ErrNotOnline
	}
	return Receipt{ID: id, Connections: int(r.Connections), Seq: r.Seq, Stored: r.Stored}, err
}

// publishNow publishes a message. A message that is kept for a user that is away is no error here, so that its receipt is kept,
// too.
func (n *node) publishNow(to audience, out protocol.Outgoing, now time.Time) (history.Receipt, error) {
	p := newPublisher(n)
	r, err := p.publish(to, out, now, n.group.Moment())
	if r.Stored && errors.Is(err, ErrNotOnline) {
		err = nil
	}
	r.Receipt.Connections = uint32(r.connections)
	return r.Receipt, err
}

// Ready returns nil if the node takes new connections, and otherwise ErrDraining.
func (s *Server) Ready() error {
	if s.draining.Load() {
		return ErrDraining
	}
	return nil
}

// Cleanup closes every connection past its deadline now, and returns how many it closed and how many remain. The timer
// wheels do the same within a tick; an administrator need not wait for them.
func (s *Server) Cleanup(ctx context.Context) (cleaned, remaining int, err error) {
	w := s.startSweep(0)
	if err := await(ctx, &w.waiting); err != nil {
		return 0, 0, err
	}
	return int(w.closed.Load()), int(w.left.Load()), nil
}

// Reload applies new rules. It closes no connections: connections above a lowered limit stay until they end,
// connections that were accepted while addresses were not counted stay uncounted, compression stays as it was agreed,
// and heartbeats that are already scheduled keep their times. Reload returns after every reactor has applied the new
// rules. The context limits the wait, not the effect. Only one goroutine may call it at a time.
func (s *Server) Reload(ctx context.Context, r Rules) error {
	return await(ctx, &s.startReload(r).waiting)
}

// Audit checks, on the reactors themselves, that members, sessions, connection slots, addresses, topics and the hub agree. While
// clients connect and disconnect, it may report a difference that is gone a moment later; on a node at rest it reports
// none.
func (s *Server) Audit(ctx context.Context) error {
	a := s.startAudit()
	if err := await(ctx, &a.waiting); err != nil {
		return err
	}
	return s.checkTotals(a)
}
