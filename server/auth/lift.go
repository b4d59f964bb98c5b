package auth

import (
	"cmp"
	"slices"
)

// Lift ends the ban of a user, or the revocation of a token or of a user's tokens, as r names them, and reports whether there was one.
// Of a user, it ends either the ban or the revocation: the other one stays.
func (r *Revocations) Lift(v Revocation, now int64) (lifted bool) {
	r.Expire(now)
	r.mu.Lock()
	defer r.mu.Unlock()
	key := v.subject()
	e, found := r.entries[key]
	if v.IsBan() {
		lifted, e.bannedUntil = e.bannedUntil > now, 0
	} else {
		lifted, e.issuedBefore, e.until = e.until > now, 0, 0
	}
	switch {
	case !found:
		return false
	case e.end() == 0:
		delete(r.entries, key)
	default:
		r.entries[key] = e
		if e.end() != Forever { // what was lifted may have been without an end
			r.ends.push(ending{e.end(), key})
		}
	}
	r.publish()
	return lifted
}

// Bans returns up to limit of the bans in force, in the order of the users' ids, from the first one after an id. It looks at all entries
// under the lock, in some 2 ms if there are MaxRevocations; checks of tokens go on meanwhile.
func (r *Revocations) Bans(now int64, after string, limit int) (count int, page []Revocation) {
	return r.list(after, limit, func(key subject, e revoked) (Revocation, bool) {
		return Ban(key.userID, e.bannedUntil), e.bannedUntil > now
	})
}

// Listed is Bans for the other revocations, in the order of their Names.
func (r *Revocations) Listed(now int64, after string, limit int) (count int, page []Revocation) {
	return r.list(after, limit, func(key subject, e revoked) (Revocation, bool) {
		return Revocation{TokenID: key.tokenID, UserID: key.userID, IssuedBefore: e.issuedBefore, Until: e.until}, e.until > now
	})
}

// Name returns the place of the revocation in a list: "token/" and the id of its token, or "user/" and that of its user.
func (r *Revocation) Name() string {
	if r.TokenID != "" {
		return "token/" + r.TokenID
	}
	return "user/" + r.UserID.String()
}

func (r *Revocations) list(after string, limit int, row func(subject, revoked) (Revocation, bool)) (count int, page []Revocation) {
	var all []Revocation
	r.mu.RLock()
	for key, e := range r.entries {
		if one, there := row(key, e); there {
			if count++; one.Name() > after {
				all = append(all, one)
			}
		}
	}
	r.mu.RUnlock()
	slices.SortFunc(all, func(a, b Revocation) int { return cmp.Compare(a.Name(), b.Name()) })
	return count, all[:min(limit, len(all))]
}
