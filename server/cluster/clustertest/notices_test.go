package clustertest

import (
	"fmt"
	"testing"
	"time"

	"momentum/server/cluster"
)

func TestANodeGetsNoticesUntilTheyEnd(t *testing.T) {
	var now time.Time
	e := New(10)
	e.Now = func() time.Time { return now }
	l := listen(t, e)
	for _, one := range []cluster.Notice{{Text: []byte("a"), Until: 10}, {Text: []byte("b")}, {Text: []byte("a"), Until: 20}, {Text: []byte("a"), Until: 5}, {Text: []byte("b"), Until: 5}} {
		l.bus.Keep(one, func(err error) {
			if err != nil {
				t.Error(err)
			}
		})
	}
	e.Settle()
	for at, want := range map[int64]string{19: "[a b]", 20: "[b]"} {
		now = time.Unix(at, 0)
		l.bus.Cut()
		l.bus.Heal()
		if e.Settle(); fmt.Sprintf("%s", l.noticed) != want {
			t.Errorf("at %d the node gets %s, want %s", at, l.noticed, want)
		}
	}
}
