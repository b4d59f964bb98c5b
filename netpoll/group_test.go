package netpoll

import (
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestGroupRefusesWhatCannotWork(t *testing.T) {
	for _, o := range []struct {
		reactors, sockets int
		says              string
	}{
		{0, 1, "0 reactors: must be from 1 to 255"},
		{MaxReactors + 1, 1, "256 reactors: must be from 1 to 255"},
		{1, 0, "raise it (ulimit -n)"},
	} {
		_, err := NewGroup(Options{Reactors: o.reactors, MaxSockets: o.sockets, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
		if err == nil || !strings.Contains(err.Error(), o.says) {
			t.Errorf("%d reactors, %d sockets: %v", o.reactors, o.sockets, err)
		}
	}
}

// TestIdleReactorsAreAskedToTurn once in checkTicks ticks: otherwise nobody would notice that one stands still.
func TestIdleReactorsAreAskedToTurn(t *testing.T) {
	ticks := 0
	g, advance := idleGroup(t, 2, func(o *Options) { o.OnTick = func() { ticks++ } })
	for _, r := range g.reactors {
		r.Turn() // it has nothing to wake up for now
	}
	for tick := range checkTicks {
		if g.Stuck() != 0 {
			t.Fatalf("asked for a turn within %d ticks", tick)
		}
		advance(TickLength)
		g.Tick()
	}
	advance(1)
	for _, r := range g.reactors {
		if r.lag.waiting(g.clock.elapsed()) != 1 {
			t.Error("the ticker has not asked for a turn")
		}
	}
	if ticks != checkTicks {
		t.Errorf("%d calls of OnTick in %d ticks", ticks, checkTicks)
	}
}

func TestTheLoadOfAReactorIsItsOwn(t *testing.T) {
	g, _ := idleGroup(t, 2, nil)
	g.reactors[0].queued.Store(5)
	g.PostTo(1, Post{}, []byte("12345678"))
	if a, b := g.LoadOf(0), g.LoadOf(1); a != (Load{0, 5}) || b != (Load{8 + postBytes, 0}) {
		t.Errorf("%+v, %+v", a, b)
	}
}

func TestFiguresAreSumsOfAllReactors(t *testing.T) {
	g, _ := idleGroup(t, 3, nil)
	for i, r := range g.reactors {
		r.queued.Store(int64(1 + i))
		r.backlogged.Store(int64(10 * (1 + i)))
		r.sent.Store(uint64(100 * (1 + i)))
	}
	if g.Queued() != 6 || g.Backlogged() != 60 || g.Sent() != 600 || g.Reactors() != 3 {
		t.Errorf("%d queued, %d backlogged, %d sent on %d reactors", g.Queued(), g.Backlogged(), g.Sent(), g.Reactors())
	}
}

func TestPostsGoToTheReactorOfTheirConnection(t *testing.T) {
	g, _ := idleGroup(t, 3, nil)
	g.Post(Post{To: newHandle(2, 0, 1)}, nil)
	g.PostTo(1, Post{}, nil)
	g.PostAll(Post{}, nil)
	for i, want := range []int{1, 2, 2} {
		if n := len(g.reactors[i].mail.filling.posts); n != want {
			t.Errorf("reactor %d has %d posts, want %d", i, n, want)
		}
	}
}

func TestMomentIsTheTimeSinceTheStart(t *testing.T) {
	g, advance := idleGroup(t, 1, nil)
	advance(time.Millisecond)
	if m := g.Moment(); m != 1000 {
		t.Errorf("%d µs, want 1000", m)
	}
}
