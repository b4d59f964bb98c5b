package presence

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/protocol"
)

// hall is a room with a clock that moves when told to, and all that was published.
type hall struct {
	*testing.T
	room      *Room
	elapsed   time.Duration
	published []string
}

func newHall(t *testing.T) *hall {
	h := &hall{T: t}
	h.room = NewRoom(func(kind protocol.MessageType, data []byte, except uuid.UUID) bool {
		h.published = append(h.published, fmt.Sprintf("%v %s to all but %d", kind, data, except[15]))
		return true
	})
	return h
}

func person(n int) Person { return Person{id(n), fmt.Sprint("user", n)} }

func (h *hall) advance(d time.Duration) {
	for end := h.elapsed + d; h.elapsed < end; {
		h.elapsed += 100 * time.Millisecond
		h.room.Tick(h.elapsed)
	}
}

func (h *hall) want(what string, want ...string) {
	h.Helper()
	if got := strings.Join(h.published, "\n"); got != strings.Join(want, "\n") {
		h.Errorf("%s: published %s", what, got)
	}
	h.published = nil
}

// told is the message that a user has arrived or left.
func told(kind string, n int) string {
	return fmt.Sprintf(`%s {"user_id":"%v","username":"user%d"} to all but %d`, kind, id(n), n, n)
}

// TestARoomAnnouncesFirstAndLastSubscriptions has a user subscribe with two connections, return within the grace, and leave.
func TestARoomAnnouncesFirstAndLastSubscriptions(t *testing.T) {
	h := newHall(t)
	h.room.Join(person(1), 1)
	h.room.Join(person(1), 2)
	h.want("two connections", told("user_joined", 1))
	h.room.Leave(person(1), 1, h.elapsed)
	h.advance(2 * Grace)
	h.room.Leave(person(1), 2, h.elapsed)
	h.advance(Grace - 100*time.Millisecond)
	h.room.Join(person(1), 3)
	h.advance(2 * Grace)
	h.want("one of two has gone, and the other is back within the grace")
	h.room.Leave(person(1), 3, h.elapsed)
	h.advance(2 * Grace)
	h.want("all have gone", told("user_left", 1))
	if n := len(h.room.hub.shards[0].users); n != 0 || h.room.Online() != 0 {
		t.Errorf("%d entries are left, %d users online", n, h.room.Online())
	}
}

// TestEnrolledSubscriptionsAreNotAnnounced opens a room over older subscriptions: nobody arrives, and users leave when all
// of theirs have ended, in whatever order they are enrolled.
func TestEnrolledSubscriptionsAreNotAnnounced(t *testing.T) {
	h := newHall(t)
	h.room.Begin()
	h.room.Enroll(person(1), 1)
	h.room.Enroll(person(1), 1) // seen twice
	h.room.Leave(person(2), 2, h.elapsed)
	h.room.Leave(person(3), 3, h.elapsed) // its other subscription is not enrolled yet
	h.advance(2 * Grace)
	h.want("during the roll")
	h.room.Enroll(person(3), 4)
	h.room.End()
	h.advance(100 * time.Millisecond)
	h.want("after it", told("user_left", 2))
	h.room.Leave(person(1), 1, h.elapsed)
	h.room.Leave(person(3), 4, h.elapsed)
	h.advance(2 * Grace)
	h.want("the last ones", told("user_left", 1), told("user_left", 3))
}

// TestLargeRoomsAreSummarized has more users arrive than are announced one by one.
func TestLargeRoomsAreSummarized(t *testing.T) {
	h := newHall(t)
	for i := range OnlineEach + 10 {
		h.room.Join(person(i+1), netpoll.Handle(i+1))
	}
	h.advance(2 * Interval)
	if n := len(h.published); n != OnlineEach+1 || !strings.HasPrefix(h.published[n-1], `presence {"joined":10,"left":0,"online":74,`) {
		t.Errorf("%d messages, the last one %s", n, h.published[n-1])
	}
}

// TestRoomsRace runs with the race detector: three reactors join, enroll and leave while the ticker ticks.
func TestRoomsRace(t *testing.T) {
	var mu sync.Mutex
	here := map[string]int{} // arrivals less departures
	room := NewRoom(func(kind protocol.MessageType, data []byte, _ uuid.UUID) bool {
		mu.Lock()
		defer mu.Unlock()
		switch kind {
		case protocol.UserJoined:
			here[string(data)]++
		case protocol.UserLeft:
			here[string(data)]--
		}
		return true
	})
	var reactors sync.WaitGroup
	for reactor := range 3 {
		room.Begin()
		reactors.Go(func() {
			for i := range 2000 {
				p, c := person(i%7+1), netpoll.Handle(reactor*2000+i+1)
				room.Join(p, c)
				room.Leave(p, c, time.Duration(i)*time.Millisecond)
			}
			room.End()
		})
	}
	reactors.Go(func() {
		for i := range 200 {
			room.Tick(time.Duration(i) * 10 * time.Millisecond)
		}
	})
	reactors.Wait()
	for i := range 3 {
		room.Tick(time.Minute + time.Duration(i)*Interval)
	}
	if room.Online() != 0 || len(room.hub.shards[0].users) != 0 {
		t.Errorf("%d users are online", room.Online())
	}
	for who, n := range here {
		if n != 0 {
			t.Errorf("%s: %d arrivals more than departures", who, n)
		}
	}
}
