package server

import (
	"errors"
	"time"
)

// fullFrom is the share of open sockets from which the node is not ready for more. The rest is for connections that
// are on their way.
const (
	fullFrom = 98
	ofAll    = 100
)

// Turning reports whether every reactor has answered a wake-up within the given time.
func (s *Server) Turning(within time.Duration) error {
	if s.group.Stuck() > within {
		return errors.New("a reactor has stood still for more than " + within.String())
	}
	return nil
}

// SlotsLeft reports whether the connection limit leaves room for one more.
func (s *Server) SlotsLeft() error {
	if s.slots.Full() {
		return errors.New("WS_MAX_CONNECTIONS is reached")
	}
	return nil
}

// SocketsLeft reports whether the descriptor limit leaves room for more connections.
func (s *Server) SocketsLeft() error {
	if s.group.Open()*ofAll >= s.options.MaxSockets*fullFrom {
		return errors.New("the descriptor limit is nearly reached")
	}
	return nil
}
