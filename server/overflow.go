package server

import (
	"sync/atomic"

	"momentum/protocol"
	"momentum/server/admit"
	"momentum/server/reason"
)

// overflowAnswers are the 503 responses for connections beyond the descriptor limit, one for each Retry-After. They
// are made beforehand: there is no time to make them when many connections arrive at once.
type overflowAnswers struct {
	answers [admit.MaxRetryAfter][]byte
	turn    *atomic.Uint32
}

func newOverflowAnswers() overflowAnswers {
	o := overflowAnswers{turn: new(atomic.Uint32)}
	for i := range o.answers {
		o.answers[i] = protocol.AppendRefusal(nil, reason.RefusedFull.Refusal(), i+1)
	}
	return o
}

func (o overflowAnswers) next() []byte { return o.answers[o.turn.Add(1)%admit.MaxRetryAfter] }
