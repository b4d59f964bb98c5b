// Package directory says what a node knows of its users: who exists, and who may connect. It has no I/O; where
// users are kept, and how answers are remembered, is below it.
package directory

import (
	"context"

	"github.com/google/uuid"
)

// Standing says whether a user may connect.
type Standing uint8

// The standings. The zero value is that of a user the directory does not have.
const (
	Unknown Standing = iota
	Inactive
	Active
)

// User is one user as the directory has them.
type User struct {
	ID              uuid.UUID
	Username, Email string
	Standing        Standing
}

// Source is where users are kept. Lookup returns those of ids that exist, in any order.
type Source interface {
	Lookup(ctx context.Context, ids []uuid.UUID) ([]User, error)
}

// Asker is told of one user. Answer is called exactly once, on any goroutine; err says that the directory could
// not be asked in time, and nothing of the user.
type Asker interface {
	Answer(u User, err error)
}
