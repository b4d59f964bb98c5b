// Package netpoll owns sockets and turns: which reactor a connection lives on, when its bytes are read and
// written, when its deadline passes and how it ends. It knows nothing of WebSocket; what bytes mean is the
// Handler's affair.
//
// A Reactor is written against the Socket interface, so that the same code runs on gnet's event loops
// (driver.go) and in netpolltest's simulated world.
package netpoll
