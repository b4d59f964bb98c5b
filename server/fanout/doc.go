// Package fanout delivers messages to the connections of one reactor: those for everybody, and those for one
// connection. A member gets everything that is pending for it in one write, in the order in which it was posted, and at
// most about SegmentBytes in a turn, so that its socket can take one turn's share before the next one comes.
//
// It knows neither sessions nor sockets: a member is whatever implements Sink. Nothing in it is safe for more than one
// goroutine; each reactor has a Fanout of its own. See docs/adr/0004-fanout-log.md.
package fanout
