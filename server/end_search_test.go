package server

import (
	"testing"
	"time"

	"momentum/server/ends"
	"momentum/server/reason"
)

// TestASearchGoesOnAfterAPlace: ends at the same time are told apart by their numbers.
func TestASearchGoesOnAfterAPlace(t *testing.T) {
	q := &endSearch{started: time.Unix(1e9, 0), node: "a"}
	e := &ends.End{At: time.Second, Number: 5, Reason: reason.ClosedGone}
	if !q.onPage(e) || !q.timeOf(e).Equal(time.Unix(1e9+1, 0)) {
		t.Error("the first page lacks an end")
	}
	q.after = q.placeOf(e)
	earlier := &ends.End{At: time.Second, Number: 4, Reason: reason.ClosedGone}
	if q.onPage(e) || !q.onPage(earlier) {
		t.Error("the next page does not begin after the last end")
	}
}
