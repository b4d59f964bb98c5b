package auth

import (
	"errors"
	"math"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"
)

// Revocation takes tokens back before they expire: the one whose jti is TokenID, if that is set, or else every
// token of UserID that was issued before IssuedBefore. Times are seconds since 1970.
type Revocation struct {
	TokenID      string
	UserID       uuid.UUID
	IssuedBefore int64
	Until        int64 // from then on it may be forgotten, and a ban is over
}

// Ban returns the revocation of every token of a user, those yet to be issued among them.
func Ban(user uuid.UUID, until int64) Revocation {
	return Revocation{UserID: user, IssuedBefore: math.MaxInt64, Until: until}
}

// IsBan says whether the revocation is of the user rather than of tokens.
func (r *Revocation) IsBan() bool { return r.TokenID == "" && r.IssuedBefore == math.MaxInt64 }

// ErrTooManyRevocations says that no more are kept.
var ErrTooManyRevocations = errors.New("too many revocations are in force: change the key that tokens are signed with")

// Revocations is the set of those in force, kept in memory. Any goroutine may ask it; an empty one costs an atomic
// load. The zero value is empty and ready.
type Revocations struct {
	count  atomic.Int64
	mu     sync.RWMutex
	tokens map[string]int64 // by jti: until when
	users  map[uuid.UUID]userRevocation
}

// userRevocation is all there is against one user. Of several revocations the furthest reaching count, so that it
// does not matter in which order they are heard of.
type userRevocation struct {
	issuedBefore, until int64 // until 0: no tokens are revoked
	bannedUntil         int64
}

// with returns what there is against the user with one more revocation.
func (u userRevocation) with(v Revocation) userRevocation {
	if v.IsBan() {
		u.bannedUntil = max(u.bannedUntil, v.Until)
	} else {
		u.issuedBefore, u.until = max(u.issuedBefore, v.IssuedBefore), max(u.until, v.Until)
	}
	return u
}

func (u userRevocation) ends() int64 { return max(u.until, u.bannedUntil) }

// Add puts a revocation in force, and says whether it was not so before. It returns ErrTooManyRevocations if it is one
// more than are kept.
func (r *Revocations) Add(v Revocation, now int64) (news bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tokens == nil {
		r.tokens, r.users = make(map[string]int64), make(map[uuid.UUID]userRevocation)
	}
	if !r.has(v) && len(r.tokens)+len(r.users) >= MaxRevocations {
		if r.expire(now); len(r.tokens)+len(r.users) >= MaxRevocations {
			return true, ErrTooManyRevocations
		}
	}
	if v.TokenID != "" {
		until := max(r.tokens[v.TokenID], v.Until)
		news = until != r.tokens[v.TokenID]
		r.tokens[v.TokenID] = until
	} else {
		u := r.users[v.UserID].with(v)
		news = u != r.users[v.UserID]
		r.users[v.UserID] = u
	}
	r.count.Store(int64(len(r.tokens) + len(r.users)))
	return news, nil
}

// has says whether there is an entry that the revocation only changes.
func (r *Revocations) has(v Revocation) (there bool) {
	if v.TokenID != "" {
		_, there = r.tokens[v.TokenID]
	} else {
		_, there = r.users[v.UserID]
	}
	return there
}

// Expire forgets what is over, and returns how many revocations are left.
func (r *Revocations) Expire(now int64) int {
	if r.count.Load() == 0 {
		return 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expire(now)
	return len(r.tokens) + len(r.users)
}

func (r *Revocations) expire(now int64) {
	for id, until := range r.tokens {
		if until <= now {
			delete(r.tokens, id)
		}
	}
	for id, u := range r.users {
		if u.ends() <= now {
			delete(r.users, id)
		}
	}
	r.count.Store(int64(len(r.tokens) + len(r.users)))
}

// Verdict is what the revocations say of a token.
type Verdict struct {
	Revoked     bool
	BannedUntil int64 // of its user; 0: not banned
}

// Judge says whether a token that was found good is good still.
func (r *Revocations) Judge(c *Claims, now int64) (v Verdict) {
	if r.count.Load() == 0 {
		return v
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	if u, there := r.users[c.UserID]; there {
		v.Revoked = c.IssuedAt < u.issuedBefore && now < u.until
		if now < u.bannedUntil {
			v.BannedUntil = u.bannedUntil
		}
	}
	if c.ID != "" {
		v.Revoked = v.Revoked || now < r.tokens[c.ID]
	}
	return v
}
