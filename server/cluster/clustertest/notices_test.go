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

func TestANoticeIsKeptInsteadOfThoseThatItMakesVoid(t *testing.T) {
	var now time.Time
	e := New(10)
	e.MaxNotices, e.Now = 2, func() time.Time { return now }
	l := listen(t, e)
	for _, one := range []struct {
		cluster.Notice
		err error
	}{
		{cluster.Notice{Text: []byte("ban")}, nil},
		{cluster.Notice{Text: []byte("b"), Until: 10}, nil},
		{cluster.Notice{Text: []byte("c"), Void: []string{"never kept"}}, cluster.ErrUnavailable},
		{cluster.Notice{Text: []byte("b"), Until: 5}, nil},
		{cluster.Notice{Text: []byte("lift"), Void: []string{"never kept", "ban"}}, nil},
	} {
		l.bus.Keep(one.Notice, func(err error) {
			if err != one.err {
				t.Errorf("%s: %v", one.Text, err)
			}
		})
	}
	e.Settle()
	l.bus.Cut()
	l.bus.Heal()
	if e.Settle(); fmt.Sprintf("%s", l.noticed) != "[b lift]" {
		t.Errorf("the node gets %s", l.noticed)
	}
	now = time.Unix(69, 0)
	for _, want := range []error{cluster.ErrUnavailable, nil} {
		l.bus.Keep(cluster.Notice{Text: []byte("d")}, func(err error) {
			if err != want {
				t.Errorf("at %v, another one: %v", now, err)
			}
		})
		e.Settle()
		now = now.Add(time.Second)
	}
}
