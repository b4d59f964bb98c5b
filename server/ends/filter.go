package ends

import (
	"time"

	"github.com/google/uuid"

	"momentum/server/admit"
	"momentum/server/reason"
)

// Filter selects ends. A field with its zero value selects all.
type Filter struct {
	User    uuid.UUID
	Address admit.Network
	Code    uint16
	Reason  string
	Side    Side
	Kind    Kind
	Since   time.Duration // since the node's start
}

// selects reports whether the filter selects an end.
func (f *Filter) selects(e *End) bool {
	return (f.User == uuid.Nil || f.User == e.User) &&
		(f.Address == 0 || f.Address == e.Address) &&
		(f.Code == 0 || f.Code == e.Code) &&
		(f.Reason == "" || f.Reason == e.Reason.String()) &&
		(f.Side == "" || f.Side == e.Side()) &&
		(f.Kind == "" || f.Kind == e.Kind()) &&
		e.At >= f.Since
}

// KnownReason reports whether an end can have the reason.
func KnownReason(name string) bool {
	for r := reason.None + 1; r < reason.Count; r++ {
		if r.String() == name {
			return true
		}
	}
	return false
}
