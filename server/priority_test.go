package server

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"momentum/netpoll"
)

// askAs sends a request of a user, a handshake or an inquiry, and returns the status and the Retry-After of its answer.
func (w *world) askAs(c *client, request []byte) (status, seconds int) {
	c.Send(request)
	w.net.Settle()
	return promise(w.t, c)
}

// promise reads the answer that a client has received. Both are 0 if there is none.
func promise(t testing.TB, c *client) (status, seconds int) {
	answer := string(c.Peer.Received())
	if answer == "" {
		return 0, 0
	}
	_, rest, _ := strings.Cut(answer, "Retry-After: ")
	after, _, _ := strings.Cut(rest, "\r\n")
	seconds, _ = strconv.Atoi(after)
	status, err := strconv.Atoi(answer[len("HTTP/1.1 "):][:3])
	if err != nil {
		t.Fatalf("answered with %q", answer)
	}
	return status, seconds
}

// crowd has so many new users connect at once.
func (w *world) crowd(n int) []*client {
	return w.arrive(names(fmt.Sprintf("stranger%d.", len(w.clients)), n)...)
}

// TestTheTimeGivenToAnInquiryIsReservedForTheHandshake refuses an inquiry for a rate. When it is due, and until two seconds later, a
// handshake with the same token goes before a crowd of others; before that and after it, it does not.
func TestTheTimeGivenToAnInquiryIsReservedForTheHandshake(t *testing.T) {
	for _, c := range []struct {
		after time.Duration // from the time that the answer names
		want  int
	}{{-500 * time.Millisecond, 503}, {0, 101}, {900 * time.Millisecond, 101}, {2 * time.Second, 101}, {2300 * time.Millisecond, 503}} {
		w := limited(t)
		w.crowd(100)
		request := upgradeRequest(w.token("alice"))
		status, seconds := w.askAs(w.dial("alice"), asInquiry(request))
		if status != 503 || seconds == 0 {
			t.Fatalf("the inquiry is answered with %d, in %d s: this test shows nothing", status, seconds)
		}
		w.net.Advance(time.Duration(seconds)*time.Second + c.after)
		w.crowd(100)
		alice := w.dial("alice")
		status, _ = w.askAs(alice, request)
		if status == 0 {
			w.net.Advance(netpoll.TickLength)
			status, _ = promise(t, alice)
		}
		if status != c.want {
			t.Errorf("%v after it is due the handshake is answered with %d, want %d", c.after, status, c.want)
		}
	}
}

// TestAnInquiryAfterARefusedHandshakeGetsTheSameTime asks as browsers do: the handshake first, and then why it was refused. The
// two have one reservation, so the page waits no longer than another client.
func TestAnInquiryAfterARefusedHandshakeGetsTheSameTime(t *testing.T) {
	w := limited(t)
	w.crowd(500)
	request := upgradeRequest(w.token("alice"))
	_, first := w.askAs(w.dial("alice"), request)
	booked := w.server.Stats().Refused["busy"]
	for range 200 {
		if status, seconds := w.askAs(w.dial("alice"), asInquiry(request)); status != 503 || seconds != first {
			t.Fatalf("the inquiry is answered with %d, in %d s, the handshake before it in %d s", status, seconds, first)
		}
	}
	if _, next := w.askAs(w.dial("bob"), upgradeRequest(w.token("bob"))); next > first+2 {
		t.Errorf("after 200 inquiries of alice bob is told %d s, and was to be after her, in %d s", next, first)
	}
	if got := w.server.Stats(); got.Refused["busy"] != booked+1 || got.Inquiries["busy"] != 200 {
		t.Errorf("counted as %v and %v", got.Refused, got.Inquiries)
	}
	w.net.Advance(time.Duration(first) * time.Second)
	if status, _ := w.askAs(w.dial("alice"), request); status != 101 {
		t.Errorf("when it is due the handshake is answered with %d", status)
	}
}

// TestAnInquiryThatIsAdmittedPaysForTheHandshake: at the rate's end, the handshake of a client that has just been told 204 is
// admitted at once, and only one.
func TestAnInquiryThatIsAdmittedPaysForTheHandshake(t *testing.T) {
	w := limited(t)
	request := upgradeRequest(w.token("alice"))
	if status, _ := w.askAs(w.dial("alice"), asInquiry(request)); status != 204 {
		t.Fatalf("the inquiry is answered with %d", status)
	}
	if got := answers(w.crowd(50)); got["101"] != 9 {
		t.Errorf("with an inquiry before them %d of ten get in", got["101"])
	}
	if status, _ := w.askAs(w.dial("alice"), request); status != 101 {
		t.Errorf("the handshake is answered with %d", status)
	}
	if got := answers(w.crowd(20)); got["101"] != 0 {
		t.Errorf("%v get in above the rate", got)
	}
	if status, _ := w.askAs(w.dial("alice"), request); status == 101 {
		t.Error("the reservation is used twice")
	}
}

// TestAPageThatAsksAgainAndAgainPaysAgain: inquiries after an admitted one are free as its handshake would be, until two seconds after it.
func TestAPageThatAsksAgainAndAgainPaysAgain(t *testing.T) {
	w := limited(t)
	request := asInquiry(upgradeRequest(w.token("alice")))
	for _, at := range []struct {
		after time.Duration // since the inquiry before
		want  int
	}{{0, 204}, {0, 204}, {1600 * time.Millisecond, 204}, {600 * time.Millisecond, 503}} {
		w.net.Advance(at.after)
		if at.after > 0 {
			w.crowd(100)
		}
		if status, _ := w.askAs(w.dial("alice"), request); status != at.want {
			t.Errorf("an inquiry %v after the one before it is answered with %d, want %d", at.after, status, at.want)
		}
	}
}

// TestAnotherTabDoesNotMoveATimeThatIsReserved: it has the same token, and inquires, or makes a handshake, half a second after the
// first tab was told its time, and once more when the rate has room for it.
func TestAnotherTabDoesNotMoveATimeThatIsReserved(t *testing.T) {
	for _, inquires := range []bool{true, false} {
		w := limited(t)
		w.crowd(500)
		request := upgradeRequest(w.token("alice"))
		other := request
		if inquires {
			other = asInquiry(request)
		}
		_, first := w.askAs(w.dial("tab1"), request)
		w.net.Advance(500 * time.Millisecond)
		w.crowd(100)
		status, second := w.askAs(w.dial("tab2"), other)
		if status != 503 || second != first {
			t.Errorf("inquires %v: the other tab is answered with %d, in %d s, the first one %d s", inquires, status, second, first)
		}
		w.net.Advance(500 * time.Millisecond)
		if status, _ = w.askAs(w.dial("tab2"), other); status == 503 {
			t.Fatal("the rate has no room for the other tab: this test shows nothing")
		}
		w.net.Advance(time.Duration(first-1) * time.Second)
		w.crowd(200)
		tab := w.dial("tab1")
		if status, _ = w.askAs(tab, request); status == 0 {
			w.net.Advance(netpoll.TickLength)
			status, _ = promise(t, tab)
		}
		if status != 101 {
			t.Errorf("inquires %v: the first tab comes when it was told, and is answered with %d", inquires, status)
		}
	}
}

// TestReservationsKeepTheRate has all clients that are told the same second come at its beginning, at the same time as others: no tick admits
// more than its share, and all of them get in.
func TestReservationsKeepTheRate(t *testing.T) {
	w := limited(t)
	due, tokens := map[int][]*client{}, map[string]string{}
	for _, c := range w.crowd(500) {
		if status, seconds := promise(t, c); status == 503 {
			due[seconds], tokens[c.name] = append(due[seconds], c), w.token(c.name)
		}
	}
	var back []*client
	for second := 1; second <= 7; second++ {
		w.net.Advance(time.Second)
		for _, c := range due[second] {
			again := w.dial(c.name)
			again.Send(upgradeRequest(tokens[c.name]))
			back = append(back, again)
		}
		before := w.server.Stats().Admitted
		w.crowd(300)
		if n := w.server.Stats().Admitted - before; n > 10 {
			t.Errorf("%d are admitted in one tick", n)
		}
	}
	w.net.Advance(2 * time.Second)
	if got := answers(back); got["101"] != len(back) || len(back) < 400 {
		t.Errorf("of %d that come when they were told, %v", len(back), got)
	}
	if err := w.audit(); err != nil {
		t.Error(err)
	}
}
