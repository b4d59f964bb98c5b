package view

import (
	"encoding/json"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// viewed is the connection of a viewer, which takes everything.
type viewed chan string

func (v viewed) Write(b []byte) (int, error)      { v <- string(b); return len(b), nil }
func (v viewed) SetWriteDeadline(time.Time) error { return nil }
func (v viewed) Close() error                     { close(v); return nil }

// TestViewersGetAViewASecond: the text is made only if there is a viewer.
func TestViewersGetAViewASecond(t *testing.T) {
	var asked atomic.Int32
	v := NewViews(Options{
		Admin: 1, Now: func() time.Time { return time.Time{} }, Read: example,
		Health: func() json.RawMessage { asked.Add(1); return json.RawMessage(`{}`) },
	})
	if now := v.Last(); !now.At.IsZero() {
		t.Errorf("there is a view before the first second: %+v", now)
	}
	asked.Store(0)
	elapsed := time.Duration(0)
	advance := func() {
		for range 10 {
			elapsed += Step / 10
			v.Tick(elapsed)
		}
	}
	for range 5 {
		advance()
	}
	if n := len(v.History().Seconds); n != 5 {
		t.Errorf("%d rows of 5 seconds", n)
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("%d views were made for nobody", n)
	}
	viewer, err := v.Enter(AdminPort, v.Term())
	if err != nil {
		t.Fatal("there is no place")
	}
	if _, err := v.Enter(AdminPort, v.Term()); !errors.Is(err, ErrFull) {
		t.Error("there is a place for a second one")
	}
	got := make(viewed, 10)
	viewer.Serve(got, []byte("first"))
	advance()
	first, event := <-got, <-got
	if first != "first" || !strings.HasPrefix(event, `event: view`+"\n"+`data: {"at":"`) || !strings.HasSuffix(event, `"health":{},"viewers":{"now":1,"limit":1,"refused":1,"cut":0,"skipped":0}}`+"\n\n") {
		t.Errorf("%q, then %q", first, event)
	}
	v.Stop()
	if end, after := <-got, <-got; !strings.HasPrefix(end, "event: end") || after != "" {
		t.Errorf("it ends with %q, then %q", end, after)
	}
	if got := v.Viewers(); got != (Viewers{Limit: 1, Refused: 1}) {
		t.Errorf("%+v", got)
	}
}

// BenchmarkPublish is the making of a view for all viewers.
func BenchmarkPublish(b *testing.B) {
	v := NewViews(Options{Now: time.Now, Read: example})
	v.Tick(Step)
	b.ReportAllocs()
	for b.Loop() {
		v.publish()
	}
}
