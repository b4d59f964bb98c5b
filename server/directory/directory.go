// Package directory has the values and interfaces for users that the server, the cache and the database share.
package directory

import (
	"context"

	"github.com/google/uuid"
)

// User is a user in the directory.
type User struct {
	ID              uuid.UUID
	Username, Email string
	Standing        Standing
}

// Standing says whether a user may connect.
type Standing uint8

// The standings. Only Active users may connect.
const (
	Unknown  Standing = iota // the directory was asked and has no such user
	Inactive                 // the user exists and may not connect
	Active
)

// String returns the standing as logs name it.
func (s Standing) String() string {
	switch s {
	case Active:
		return "active"
	case Inactive:
		return "inactive"
	default:
		return "unknown"
	}
}

// Source is where users are kept.
type Source interface {
	// Lookup returns those of the users that exist, in any order. Without ids it returns none but still asks: that is
	// how a source that has failed is tried again.
	Lookup(ctx context.Context, ids []uuid.UUID) ([]User, error)
}

// Asker receives the answer to a lookup.
type Asker interface {
	// Answer is called exactly once for each lookup, on any goroutine and possibly before the call that has started
	// the lookup returns. It must not wait. With an error nothing is known: the directory could not be asked in time.
	Answer(u User, err error)
}
