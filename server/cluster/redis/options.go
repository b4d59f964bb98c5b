package redis

import (
	"cmp"
	"errors"
	"log/slog"
	"time"

	"momentum/server/cluster"
)

// Options are what a bus needs. URL, Node, Log and Now are required.
type Options struct {
	URL      string // see CheckURL
	Prefix   string // of all keys and channels; "": mo
	Node     cluster.Node
	NodeName string // as CLIENT LIST shows it
	History  History
	Log      *slog.Logger
	Now      func() time.Time
	Seed     uint64 // of the delays and, with NodeName, of a name that no two nodes may share: both must not be the same for two
}

// History limits what Redis keeps.
type History struct {
	Age time.Duration // in whole seconds; 0: no messages are kept
	// Messages and Bytes limit the messages of a user and of a topic. The bytes are those that Redis keeps, after
	// compression; a node reads at most twice as many, before it. A limit is exceeded by up to 16 entries.
	Messages, Bytes int
	// BroadcastMessages and BroadcastBytes limit those of the broadcast.
	BroadcastMessages, BroadcastBytes int
}

const (
	defaultPrefix = "mo"

	outboxBytes = 8 << 20
	inboxBytes  = 8 << 20
)

func (o *Options) check() error {
	o.Prefix = cmp.Or(o.Prefix, defaultPrefix)
	h := o.History
	switch {
	case o.Node == nil || o.Log == nil || o.Now == nil:
		return errors.New("the bus needs a node, a log and a clock")
	case h.Age%time.Second != 0 || h.Age < 0:
		return errors.New("the age of the history must be in whole seconds")
	case h.Age > 0 && min(h.Messages, h.Bytes, h.BroadcastMessages, h.BroadcastBytes) < 1:
		return errors.New("the history needs limits of at least 1")
	}
	return nil
}
