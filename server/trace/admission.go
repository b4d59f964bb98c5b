package trace

import (
	"time"

	"github.com/google/uuid"
)

// Step is a part of an admission.
type Step uint8

// The steps in their order. An admission may end after any of them.
const (
	None      Step = iota // no step has begun
	Request               // from the accept until the request's head has arrived
	Token                 // the check of the token
	Directory             // the look-up of the user
	Limiter               // the wait at the rate limiter
	Joining               // the wait for the bus and for posts, the hub, and the 101
	steps
)

var stepNames = [steps]string{"", "request", "token", "directory", "limiter", "joining"}

// String returns the name of the step's span.
func (s Step) String() string { return stepNames[s] }

// Interval is the time that a step took. Both ends are zero if it has not begun.
type Interval struct{ Begin, End time.Time }

// Outcome says how an admission ended.
type Outcome uint8

// The outcomes.
const (
	Gone     Outcome = iota // the connection ended before an answer
	Admitted                // the answer was 101, or to an inquiry 204
	Refused
)

var outcomeNames = [...]string{"gone", "admitted", "refused"}

// String returns the outcome as an attribute shows it.
func (o Outcome) String() string { return outcomeNames[o] }

// Admission is the record of one admission that is sampled. Until it is handed over, its steps belong to the goroutine that
// has the handshake, and all else to the reactor: a handshake may be refused while another goroutine has it.
type Admission struct {
	ID     [16]byte // of the trace
	Parent [8]byte  // the span of the proxy that passed the request on; zero: there is none

	Begin, End time.Time // from the accept to the answer
	Outcome    Outcome
	Reason     string // why it was refused, or how it ended
	Status     int    // of the HTTP answer; 0: there was none

	Method     string // GET, or of an inquiry HEAD
	Inquiry    bool
	Returning  bool // the client's token was admitted lately
	Reactor    int
	Connection string // its handle, as in logs
	Address    string // of the client, as in the ledger of ends; "": not known
	User       uuid.UUID

	Steps [steps]Interval
	last  Step // the latest that has begun
}

// Enter ends the step under way, and begins another one. To begin the present step again does nothing.
func (a *Admission) Enter(s Step, at time.Time) {
	if s != a.last {
		a.Leave(at)
		a.last, a.Steps[s].Begin = s, at
	}
}

// Leave ends the step under way.
func (a *Admission) Leave(at time.Time) {
	if now := &a.Steps[a.last]; now.End.IsZero() {
		now.End = at
	}
}

// Last returns the latest step that had begun when the admission ended. A handshake that was refused at its deadline may have gone on,
// on another goroutine.
func (a *Admission) Last() Step {
	for s := Joining; s > None; s-- {
		if at := a.Steps[s].Begin; !at.IsZero() && !at.After(a.End) {
			return s
		}
	}
	return None
}

// Answer records the end of the admission. A second call does nothing: after a refusal, the connection ends too.
func (a *Admission) Answer(o Outcome, why string, status int, at time.Time) {
	if a.End.IsZero() {
		a.Outcome, a.Reason, a.Status, a.End = o, why, status, at
	}
}
