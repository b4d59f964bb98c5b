package client

import "time"

// Phase is where a client stands between two connections.
type Phase string

// The phases. A client goes from Connecting to Open or Waiting, from Open to Waiting, from Waiting to Connecting, and from each of them to
// Closed, where it stays.
const (
	Connecting Phase = "connecting" // a handshake is under way
	Open       Phase = "open"       // the server has sent its welcome
	Waiting    Phase = "waiting"    // the next attempt is at State.Until
	Closed     Phase = "closed"     // there is no further attempt
)

// State is an event: the phase has changed, or the end of a wait.
type State struct {
	Phase Phase
	// Why says why a client waits or is closed: the code of a refusal ("busy", "token_expired"), "http:502" for a refusal without a code,
	// "close:1012" for a close frame, "lost" for the end of a connection without one, "token" if the token function failed, "closed" if the
	// program closed the client. It is empty in the other phases.
	Why string
	// Until is the time of the next attempt of a client that waits.
	Until time.Time
	// Err has the details of Why: a *Refusal, a *CloseError, or an error of the network or of the token function.
	Err error
}
