package stats

import (
	"strconv"
	"sync/atomic"

	"momentum/server/reason"
)

// Counted is a count with its labels.
type Counted struct {
	Reason string
	Code   string // of the close frame, if a close was counted; 1006: there was none
	Count  uint64
}

// Refusals returns how many handshakes were refused, by every reason, including those with 0.
func (n Node) Refusals() (all []Counted) {
	for r := reason.None + 1; r < reason.Count; r++ {
		if r.Status() != 0 {
			count := n.Sum(func(c *Counters) *atomic.Uint64 { return &c.Refused[r] })
			all = append(all, Counted{Reason: r.String(), Count: count})
		}
	}
	return all
}

// Inquired returns the inquiries by the refusal that a handshake would get, and those that a handshake would be admitted after.
func (n Node) Inquired() (all []Counted) {
	for r := range reason.Count {
		if r == reason.None || r.Status() != 0 {
			count := n.Sum(func(c *Counters) *atomic.Uint64 { return &c.Inquiries[r] })
			all = append(all, Counted{Reason: r.String(), Count: count})
		}
	}
	return all
}

// Closes returns the closes by reason and code. It includes all possible pairs, since a counter that first appears
// with a 1 does not look like an increase.
func (n Node) Closes() (all []Counted) {
	for r := reason.None + 1; r < reason.Count; r++ {
		switch {
		case r.Status() != 0 || r == reason.ClosedEarly:
		case r == reason.ClosedByPeer:
			all = append(all, n.byCode(r, func(c *Counters) *[closeCodes]atomic.Uint64 { return &c.peerCloses }, mayPeerClose)...)
		case r == reason.ClosedProtocol:
			all = append(all, n.byCode(r, func(c *Counters) *[closeCodes]atomic.Uint64 { return &c.protocolCloses }, mayProtocolClose)...)
		default:
			all = append(all, Counted{r.String(), strconv.Itoa(int(r.Code())), n.Ended(r)})
		}
	}
	return all
}

// byCode adds up a counter that is kept by code, for every possible code.
func (n Node) byCode(r reason.Reason, which func(*Counters) *[closeCodes]atomic.Uint64, can func(slot int) bool) (all []Counted) {
	for slot := range closeCodes {
		count := n.Sum(func(c *Counters) *atomic.Uint64 { return &which(c)[slot] })
		if count > 0 || can(slot) {
			all = append(all, Counted{r.String(), codeName(slot), count})
		}
	}
	return all
}
