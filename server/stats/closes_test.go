package stats

import (
	"testing"

	"momentum/protocol"
	"momentum/server/reason"
)

// Every reason has a row from the start: Prometheus would not count the first increase of a series that appears
// later.
func TestEveryReasonIsListedOnce(t *testing.T) {
	var n Node = make([]Counters, 2)
	rows := map[string]int{}
	for _, c := range append(n.Refusals(), n.Closes()...) {
		rows[c.Reason+" "+c.Code]++
		if c.Count != 0 {
			t.Errorf("%+v on a new node", c)
		}
	}
	for r := reason.None + 1; r < reason.Count; r++ {
		if r.Status() != 0 && rows[r.String()+" "] != 1 {
			t.Errorf("refusal %v is listed %d times", r, rows[r.String()+" "])
		}
	}
	for _, row := range []string{"peer_closed 1000", "peer_closed 4xxx", "protocol 1002", "protocol 1007", "protocol 1009", "gone 1006", "drain 1012"} {
		if rows[row] != 1 {
			t.Errorf("%s is listed %d times", row, rows[row])
		}
	}
}

func TestClosesAreCountedUnderTheirCode(t *testing.T) {
	n := make(Node, 1)
	n[0].ClosedWith(reason.ClosedByPeer, 3456)
	n[0].ClosedWith(reason.ClosedProtocol, protocol.StatusProtocolError)
	n[0].ClosedWith(reason.ClosedSlow, protocol.StatusTryAgainLater) // counted under its reason
	counted := map[string]uint64{}
	for _, c := range n.Closes() {
		if c.Count > 0 {
			counted[c.Reason+" "+c.Code] = c.Count
		}
	}
	if len(counted) != 2 || counted["peer_closed 3xxx"] != 1 || counted["protocol 1002"] != 1 {
		t.Errorf("counted %v", counted)
	}
}
