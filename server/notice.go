package server

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"

	"momentum/server/auth"
	"momentum/server/cluster"
)

// keptNotices is the kind of the news that notices are kept in the cluster.
const keptNotices = "notices"

// notice is the text that the cluster keeps of a revocation or of its end, for nodes that are connected later. Earlier versions read
// only the first field, which has no effect in a notice that lifts something.
type notice struct {
	auth.Revocation
	Lift *auth.Revocation `json:",omitempty"`
	// At orders the notices: a ban after a lift holds. Calls of administrators are further apart than clocks of nodes may be.
	At time.Time

	text string   // as it is kept
	void []string // texts that the bus may have, and that a lift makes void
}

// parseNotices reads notices, in their order.
func parseNotices[T ~[]byte](texts []T) (all []notice) {
	for _, text := range texts {
		one := notice{text: string(text)}
		if json.Unmarshal(text, &one) == nil && one.about().Possible() {
			all = append(all, one)
		}
	}
	slices.SortStableFunc(all, func(a, b notice) int { return a.At.Compare(b.At) })
	return all
}

// newsOf returns the note that tells the nodes which notices are kept.
func newsOf(all []notice) note {
	texts := make([]json.RawMessage, len(all))
	for i, one := range all {
		texts[i] = json.RawMessage(one.text)
	}
	body, _ := json.Marshal(texts) // which were parsed: it cannot fail
	return note{Kind: keptNotices, Body: body}
}

// parseNews reads the notices in the body of news.
func parseNews(body json.RawMessage) []notice {
	var texts []json.RawMessage
	if json.Unmarshal(body, &texts) != nil {
		return nil // of a later version
	}
	return parseNotices(texts)
}

// effects returns the revocations that are in force after all notices, and what they have lifted.
func effects(all []notice) (revoked, lifted []auth.Revocation) {
	last := make(map[subject]int) // lift
	for i, one := range all {
		if one.Lift != nil {
			lifted = append(lifted, *one.Lift)
			last[one.subject()] = i
		}
	}
	for i, one := range all {
		if lift, found := last[one.subject()]; one.Lift == nil && (!found || i > lift) {
			revoked = append(revoked, one.Revocation)
		}
	}
	return revoked, lifted
}

// kept returns the notice as the bus keeps it.
func (n *notice) kept() cluster.Notice {
	kept := cluster.Notice{Text: []byte(n.text), Void: slices.Clone(n.void)}
	if end := n.end(); end <= auth.MaxUnixSeconds {
		kept.Until = end
	}
	return kept
}

// size returns the bytes of its texts.
func (n *notice) size() int {
	size := len(n.text)
	for _, text := range n.void {
		size += len(text)
	}
	return size
}

// voids reports whether the notice is a lift that makes an older notice of its subject void. A lift that ends later is still needed.
func (n *notice) voids(older *notice) bool {
	return n.Lift != nil && older.At.Before(n.At) && (older.Lift == nil || older.end() <= n.end())
}

// subject is what a notice is about: a token, the ban of a user, or a user's tokens.
type subject struct {
	token string
	user  uuid.UUID
	ban   bool
}

func (n *notice) subject() subject {
	one := n.about()
	if one.TokenID != "" {
		return subject{token: one.TokenID}
	}
	return subject{user: one.UserID, ban: one.IsBan()}
}

func (n *notice) about() *auth.Revocation {
	if n.Lift != nil {
		return n.Lift
	}
	return &n.Revocation
}

// end returns when the notice ends. An earlier version wrote no end into a lift.
func (n *notice) end() int64 {
	if end := n.about().Until; end != 0 {
		return end
	}
	return auth.Forever
}

// ended reports whether the notice has ended at a time.
func (n *notice) ended(now time.Time) bool {
	return !now.Before(time.Unix(min(n.end(), auth.MaxUnixSeconds), 0))
}
