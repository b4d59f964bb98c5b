package server

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestPresenceOfAStorm has 1,000 users arrive within a second and leave again. Told one by one that is a
// million frames; an observer must get a handful, and their sums must be the truth.
func TestPresenceOfAStorm(t *testing.T) {
	const storm = 1000
	w := newWorld(t, 1, nil)
	observer := w.join("observer")
	crowd := make([]*client, storm)
	for i := range crowd {
		crowd[i] = w.join(fmt.Sprintf("user%d", i))
		if i%100 == 99 {
			w.net.Advance(100 * time.Millisecond)
		}
	}
	w.net.Advance(2 * time.Second)
	told := tellings(t, observer)
	if told.joined != storm || told.frames > onlineEach+5 || told.online != storm+1 {
		t.Errorf("arrival: %d joined in %d frames, %d online", told.joined, told.frames, told.online)
	}
	if w.server.Stats().Presence != "summary" {
		t.Errorf("/ws/stats says presence is told %q", w.server.Stats().Presence)
	}
	for _, c := range crowd {
		c.HangUp()
	}
	w.net.Advance(10 * time.Second)
	told = tellings(t, observer)
	if told.left != storm || told.frames > onlineEach+5 {
		t.Errorf("departure: %d left in %d frames", told.left, told.frames)
	}
	if told.sampled > presenceSample {
		t.Errorf("a summary names %d users, bound %d", told.sampled, presenceSample)
	}
}

// TestPresenceIsToldToACrowdLessOften: with twice presenceCrowd online, a summary has three intervals to itself.
func TestPresenceIsToldToACrowdLessOften(t *testing.T) {
	w := newWorld(t, 1, nil)
	observer := w.join("observer")
	w.server.hub.online.Add(2 * presenceCrowd) // as if they were
	observer.heard()
	for i := range 12 {
		w.join(fmt.Sprintf("user%d", i))
		w.net.Advance(presenceInterval)
	}
	w.net.Advance(3 * presenceInterval)
	if told := tellings(t, observer); told.frames > 5 || told.joined != 12 || told.online != 2*presenceCrowd+13 {
		t.Errorf("twelve arrivals in as many seconds: %d of them told in %d frames, %d online", told.joined, told.frames, told.online)
	}
}

// TestPresenceAllReconnect is a network blip: everybody goes and is back within the grace period. Nobody has
// left, and nobody has joined.
func TestPresenceAllReconnect(t *testing.T) {
	w := newWorld(t, 1, nil)
	observer := w.join("observer")
	for i := range 200 {
		w.join(fmt.Sprintf("user%d", i))
	}
	w.net.Advance(2 * time.Second)
	observer.heard()
	for _, c := range w.clients[1:] {
		c.Reset()
	}
	w.net.Advance(presenceGrace - time.Second)
	for i := range 200 {
		w.join(fmt.Sprintf("user%d", i))
	}
	w.net.Advance(10 * time.Second)
	if told := tellings(t, observer); told.frames != 0 {
		t.Errorf("%d joined and %d left in a blip", told.joined, told.left)
	}
}

type telling struct{ frames, joined, left, online, sampled int }

// tellings adds up what an observer was told of others.
func tellings(t *testing.T, c *client) (sum telling) {
	t.Helper()
	for _, line := range c.heard() {
		var m struct {
			Type string `json:"message_type"`
			Data struct {
				Joined, Left, Online int
				Sample               struct{ Joined, Left []struct{ Username string } }
			}
		}
		if !strings.HasPrefix(line, "{") {
			continue
		}
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		sum.frames++
		switch m.Type {
		case "user_joined":
			sum.joined++
		case "user_left":
			sum.left++
		case "presence":
			sum.joined += m.Data.Joined
			sum.left += m.Data.Left
			sum.online = m.Data.Online
			sum.sampled = max(sum.sampled, len(m.Data.Sample.Joined), len(m.Data.Sample.Left))
		}
	}
	return sum
}

// TestPresenceKeepsItsOrder has a user leave while departures are told together, and come back when arrivals are
// told one by one again: the departure must not be told behind the arrival.
func TestPresenceKeepsItsOrder(t *testing.T) {
	w := newWorld(t, 1, nil)
	observer := w.join("observer")
	for i := range onlineEach + 2 {
		w.join(fmt.Sprintf("user%d", i))
	}
	w.net.Advance(2*time.Second + presenceInterval/2)
	observer.heard()
	w.clients[1].HangUp()
	w.net.Advance(presenceGrace) // user0 has left, and that is not told yet
	for _, c := range w.clients[2:5] {
		c.HangUp()
	}
	w.join("user0")
	w.net.Advance(presenceInterval)
	heard := observer.heard()
	if len(heard) != 1 || !strings.Contains(heard[0], `"joined":1,"left":1`) {
		t.Errorf("the observer heard %q, want both in one summary", heard)
	}
}
