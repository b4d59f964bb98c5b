package server

import (
	"errors"
	"time"
)

// fullFrom is the share of the sockets that may be open before the node asks for no more: the rest is for those that
// are on their way.
const (
	fullFrom = 98
	ofAll    = 100
)

// Turning says whether every reactor has turned within the given time of being asked to.
func (s *Server) Turning(within time.Duration) error {
	if s.group.Stuck() > within {
		return errors.New("a reactor has stood still for more than " + within.String())
	}
	return nil
}

// SeatsLeft says whether another user's connection would be let in.
func (s *Server) SeatsLeft() error {
	if s.slots.Full() {
		return errors.New("WS_MAX_CONNECTIONS is reached")
	}
	return nil
}

// SocketsLeft says whether the descriptor limit has room for more connections.
func (s *Server) SocketsLeft() error {
	if s.group.Open()*ofAll >= s.options.MaxSockets*fullFrom {
		return errors.New("the descriptor limit is nearly reached")
	}
	return nil
}
