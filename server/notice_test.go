package server

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"momentum/server/auth"
)

func TestNoticesTakeEffectInTheirOrder(t *testing.T) {
	at := func(s int64) time.Time { return time.Unix(s, 0).UTC() }
	ban, other, token := auth.Ban(userID("ann"), 900), auth.Ban(userID("bob"), 800), auth.Revocation{TokenID: "t", Until: 700}
	again := auth.Ban(userID("ann"), 950)
	var texts [][]byte
	for _, one := range []notice{
		{Revocation: again, At: at(3)}, {Lift: &ban, At: at(2)}, {Revocation: ban, At: at(1)}, {Revocation: other, At: at(1)}, {Revocation: token}, {Lift: &token, At: at(9)},
	} {
		text, err := json.Marshal(one)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, text)
	}
	old, _ := json.Marshal(ban) // of a version before
	revoked, lifted := effects(parseNotices(append(texts, old, []byte("{"))))
	if !slices.Equal(revoked, []auth.Revocation{other, again}) || !slices.Equal(lifted, []auth.Revocation{ban, token}) {
		t.Errorf("in force are %v, lifted %v", revoked, lifted)
	}
	var r auth.Revocation
	if err := json.Unmarshal(texts[1], &r); err != nil || r != (auth.Revocation{}) {
		t.Errorf("a version before reads a lift as %+v, %v", r, err)
	}
}

// TestManyLiftsTakeEffectAtOnce: a node that was away reads up to 100,000 notices. If each lift searched all revocations, that took minutes.
func TestManyLiftsTakeEffectAtOnce(t *testing.T) {
	const subjects = 1000
	var all []notice
	for i := range 2 * subjects {
		one := auth.Revocation{TokenID: fmt.Sprint(i % subjects), Until: 900}
		if i < subjects {
			all = append(all, notice{Revocation: one})
		} else {
			all = append(all, notice{Lift: &one})
		}
	}
	if allocated := testing.AllocsPerRun(1, func() { effects(all) }); allocated > subjects {
		t.Errorf("%d notices take %.0f allocations", len(all), allocated)
	}
}
