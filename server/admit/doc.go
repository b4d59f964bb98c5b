// Package admit decides which connections and messages a node takes: the rate limiter of handshakes, the connection
// limits of the node and of each address, the rate limit of messages, and the origins whose pages may connect. The
// caller passes the time, in ticks. The package knows neither sockets nor sessions.
package admit
