package admit

import "testing"

func TestControlsAreForgivenWithTime(t *testing.T) {
	var c Controls
	for range ControlBurst {
		if !c.Count() {
			t.Fatal("the burst is refused")
		}
	}
	if c.Count() {
		t.Error("one more than the burst is within the limit")
	}
	c.Pass(1)
	for range controlsPerTick - 1 {
		if !c.Count() {
			t.Fatal("what a tick pays for is refused")
		}
	}
	if c.Count() {
		t.Error("a tick pays for more than it should")
	}
	if c.Pass(1 << 20); c != 0 {
		t.Errorf("%d are held against a client that was silent for a day", c)
	}
}
