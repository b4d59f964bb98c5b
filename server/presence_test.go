package server

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"momentum/server/presence"
)

// TestPresenceOfAStorm has 1,000 users arrive within a second and leave again. One message for each of them to
// everybody would be a million frames. An observer gets a few, and their sums are right.
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
	sum := announcements(t, observer)
	if sum.joined != storm || sum.frames > presence.OnlineEach+5 || sum.online != storm+1 {
		t.Errorf("arrival: %d joined in %d frames, %d online", sum.joined, sum.frames, sum.online)
	}
	if w.server.Stats().Presence != "summary" {
		t.Errorf("/ws/stats says presence is announced %q", w.server.Stats().Presence)
	}
	for _, c := range crowd {
		c.HangUp()
	}
	w.net.Advance(10 * time.Second)
	sum = announcements(t, observer)
	if sum.left != storm || sum.frames > presence.OnlineEach+5 {
		t.Errorf("departure: %d left in %d frames", sum.left, sum.frames)
	}
	if sum.sampled > presence.Sample {
		t.Errorf("a summary names %d users, bound %d", sum.sampled, presence.Sample)
	}
}

// TestReconnectsAreNotAnnounced is a network failure: all connections break, and the users are back within the grace
// period.
func TestReconnectsAreNotAnnounced(t *testing.T) {
	w := newWorld(t, 1, nil)
	observer := w.join("observer")
	for i := range 200 {
		w.join(fmt.Sprintf("user%d", i))
	}
	w.net.Advance(2 * time.Second)
	observer.received()
	for _, c := range w.clients[1:] {
		c.Reset()
	}
	w.net.Advance(presence.Grace - time.Second)
	for i := range 200 {
		w.join(fmt.Sprintf("user%d", i))
	}
	w.net.Advance(10 * time.Second)
	if sum := announcements(t, observer); sum.frames != 0 {
		t.Errorf("%d joined and %d left in a blip", sum.joined, sum.left)
	}
}

type announced struct{ frames, joined, left, online, sampled int }

// announcements adds up the presence messages that a client was sent.
func announcements(t *testing.T, c *client) (sum announced) {
	t.Helper()
	for _, line := range c.received() {
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
