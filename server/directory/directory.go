// Package directory says who may connect, in the words that the server, the cache in front of the database and
// the database share. It is values and interfaces; what asks and what answers are in the packages below.
package directory

import (
	"context"

	"github.com/google/uuid"
)

// User is what the directory knows of somebody.
type User struct {
	ID              uuid.UUID
	Username, Email string
	Standing        Standing
}

// Standing says whether somebody may connect.
type Standing uint8

// The standings. Only Active may connect.
const (
	Unknown  Standing = iota // the directory was asked and has no such user
	Inactive                 // there is such a user, who may not connect
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
	// Lookup returns those of ids that exist, in any order. Without ids it returns none, having asked all the same:
	// that is how a source which failed is tried again.
	Lookup(ctx context.Context, ids []uuid.UUID) ([]User, error)
}

// Asker is who waits for an answer.
type Asker interface {
	// Answer is called exactly once for each question, on any goroutine and possibly before the question's own call
	// has returned. It must not wait. With an error nothing is known: the directory could not be asked in time.
	Answer(u User, err error)
}
