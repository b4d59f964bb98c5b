// Package load puts a WebSocket server under load, and measures latency, loss and refusals.
//
// One goroutine serves all connections on one epoll instance. Connections are stored by value in a slice, and an idle
// one has no goroutine, no timer and no buffer. The time at which a message is due follows from its number, so that
// schedules need no timers either. Latency counts from the time at which something was due, not from when this program
// sent it, and a result that was limited by this program says so.
//
// The package shares no protocol code with the server: a fault on both ends would not be seen.
package load
