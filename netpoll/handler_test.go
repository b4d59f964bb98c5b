package netpoll

import (
	"log/slog"
	"testing"
	"time"
)

// idleHandler does nothing.
type idleHandler struct{}

func (idleHandler) Opened(*Conn)         {}
func (idleHandler) Data(*Conn, []byte)   {}
func (idleHandler) Deadline(*Conn) int   { return 1 }
func (idleHandler) Slow(*Conn) int       { return 1 }
func (idleHandler) Closed(*Conn, error)  {}
func (idleHandler) Posted(*Post, []byte) {}
func (idleHandler) Work(int) (more bool) { return false }
func (idleHandler) Ticked()              {}

// idleDriver does nothing: the test calls the reactor.
type idleDriver struct{}

func (idleDriver) Ring()                   {}
func (idleDriver) WakeAfter(time.Duration) {}
func (idleDriver) Write(int32, []byte) int { return 0 }
func (idleDriver) Close(Socket)            {}
func (idleDriver) CloseWrite(Socket)       {}

// idleGroup makes a group whose reactors do nothing, and a function that moves its clock.
func idleGroup(t *testing.T, reactors int, change func(*Options)) (g *Group, advance func(time.Duration)) {
	t.Helper()
	now := time.Unix(1000, 0)
	o := Options{
		Reactors: reactors, MaxSockets: 100, Outbound: DefaultOutbound, Log: slog.New(slog.DiscardHandler),
		Now:        func() time.Time { return now },
		NewHandler: func(*Reactor) Handler { return idleHandler{} },
	}
	if change != nil {
		change(&o)
	}
	g, err := NewGroup(o)
	if err != nil {
		t.Fatal(err)
	}
	for i := range reactors {
		g.Attach(i, idleDriver{})
	}
	return g, func(d time.Duration) { now = now.Add(d) }
}
