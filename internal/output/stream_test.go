package output

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAStreamRemembersItsFirstError(t *testing.T) {
	b := &broken{}
	s := NewStream(b)
	for range 2 {
		if _, err := s.Write([]byte("x")); !errors.Is(err, unix.ENOSPC) {
			t.Error(err)
		}
	}
	if !errors.Is(s.Err(), unix.ENOSPC) || b.writes != 1 {
		t.Errorf("%v after %d writes", s.Err(), b.writes)
	}
}
