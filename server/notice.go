package server

import (
	"encoding/json"
	"slices"
	"time"

	"momentum/server/auth"
)

// The kinds of the news that a notice is kept in the cluster.
const (
	revoked = "revoked"
	lifted  = "lifted"
)

// notice is the text that the cluster keeps of a revocation or of its end, for nodes that are connected later. Earlier versions read
// only the first field, which has no effect in a notice that lifts something.
type notice struct {
	auth.Revocation
	Lift *auth.Revocation `json:",omitempty"`
	// At orders the notices: a ban after a lift holds. Calls of administrators are further apart than clocks of nodes may be.
	At time.Time

	text string // as it is kept
}

// parseNotices reads notices, in their order.
func parseNotices(texts [][]byte) (all []notice) {
	for _, text := range texts {
		one := notice{text: string(text)}
		if json.Unmarshal(text, &one) == nil && one.about().Possible() {
			all = append(all, one)
		}
	}
	slices.SortStableFunc(all, func(a, b notice) int { return a.At.Compare(b.At) })
	return all
}

// effects returns the revocations that are in force after all notices, and what they have lifted.
func effects(all []notice) (revoked, lifted []auth.Revocation) {
	for _, one := range all {
		if one.Lift == nil {
			revoked = append(revoked, one.Revocation)
			continue
		}
		lifted = append(lifted, *one.Lift)
		revoked = slices.DeleteFunc(revoked, func(r auth.Revocation) bool {
			return r.IsBan() == one.Lift.IsBan() && r.Name() == one.Lift.Name()
		})
	}
	return revoked, lifted
}
