package server

import (
	"errors"

	"momentum/server/auth"
)

// peerQuestion is a question that a node puts to the nodes of its cluster. Its check returns an error if a value is out of its bounds: a
// node of another version, or with a fault, may send any value, and a value that makes a reactor panic would end this node.
type peerQuestion interface{ check() error }

// maxAsked limits the rows that a question asks for: as many as the largest page of a node that is alone.
const maxAsked = 10000

// errBadQuestion means that a question is not answered.
var errBadQuestion = errors.New("a value of the question is out of its bounds")

// within returns nil if a question is as it should be.
func within(good bool) error {
	if !good {
		return errBadQuestion
	}
	return nil
}

// isLimit reports whether a question may ask for so many rows.
func isLimit(rows int) bool { return rows >= 0 && rows <= maxAsked }

// nothing is a question without values.
type nothing struct{}

func (nothing) check() error { return nil }

// revocationQuestion asks a node to put a revocation in force, or to end it.
type revocationQuestion struct{ auth.Revocation }

func (q revocationQuestion) check() error {
	return within(q.Possible())
}
