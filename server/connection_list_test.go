package server

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/server/heavy"
)

// answered makes a question of an administrator while the node goes on.
func answered[A any](w *world, do func() (A, error)) (a A) {
	w.t.Helper()
	done := make(chan A, 1)
	go func() {
		a, err := do()
		if err != nil {
			w.t.Error(err)
		}
		done <- a
	}()
	for {
		select {
		case a := <-done:
			return a
		default:
			w.net.Settle()
		}
	}
}

// heaviest returns the heaviest connections of the node.
func (w *world) heaviest(by heavy.Measure, seconds, limit int) []ConnectionRow {
	w.t.Helper()
	return answered(w, func() ([]ConnectionRow, error) {
		rows, _, err := w.server.Reach(false).Heaviest(context.Background(), by, seconds, limit)
		return rows, err
	})
}

// selected returns all connections that a filter selects, in pages.
func (w *world) selected(f ConnectionFilter, limit int) (rows []ConnectionRow) {
	w.t.Helper()
	for from, more := (ConnectionCursor{}), true; more; {
		p := answered(w, func() (ConnectionPage, error) {
			return w.server.Reach(false).Connections(context.Background(), f, from, 10, limit)
		})
		if len(p.Rows) > limit {
			w.t.Fatalf("a page has %d rows, limit %d", len(p.Rows), limit)
		}
		rows = append(rows, p.Rows...)
		from, more = p.Next, p.More
	}
	return rows
}

// usernames returns the names in rows.
func usernames(rows []ConnectionRow) (all []string) {
	for _, r := range rows {
		all = append(all, r.Username)
	}
	return all
}

// TestTheHeaviestConnectionsAreListed has users on both reactors that send and get different amounts.
func TestTheHeaviestConnectionsAreListed(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.RateLimit = 2 })
	for i, name := range []string{"ann", "bob", "cid"} {
		c := w.join(name)
		w.net.Advance(6 * time.Second)
		for range i {
			c.text(`{"message_type":"ping","data":"` + strings.Repeat("x", 1000) + `"}`)
		}
		for range 10 * i {
			c.text(`{"message_type":"ping"}`)
		}
		w.net.Settle()
	}
	for by, want := range map[heavy.Measure][]string{heavy.In: {"cid", "bob", "ann"}, heavy.Out: {"cid", "bob", "ann"}, heavy.Refused: {"cid", "bob"}, heavy.Queued: nil} {
		if got := usernames(w.heaviest(by, 60, 100)); !slices.Equal(got, want) {
			t.Errorf("by measure %d: %v, want %v", by, got, want)
		}
	}
	if got := usernames(w.heaviest(heavy.In, 60, 1)); !slices.Equal(got, []string{"cid"}) {
		t.Errorf("the heaviest is %v", got)
	}
	w.net.Advance(20 * time.Second)
	if got := w.heaviest(heavy.In, 10, 9); len(got) != 0 {
		t.Errorf("after 20 s without a message there are %v", usernames(got))
	}
}

// TestConnectionsAreSelected has two users with several connections each, at two addresses, in two topics, on two reactors.
func TestConnectionsAreSelected(t *testing.T) {
	w := newWorld(t, 1, nil)
	for i := range 12 {
		w.net.From = netip.MustParseAddr([]string{"203.0.113.9", "2001:db8::1"}[i%2])
		c := w.join([]string{"ann", "bob", "cid"}[i%3])
		c.text(fmt.Sprintf(`{"message_type":"subscribe","data":{"topics":["topic%d"]}}`, i%4))
		w.net.Settle()
	}
	for _, q := range []struct {
		filter ConnectionFilter
		want   int
	}{
		{ConnectionFilter{User: userID("ann")}, 4}, {ConnectionFilter{User: userID("eve")}, 0}, {ConnectionFilter{User: uuid.UUID{1}}, 0},
		{ConnectionFilter{Address: netip.MustParseAddr("203.0.113.9")}, 6}, {ConnectionFilter{Address: netip.MustParseAddr("2001:db8::2")}, 6},
		{ConnectionFilter{Address: netip.MustParseAddr("203.0.113.8")}, 0},
		{ConnectionFilter{Topic: "topic1"}, 3}, {ConnectionFilter{Topic: "topic9"}, 0},
	} {
		for _, limit := range []int{1, 2, 100} {
			seen := map[string]bool{}
			for _, r := range w.selected(q.filter, limit) {
				seen[r.ID] = q.filter.User == uuid.Nil || r.UserID == q.filter.User
			}
			if len(seen) != q.want {
				t.Errorf("%+v, in pages of %d, selects %d, want %d", q.filter, limit, len(seen), q.want)
			}
		}
	}
}
