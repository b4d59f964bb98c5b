package presence

import (
	"strconv"

	"momentum/protocol"
)

// tally counts arrivals or departures that are announced together.
type tally struct {
	count  int
	sample []Person
}

func (t *tally) add(p Person) {
	t.count++
	if len(t.sample) < Sample {
		t.sample = append(t.sample, p)
	}
}

// appendSummary appends the data of a presence message.
func appendSummary(dst []byte, joined, left *tally, online int) []byte {
	dst = appendCount(dst, `{"joined":`, joined.count)
	dst = appendCount(dst, `,"left":`, left.count)
	dst = appendCount(dst, `,"online":`, online)
	dst = appendPeople(dst, `,"sample":{"joined":[`, joined.sample)
	dst = appendPeople(dst, `],"left":[`, left.sample)
	return append(dst, `]}}`...)
}

func appendCount(dst []byte, before string, n int) []byte {
	return strconv.AppendInt(append(dst, before...), int64(n), 10)
}

func appendPeople(dst []byte, before string, people []Person) []byte {
	dst = append(dst, before...)
	for i, p := range people {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendPerson(dst, p)
	}
	return dst
}

// appendPerson appends a user as messages about presence name them, which is also the data of user_joined and user_left.
func appendPerson(dst []byte, p Person) []byte {
	dst = append(dst, `{"user_id":`...)
	dst = protocol.AppendUUID(dst, p.ID)
	dst = append(dst, `,"username":`...)
	dst = protocol.AppendString(dst, p.Name)
	return append(dst, '}')
}
