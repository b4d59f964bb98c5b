// Package netpoll owns sockets and the turns of event loops: the reactor on which a connection lives, when its bytes are
// read and written, when its deadline passes, and how it ends. It knows nothing of WebSocket; a Handler gives the bytes
// their meaning.
//
// A Reactor uses the interfaces Socket and Driver, so the same code runs on gnet's event loops (driver.go) and in
// netpolltest's simulated network.
package netpoll
