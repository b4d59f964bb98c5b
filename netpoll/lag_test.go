package netpoll

import (
	"log/slog"
	"testing"
	"time"
)

// idleHandler has nothing to do.
type idleHandler struct{}

func (idleHandler) Opened(*Conn)         {}
func (idleHandler) Data(*Conn, []byte)   {}
func (idleHandler) Deadline(*Conn)       {}
func (idleHandler) Slow(*Conn)           {}
func (idleHandler) Closed(*Conn, error)  {}
func (idleHandler) Posted(*Post, []byte) {}
func (idleHandler) Work(int) (more bool) { return false }
func (idleHandler) Ticked()              {}

// deafDriver lets the test say when a reactor turns.
type deafDriver struct{}

func (deafDriver) Ring()                   {}
func (deafDriver) Write(int32, []byte) int { return 0 }
func (deafDriver) Close(Socket)            {}
func (deafDriver) CloseWrite(Socket)       {}

func TestLagIsFromTheFirstTickToTheTurn(t *testing.T) {
	now := time.Unix(1000, 0)
	var late []time.Duration
	g, err := NewGroup(Options{
		Reactors: 2, MaxSockets: 1, Log: slog.New(slog.DiscardHandler),
		Now:        func() time.Time { return now },
		NewHandler: func(*Reactor) Handler { return idleHandler{} },
		OnLag:      func(_ int, by time.Duration) { late = append(late, by) },
	})
	if err != nil {
		t.Fatal(err)
	}
	r := g.Attach(0, deafDriver{})
	r.Wake()
	r.Turn()
	if len(late) != 0 {
		t.Errorf("a turn that no tick asked for is late by %v", late)
	}
	r.Due()
	now = now.Add(40 * time.Second)
	r.Due() // the second tick that waits in vain
	if stuck := g.Stuck(); stuck != 40*time.Second {
		t.Errorf("stuck for %v, want 40 s", stuck)
	}
	now = now.Add(time.Second)
	r.Turn()
	r.Turn()
	if len(late) != 1 || late[0] != 41*time.Second {
		t.Errorf("late by %v, want 41 s once", late)
	}
	if stuck := g.Stuck(); stuck != 0 {
		t.Errorf("stuck for %v behind a turn", stuck)
	}
}

func TestMomentsWrapAround(t *testing.T) {
	const wrap = time.Microsecond << 32
	if got := momentOf(wrap + time.Second).Since(momentOf(wrap - time.Second)); got != 2*time.Second {
		t.Errorf("two seconds across the end of moments are %v", got)
	}
	if momentOf(0) == 0 || momentOf(wrap) == 0 {
		t.Error("a moment is taken for never")
	}
}

// A reactor that has nothing to do is asked all the same, or nobody would notice that it stands still.
func TestIdleReactorsAreAskedToTurn(t *testing.T) {
	now := time.Unix(1000, 0)
	g, err := NewGroup(Options{
		Reactors: 1, MaxSockets: 1, Log: slog.New(slog.DiscardHandler),
		Now:        func() time.Time { return now },
		NewHandler: func(*Reactor) Handler { return idleHandler{} },
		OnLag:      func(int, time.Duration) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := g.Attach(0, deafDriver{})
	for range checkTicks {
		now = now.Add(TickLength)
		g.Tick()
	}
	if r.lag.asked.Load() == 0 {
		t.Error("nobody has asked for a turn")
	}
}
