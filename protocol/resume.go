package protocol

import (
	"bytes"
	"strconv"
)

// MaxEpochBytes limits an epoch.
const MaxEpochBytes = 16

// Resume is the position in the query parameter "resume": the messages that a client has had.
type Resume struct {
	Epoch             []byte // in which the numbers were given; empty if the client has no position yet
	Broadcast, Direct uint64 // numbers of the last messages; 0: none
	Asked             bool   // the parameter is there
	Malformed         bool   // it is neither empty nor EPOCH.BROADCAST.DIRECT
}

// Resume returns the position in the query. It aliases the head.
func (h *Handshake) Resume() (r Resume) {
	for query := h.Query; len(query) > 0; {
		var parameter []byte
		parameter, query, _ = bytes.Cut(query, []byte("&"))
		value, ok := bytes.CutPrefix(parameter, []byte("resume="))
		switch {
		case !ok:
		case r.Asked:
			return Resume{Asked: true, Malformed: true}
		default:
			r = parseResume(value)
		}
	}
	return r
}

func parseResume(value []byte) Resume {
	r := Resume{Asked: true}
	if len(value) == 0 {
		return r
	}
	epoch, numbers, _ := bytes.Cut(value, []byte("."))
	broadcast, direct, _ := bytes.Cut(numbers, []byte("."))
	var ok [2]bool
	r.Broadcast, ok[0] = parseNumber(broadcast)
	r.Direct, ok[1] = parseNumber(direct)
	if !validEpoch(epoch) || !ok[0] || !ok[1] {
		return Resume{Asked: true, Malformed: true}
	}
	r.Epoch = epoch
	return r
}

// validEpoch reports whether an epoch has 1 to 16 characters of [A-Za-z0-9_-].
func validEpoch(epoch []byte) bool {
	for _, c := range epoch {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-') {
			return false
		}
	}
	return len(epoch) > 0 && len(epoch) <= MaxEpochBytes
}

// parseNumber reads a number as messages have it: decimal, without a sign.
func parseNumber(text []byte) (uint64, bool) {
	if len(text) == 0 || text[0] == '+' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text), 10, 64)
	return n, err == nil
}
