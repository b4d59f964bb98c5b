package server

import (
	"strconv"
	"strings"

	"momentum/netpoll"
)

// connectionID names a connection for administrators. It never names another one: a handle has a generation, and each start of a
// node an epoch of its own.
func connectionID(epoch string, h netpoll.Handle) string {
	return strconv.FormatUint(uint64(h), 36) + "." + epoch
}

// handleOf returns the connection that an id names, or 0 if it is not of this epoch.
func handleOf(epoch, id string) netpoll.Handle {
	handle, of, _ := strings.Cut(id, ".")
	h, err := strconv.ParseUint(handle, 36, 64)
	if err != nil || of != epoch {
		return 0
	}
	return netpoll.Handle(h)
}
