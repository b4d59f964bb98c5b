// Package fanout delivers messages to the connections of one reactor: those for all connections, those for the
// subscribers of a topic, and those for a single connection. A member gets all its pending messages in one write, in the
// order in which they were posted, and at most about SegmentBytes in a turn, so that its socket can take one turn's share
// before the next one comes.
//
// It knows neither sessions nor sockets nor the names of topics: a member is any implementation of Sink. Nothing in it is
// safe for more than one goroutine; each reactor has its own Fanout. See docs/adr/0004-fanout-log.md and
// docs/adr/0020-topics.md.
package fanout
