package cluster

import (
	"time"

	"github.com/google/uuid"
)

// NodeID names a run of a node. As a destination, "" names all nodes.
type NodeID string

// Info is what a node says about itself.
type Info struct {
	Name        string    `json:"name"`
	Address     string    `json:"address"` // of the WebSocket endpoint
	Version     string    `json:"version"`
	Started     time.Time `json:"started"`
	Connections int       `json:"connections"`
	Users       int       `json:"users"`
}

// Peer is a node of the cluster. Its figures are a few seconds old.
type Peer struct {
	ID NodeID `json:"id"`
	Info
}

// MaxNoteBytes is the length of the longest text of SendNote.
const MaxNoteBytes = 1 << 20

// MaxNotices limits the notices that a bus keeps, and that a node remembers, at some 400 bytes each.
const MaxNotices = 100_000

// Notice is a text that each node gets when it is connected, until a time.
type Notice struct {
	Text  []byte
	Until int64    // in seconds since 1970; 0: for ever
	Void  []string // texts that it makes void
}

// Move says that a user is on this node now, or is not any more.
type Move struct {
	User  uuid.UUID
	Name  string
	Here  bool
	Again bool // the bus has asked for it with Enroll
}
