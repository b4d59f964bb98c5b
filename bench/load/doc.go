// Package load puts a WebSocket server under load and measures what its clients get.
//
// One goroutine holds every connection on one epoll instance: connections lie in a slice by value, and an idle one
// has no goroutine, no timer and no buffer. When a message is due follows from its number, so tens of thousands of
// schedules need no timer either. Latency counts from when something was due, not from when this program got round
// to it, and a run in which this program was what limited the result says so.
//
// It shares no protocol code with the server: a fault at both ends would not be seen.
package load
