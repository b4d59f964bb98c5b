package admin

import (
	"log/slog"
	"math/rand/v2"
	"net/http"
	"testing"

	"momentum/server/auth"
	"momentum/server/trace"
)

// calls is a sink that keeps calls.
type calls []trace.Call

func (c *calls) Sample([]byte, *rand.Rand) *trace.Admission { return nil }
func (c *calls) Admission(*trace.Admission)                 {}
func (c *calls) Call(made trace.Call)                       { *c = append(*c, made) }

func TestCallsOfAdministratorsAreTraced(t *testing.T) {
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	var kept calls
	s, _ := newNode(t)
	h := NewHandler(s, Options{
		Token: "the admin token", Tokens: []Token{{"on-call", Write, writeSecret}}, Traces: &kept, Metrics: http.NotFoundHandler(), Log: slog.New(slog.DiscardHandler),
	})
	headers := bearer(writeSecret)
	headers["Traceparent"] = parent
	call{path: "/ws/online?limit=1", headers: headers}.expect(t, h, "")
	call{method: "DELETE", path: "/ws/bans/" + auth.UserID("a").String(), headers: bearer("the admin token"), peer: "192.0.2.7:5"}.expect(t, h, "not_banned")
	call{path: "/metrics", headers: bearer(writeSecret)}.on(t, h) // it writes its own status
	call{path: "/ws/online", headers: bearer("no such token")}.expect(t, h, "unauthorized")
	call{path: "/livez"}.on(t, h)
	call{path: "/docs/"}.on(t, h)
	want := []trace.Call{
		{Parent: parent, Method: "GET", Route: "/ws/online", Status: 200, By: "on-call", From: "127.0.0.1:5555"},
		{Method: "DELETE", Route: "/ws/bans/", Status: 404, By: "admin", From: "192.0.2.7:5"},
		{Method: "GET", Route: "/metrics", Status: 404, By: "on-call", From: "127.0.0.1:5555"},
	}
	if len(kept) != len(want) {
		t.Fatalf("%d calls: %+v", len(kept), kept)
	}
	for i, c := range kept {
		if c.Begin.IsZero() || c.End.Before(c.Begin) {
			t.Errorf("%s lasted from %v to %v", c.Route, c.Begin, c.End)
		}
		if c.Begin, c.End = want[i].Begin, want[i].End; c != want[i] {
			t.Errorf("got  %+v\nwant %+v", c, want[i])
		}
	}
}
