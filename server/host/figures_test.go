package host

import "testing"

func TestALevelRemembersItsHighest(t *testing.T) {
	var l Level
	l.set(5, 100)
	l.set(9, 100)
	l.set(2, 50)
	if l != (Level{2, 9, 50}) {
		t.Errorf("%+v", l)
	}
}
