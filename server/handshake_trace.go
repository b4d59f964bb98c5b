package server

import (
	"github.com/google/uuid"

	"momentum/server/admit"
	"momentum/server/trace"
)

// enter begins a step of a traced admission. The goroutine that has the handshake calls it.
func (h *handshake) enter(step trace.Step) {
	if h.trace != nil {
		h.trace.Enter(step, h.node.options.Now())
	}
}

// leave ends a step.
func (h *handshake) leave() {
	if h.trace != nil {
		h.trace.Leave(h.node.options.Now())
	}
}

// answered records the end of a traced admission. The reactor calls it, also while another goroutine has the handshake. h may be nil.
func (h *handshake) answered(o trace.Outcome, why string, status int) {
	if h != nil && h.trace != nil {
		h.trace.Answer(o, why, status, h.node.options.Now())
	}
}

// handOver gives the record of a traced admission away, after the reactor has the handshake back.
func (h *handshake) handOver() {
	a := h.trace
	if a == nil {
		return
	}
	h.trace = nil
	a.Leave(a.End)
	if h.valid() && h.claims.UserID != uuid.Nil {
		a.User = h.claims.UserID
	}
	a.Returning = h.priority.kind != admit.New
	h.node.options.Traces.Admission(a)
}
