package stats

// Resume is the outcome of a handshake that asks to resume.
type Resume uint8

// The outcomes. All but Resumed are reasons why a client may have missed something.
const (
	Resumed         Resume = iota
	EpochChanged           // the node was started anew since
	Expired                // a missed message is too old
	TooMany                // there were more messages than are kept
	UnknownPosition        // the position was never reached, or cannot be read
	NewPosition            // the client has no position yet
	Resumes                // how many outcomes there are
)

var resumeNames = [Resumes]string{"resumed", "epoch", "expired", "too_many", "unknown", "new"}

// String returns the name as the welcome message and the metrics have it.
func (r Resume) String() string { return resumeNames[r] }
