package sim

import "fmt"

// tally counts outcomes, so that a log shows what a seed has tested.
type tally struct {
	resumed, missed, replays, gaps, acks, again, stored int
	edge, anew                                          int // receipts beyond what must be remembered: remembered, and not
	topicsResumed, topicsLost, ended, posts             int
	refused                                             map[string]int
}

// String describes it in one line.
func (y *tally) String() string {
	return fmt.Sprintf("resumed %d with %d missed, %d replays, %d gaps, not resumed %v; %d acks, %d sent again, %d and %d at the edge, %d stored for later; topics resumed %d, not resumed %d, %d unsubscriptions by a token; %d posts again",
		y.resumed, y.missed, y.replays, y.gaps, y.refused, y.acks, y.again, y.edge, y.anew, y.stored, y.topicsResumed, y.topicsLost, y.ended, y.posts)
}
