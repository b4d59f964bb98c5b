package redistest

import "testing"

func TestAMarkerIsFoundInLaterPartsOfTheLogOnly(t *testing.T) {
	var r record
	r.Write([]byte("ready\n"))
	seen := r.expect("ready")
	closed := func() bool {
		select {
		case <-seen:
			return true
		default:
			return false
		}
	}
	r.Write([]byte("not yet, re"))
	if closed() {
		t.Error("the marker of an earlier start counts")
	}
	r.Write([]byte("ady"))
	if !closed() {
		t.Error("a marker that comes in two parts is not found")
	}
	r.Write([]byte(", ready"))
	if got, want := r.String(), "ready\nnot yet, ready, ready"; got != want {
		t.Errorf("the log is %q, not %q", got, want)
	}
}
