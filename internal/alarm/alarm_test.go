package alarm

import (
	"errors"
	"os"
	"testing"
	"time"
)

func TestAnAlarmGoesOffWheneverItIsSet(t *testing.T) {
	rings := make(chan time.Time, 1)
	a, err := New(func() { rings <- time.Now() })
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		for _, d := range []time.Duration{1, 50 * time.Microsecond, 2 * time.Millisecond} {
			set := time.Now()
			a.Set(d)
			select {
			case at := <-rings:
				if after := at.Sub(set); after < d {
					t.Errorf("it went off %v after it was set, and not after %v", after, d)
				}
			case <-time.After(30 * time.Second):
				t.Fatalf("it did not go off after %v", d)
			}
		}
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	if err := a.Close(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("it was closed twice: %v", err)
	}
}
