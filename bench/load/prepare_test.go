package load

import (
	"strings"
	"testing"
)

func TestASourceOfAnotherHostIsAnErrorBeforeTheRun(t *testing.T) {
	p := serving(t, echoing(echo))
	p.Sources = "127.0.0.1," + testNet.String()
	if _, err := Prepare(t.Context(), p); err == nil || !strings.Contains(err.Error(), "--source 192.0.2.1 is not an address of this host") {
		t.Errorf("%v", err)
	}
	p.Sources = "127.0.0.1,127.0.0.9"
	if _, err := Prepare(t.Context(), p); err != nil {
		t.Errorf("addresses of this host: %v", err)
	}
}

// The address is of this host, but the server cannot be reached from it.
func TestASourceThatCannotReachTheServerIsAnErrorBeforeTheRun(t *testing.T) {
	p := serving(t, echoing(echo))
	p.URL = "ws://" + testNet.String() + ":80/ws"
	p.Sources = "127.0.0.1"
	prepared, err := Prepare(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if err := prepared.CheckReachable(t.Context()); err == nil || !strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("%v", err)
	}
}
