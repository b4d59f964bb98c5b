package trace

import (
	"math/rand/v2"
	"time"
)

// Sink takes the records of a node. Its methods may be called on any goroutine, and none of them waits.
type Sink interface {
	// Sample decides on an admission when its request is complete. It returns an empty record with its ID and Parent if
	// the admission is traced, and nil otherwise. parent is the header traceparent, or nil; random is the caller's.
	Sample(parent []byte, random *rand.Rand) *Admission

	// Admission takes a record. The caller keeps no reference to it.
	Admission(*Admission)

	// Call takes a call.
	Call(Call)
}

// Call is an administrator's call.
type Call struct {
	Parent     string // the header traceparent
	Begin, End time.Time
	Method     string
	Route      string // the pattern that the path matched
	Status     int    // of the answer
	By         string // the name of the token
	From       string // the address and port of the caller
}
