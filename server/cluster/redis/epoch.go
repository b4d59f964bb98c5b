package redis

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"

	"momentum/server/cluster"
)

// epoch is the epoch of a partition. It changes with the data, of which the value is part, and with the primary, because a new one
// may lack the last messages.
type epoch struct {
	key, value string // the value is a random text and the second in which it was made
	replica    string // the replication id of the primary
	id         cluster.Epoch
}

var errNoReplica = errors.New("Redis has not said which replication id it has")

func newEpoch(key, replica, value string) (*epoch, error) {
	if replica == "" || value == "" {
		return nil, errNoReplica
	}
	sum := sha256.Sum256([]byte(replica + " " + value))
	id := cluster.Epoch(binary.BigEndian.Uint64(sum[:]) >> 24)
	return &epoch{key: key, value: value, replica: replica, id: max(id, 1)}, nil
}
