package server

import (
	"unicode/utf8"

	"momentum/server/reason"
)

// drop starts to close one connection, with a reason for the close frame; an empty one stands for the default text. It closes none if
// the id is not of this node, or the connection has ended. The error is ErrBadReason.
func (f finder) drop(id, text string) (*Eviction, error) {
	if text == "" {
		text = reason.ClosedDisconnected.Text()
	}
	if !utf8.ValidString(text) || len(text) > MaxReasonBytes {
		return nil, ErrBadReason
	}
	h := handleOf(f.epoch, id)
	if h == 0 || h.Reactor() >= f.group.Reactors() {
		return f.evict(), nil
	}
	return f.evict(target{connection: h, issuedBefore: anyIssue, why: reason.ClosedDisconnected, text: text}), nil
}
