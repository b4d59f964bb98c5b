package history

import (
	"testing"
	"time"

	"github.com/google/uuid"
)

// addUp adds up a store in steps of two channels.
func addUp(s *Store, between func()) error {
	var m Sum
	for m.Add(s, 2) {
		between()
	}
	return m.Fault()
}

func TestSumFindsBytesThatAreNotCounted(t *testing.T) {
	s := NewStore(Limits{Messages: 3, Bytes: 1000, Age: time.Minute}, 3000)
	channels := make([]Channel, 50)
	idle := func() {}
	for i := range 500 {
		c := &channels[i*i%50]
		switch {
		case i%7 == 0:
			s.Forget(c)
		case i%41 == 0:
			s.Expire(time.Duration(i)*time.Second, 3)
		default:
			s.Next(c)
			s.Keep(c, make([]byte, i), uuid.Nil, time.Duration(i)*time.Second)
		}
		if err := addUp(&s, idle); err != nil {
			t.Fatal(err)
		}
	}
	s.held++
	if addUp(&s, idle) == nil {
		t.Error("a byte too many is not found")
	}
	if err := addUp(&s, func() { s.Forget(&channels[1]) }); err != nil {
		t.Errorf("a store that changes meanwhile: %v", err)
	}
}
