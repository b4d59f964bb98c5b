package storm

import "testing"

func TestTheFleetIsRememberedForAMinute(t *testing.T) {
	var f fleet
	f.add(500)
	for i := range memorySteps {
		if f.most() != 500 {
			t.Fatalf("after %d steps, %d", i, f.most())
		}
		f.add(1)
	}
	if f.most() != 1 {
		t.Errorf("after a minute, %d", f.most())
	}
}
