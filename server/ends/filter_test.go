package ends

import (
	"testing"

	"github.com/google/uuid"

	"momentum/server/reason"
)

func TestFilterSelectsByEachField(t *testing.T) {
	e := End{User: uuid.UUID{1}, Address: 7, Code: 1013, Reason: reason.ClosedSlow, At: 100}
	for name, f := range map[string]Filter{
		"nothing": {},
		"user":    {User: uuid.UUID{1}},
		"address": {Address: 7},
		"code":    {Code: 1013},
		"reason":  {Reason: "slow"},
		"side":    {Side: Node},
		"kind":    {Kind: Session},
		"since":   {Since: 100},
		"all":     {uuid.UUID{1}, 7, 1013, "slow", Node, Session, 100},
	} {
		if !f.selects(&e) {
			t.Errorf("a filter by %s does not select %+v", name, e)
		}
	}
	for name, f := range map[string]Filter{
		"user":    {User: uuid.UUID{2}},
		"address": {Address: 8},
		"code":    {Code: 1012},
		"reason":  {Reason: "gone"},
		"side":    {Side: Client},
		"kind":    {Kind: Handshake},
		"since":   {Since: 101},
	} {
		if f.selects(&e) {
			t.Errorf("a filter by another %s selects %+v", name, e)
		}
	}
}

func TestReasonsAreKnownByTheirNames(t *testing.T) {
	if !KnownReason("slow") || !KnownReason("busy") || KnownReason("none") || KnownReason("") {
		t.Error("a reason that exists is not known, or one that does not exist is")
	}
}
