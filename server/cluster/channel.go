package cluster

import (
	"encoding/base64"
	"encoding/binary"

	"github.com/google/uuid"
)

// Kind is a kind of channel.
type Kind uint8

// The kinds of channels.
const (
	Broadcast Kind = iota // one for the cluster; each node is in it from its start
	Direct                // the direct messages of one user
	Topic
)

// Channel names a channel. It is comparable.
type Channel struct {
	Kind Kind
	User uuid.UUID // of Direct
	Name string    // of Topic
}

// DirectOf returns the channel of a user's direct messages.
func DirectOf(user uuid.UUID) Channel { return Channel{Kind: Direct, User: user} }

// TopicOf returns the channel of a topic.
func TopicOf(name string) Channel { return Channel{Kind: Topic, Name: name} }

// Epoch names the numbering of a part of the channels, in 40 bits. It changes whenever numbers may have been lost. Numbers of two
// epochs must never be compared. 0 is no epoch.
type Epoch uint64

// String returns the epoch as clients see it: 7 characters.
func (e Epoch) String() string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(e))
	return base64.RawURLEncoding.EncodeToString(b[3:])
}
