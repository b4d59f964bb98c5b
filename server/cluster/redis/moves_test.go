package redis

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"momentum/server/cluster"
)

func TestTheLastMoveOfAUserCounts(t *testing.T) {
	var m moves
	m.enroll(true)
	m.add(cluster.Move{User: uuid.UUID{1}, Here: true, Again: true})
	m.add(cluster.Move{User: uuid.UUID{2}, Here: true})
	m.add(cluster.Move{User: uuid.UUID{2}, Here: false})
	m.add(cluster.Move{User: uuid.UUID{2}, Here: true, Again: true}) // it is older
	m.retire("7")
	if m.nextRetired() != "" {
		t.Error("a number is swept while moves wait")
	}
	list := m.take()
	if len(list) != 2 || !list[0].Here || !list[0].silent || list[1].Here || list[1].silent {
		t.Errorf("%+v", list)
	}
	if m.nextRetired() != "7" || m.nextRetired() != "" {
		t.Error("the number is not swept once")
	}
	m.add(cluster.Move{User: uuid.UUID{1}})
	m.restore(list)
	if again := m.take(); len(again) != 2 || again[0].Here || again[0].repeated || !again[1].repeated {
		t.Errorf("%+v", again)
	}
}

func TestTooManyMovesAreDropped(t *testing.T) {
	var m moves
	for n := range maxMoves + 1 {
		m.add(cluster.Move{User: uuid.UUID{byte(n), byte(n >> 8), byte(n >> 16)}})
	}
	if len(m.waiting) != 1 || len(m.order) != 1 || !m.overflowed() || m.overflowed() {
		t.Errorf("%d moves wait", len(m.waiting))
	}
}

func TestTheKeeperLooksAtTheFirstMoveAndAtAWholeCall(t *testing.T) {
	var m moves
	looks := []int{}
	for n := range 2*movesPerCall + 10 {
		if m.add(cluster.Move{User: uuid.UUID{byte(n), byte(n >> 8)}, Here: true}) {
			looks = append(looks, n+1)
		}
	}
	if !slices.Equal(looks, []int{1, movesPerCall}) {
		t.Errorf("it looks after %v moves", looks)
	}
	for _, want := range []int{2 * movesPerCall, 10, 0} {
		if got := m.take(); len(got) != want {
			t.Errorf("it takes %d moves, not %d", len(got), want)
		}
	}
	if !m.add(cluster.Move{User: uuid.UUID{1}}) {
		t.Error("it does not look at the first one after that")
	}
}
