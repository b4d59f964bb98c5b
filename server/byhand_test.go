package server

import (
	"testing"

	"momentum/server/heavy"
)

func TestCheckNextChecksTheOldestToken(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.AdmissionWorkers = ByHand })
	if _, waits := w.server.CheckNext(); waits {
		t.Error("a check waits on a new node")
	}
	alice, bob := w.join("alice"), w.join("bob")
	for _, c := range []*client{alice, bob} {
		if connection, waits := w.server.CheckNext(); !waits || connection != c.Handle() {
			t.Errorf("the check of %v was made, %v; want %s", connection, waits, c.name)
		}
		w.net.Settle()
		if first := c.received()[0]; first != "101" {
			t.Errorf("%s is answered %s", c.name, first)
		}
	}
}

func TestBeginAuditHasAVerdictAfterATurn(t *testing.T) {
	w := newWorld(t, 1, nil)
	w.join("alice")
	verdict := w.server.BeginAudit()
	w.net.Settle()
	if err := verdict(); err != nil {
		t.Error(err)
	}
}

func TestBeginHeaviestHasRowsAfterATurn(t *testing.T) {
	w := newWorld(t, 1, nil)
	w.join("alice")
	rows := BeginHeaviest(w.server, heavy.In)
	w.net.Settle()
	if got := rows(); len(got) != 1 || got[0].Username != "alice" {
		t.Errorf("%+v", got)
	}
}
