package auth

import (
	"errors"
	"math"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"
)

// Revocation makes tokens invalid before they expire: the one whose jti is TokenID or, if TokenID is empty, every
// token of UserID that was issued before IssuedBefore. Times are in seconds since 1970.
type Revocation struct {
	TokenID      string
	UserID       uuid.UUID
	IssuedBefore int64
	Until        int64 // when the last token that it covers has expired, or a ban is over; Forever if that is not known
}

// Forever is the Until of a revocation that never ends.
const Forever = math.MaxInt64

// Ban returns the revocation of every token of a user, whenever it is issued.
func Ban(user uuid.UUID, until int64) Revocation {
	return Revocation{UserID: user, IssuedBefore: math.MaxInt64, Until: until}
}

// IsBan reports whether the revocation concerns the user rather than some of the user's tokens.
func (r *Revocation) IsBan() bool { return r.TokenID == "" && r.IssuedBefore == math.MaxInt64 }

// Possible reports whether there can be a token of the TokenID: no verified token has a longer jti than maxIDBytes.
func (r *Revocation) Possible() bool { return len(r.TokenID) <= maxIDBytes }

// ErrTooManyRevocations means that the set holds MaxRevocations and takes no more.
var ErrTooManyRevocations = errors.New("the node holds as many revocations as it can: give each one an until, so that it ends with its token, or change the key that tokens are signed with")

// Revocations is the set of revocations in force, kept in memory. It is safe for concurrent use; checking a token
// against an empty set costs one atomic load. The zero value is an empty set.
type Revocations struct {
	count   atomic.Int64
	nextEnd atomic.Int64 // when the first entry ends; a lower bound

	mu      sync.RWMutex
	entries map[subject]revoked
	ends    endQueue // one element for each entry that ends
}

// subject is the token or the user that an entry is about.
type subject struct {
	tokenID string
	userID  uuid.UUID
}

func (r *Revocation) subject() subject {
	if r.TokenID != "" {
		return subject{tokenID: r.TokenID}
	}
	return subject{userID: r.UserID}
}

// revoked is everything in force against one subject. Of several revocations of one kind, the one that covers the most
// tokens counts, so their order does not matter.
type revoked struct {
	issuedBefore, until int64 // until 0: no tokens are revoked
	bannedUntil         int64
}

// with returns the entry after one more revocation of its subject.
func (e revoked) with(v *Revocation) revoked {
	if v.IsBan() {
		e.bannedUntil = max(e.bannedUntil, v.Until)
	} else {
		e.issuedBefore, e.until = max(e.issuedBefore, v.IssuedBefore), max(e.until, v.Until)
	}
	return e
}

func (e revoked) end() int64 { return max(e.until, e.bannedUntil) }

// Add puts a revocation in force and reports whether that changed anything. It returns ErrTooManyRevocations, and
// leaves the set as it was, if there is no room for another entry.
func (r *Revocations) Add(v Revocation, now int64) (changed bool, err error) {
	r.Expire(now)
	r.mu.Lock()
	defer r.mu.Unlock()
	key := v.subject()
	before, exists := r.entries[key]
	if !exists && len(r.entries) >= MaxRevocations {
		return true, ErrTooManyRevocations
	}
	after := before.with(&v)
	if exists && after == before {
		return false, nil
	}
	if r.entries == nil {
		r.entries = make(map[subject]revoked)
	}
	r.entries[key] = after
	if !exists && after.end() != Forever {
		r.ends.push(ending{after.end(), key})
	}
	r.publish()
	return true, nil
}

// Until returns the end of the subject's revocation: later than v.Until if an earlier one reaches further, Forever if
// it never ends, 0 if none is in force.
func (r *Revocations) Until(v Revocation) int64 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	e := r.entries[v.subject()]
	if v.IsBan() {
		return e.bannedUntil
	}
	return e.until
}

// Count removes the entries that have ended and returns how many are in force. If none has ended, it takes no lock.
func (r *Revocations) Count(now int64) int {
	r.Expire(now)
	return int(r.count.Load())
}

// Expire removes the entries that have ended. It takes the lock for a batch at a time, so that handshakes which check
// their tokens meanwhile wait for at most one batch.
func (r *Revocations) Expire(now int64) {
	for r.count.Load() > 0 && r.nextEnd.Load() <= now {
		r.expireBatch(now)
	}
}

func (r *Revocations) expireBatch(now int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for range expireBatch {
		if len(r.ends) == 0 || r.ends[0].at > now {
			break
		}
		key := r.ends.pop().subject
		switch end := r.entries[key].end(); {
		case end <= now:
			delete(r.entries, key)
		case end != Forever: // it was prolonged
			r.ends.push(ending{end, key})
		}
	}
	r.publish()
}

// publish updates the copy that is read without the lock. r.mu is held.
func (r *Revocations) publish() {
	r.count.Store(int64(len(r.entries)))
	if len(r.ends) > 0 {
		r.nextEnd.Store(r.ends[0].at)
	} else {
		r.nextEnd.Store(Forever)
	}
}

// Verdict is the state of a token according to the revocations.
type Verdict struct {
	Revoked     bool
	BannedUntil int64 // of the token's user; 0: not banned
}

// Check reports whether a token that has been verified is revoked, or its user banned.
func (r *Revocations) Check(c *Claims, now int64) (v Verdict) {
	if r.count.Load() == 0 {
		return v
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	if e, found := r.entries[subject{userID: c.UserID}]; found {
		v.Revoked = c.IssuedAt < e.issuedBefore && now < e.until
		if now < e.bannedUntil {
			v.BannedUntil = e.bannedUntil
		}
	}
	if c.ID != "" {
		v.Revoked = v.Revoked || now < r.entries[subject{tokenID: c.ID}].until
	}
	return v
}
