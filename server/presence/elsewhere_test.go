package presence

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/history"
)

// TestInAClusterTheHubsChangesAreMoved has users come and go; only what is published is announced.
func TestInAClusterTheHubsChangesAreMoved(t *testing.T) {
	hub := NewHub(history.Limits{}, 0)
	var moved, announced []string
	a := NewAnnouncer(hub, func(kind protocol.MessageType, _ []byte, but uuid.UUID) bool {
		announced = append(announced, fmt.Sprint(kind, but[15]))
		return true
	})
	a.Join(func() int { return 5 }, 0, func(p Person, here, again bool) { moved = append(moved, fmt.Sprint(p.Name, here, again)) })
	u, _, _ := hub.Join(id(1), "user1", netpoll.Handle(1), time.Time{}, ignore)
	a.Arrived(person(1))
	a.Enroll()
	hub.Leave(u, netpoll.Handle(1), 0, 0)
	a.Enroll()
	a.Tick(Grace)
	a.Enroll()
	want := []string{"user1true false", "user1true true", "user1true true", "user1false false"}
	if !slices.Equal(moved, want) || announced != nil {
		t.Errorf("%q is moved, %q announced", moved, announced)
	}
	a.Changed(&Changes{Each: []Change{{person(7), true}, {person(7), false}}})
	if want := []string{fmt.Sprint(protocol.UserJoined, 7), fmt.Sprint(protocol.UserLeft, 7)}; !slices.Equal(announced, want) {
		t.Errorf("%q is announced", announced)
	}
	if a.Online() != 5 {
		t.Errorf("%d are online", a.Online())
	}
}

// TestALargeClusterGetsSummariesLessOften has few users of a large cluster on the node.
func TestALargeClusterGetsSummariesLessOften(t *testing.T) {
	for spread, want := range map[float64][]time.Duration{0: {10, 20, 30}, 0.5: {14, 29}, 1: {19}} {
		var published []time.Duration
		elapsed := Interval
		a := NewAnnouncer(NewHub(history.Limits{}, 0), func(protocol.MessageType, []byte, uuid.UUID) bool {
			published = append(published, elapsed/Interval)
			return true
		})
		a.Join(func() int { return 9 * Crowd }, spread, func(Person, bool, bool) {})
		for ; elapsed <= 30*Interval; elapsed += Interval / 2 {
			a.Changed(&Changes{Joined: Tally{Count: 1}})
			a.Tick(elapsed)
		}
		if !slices.Equal(published, want) {
			t.Errorf("with a spread of %v summaries are published after %d seconds, want %d", spread, published, want)
		}
	}
}

func TestTalliesOfNodesAreAddedUp(t *testing.T) {
	var a, b Tally
	for i := range Sample - 1 {
		a.Add(person(i))
		b.Add(person(i + 100))
	}
	a.addAll(&b)
	if a.Count != 2*Sample-2 || len(a.Sample) != Sample || a.Sample[Sample-1] != person(100) {
		t.Errorf("%+v", a)
	}
}

// TestEnrollmentLooksAtFewEntriesAtOnce has more users than are looked at under one hold.
func TestEnrollmentLooksAtFewEntriesAtOnce(t *testing.T) {
	hub := newHub(history.Limits{}, 0, 1)
	a := NewAnnouncer(hub, nil)
	seen := make(map[uuid.UUID]bool)
	a.Join(hub.Online, 0, func(p Person, _, _ bool) { seen[p.ID] = true })
	for i := range 3*entriesAtOnce + 1 {
		hub.Join(uuid.New(), "", netpoll.Handle(i+1), time.Time{}, ignore)
	}
	a.Enroll()
	if len(seen) != 3*entriesAtOnce+1 || a.most > entriesAtOnce {
		t.Errorf("%d users are enrolled, %d at once", len(seen), a.most)
	}
}
