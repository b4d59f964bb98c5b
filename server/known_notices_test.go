package server

import (
	"fmt"
	"testing"
	"time"

	"momentum/server/auth"
)

// TestACallAboutASubjectLooksAtNoOthers: with 100,000 notices, a thousand lifts would take seconds. The other subject has a notice here that no
// call can look at.
func TestACallAboutASubjectLooksAtNoOthers(t *testing.T) {
	n, _ := timed()
	ban := auth.Ban(userID("ann"), 900)
	n.add(noticeOf(t, notice{Revocation: ban}))
	n.known.byText["other"] = nil
	n.known.bySubject[subject{token: "other"}] = &subjectNotices{all: []*knownNotice{nil}}
	defer func() {
		if r := recover(); r != nil {
			t.Errorf("a notice of another subject was looked at: %v", r)
		}
	}()
	if until := n.until(ban); until != 900 {
		t.Errorf("the ban is kept until %d", until)
	}
	n.add(noticeOf(t, notice{Lift: &ban, At: time.Unix(1, 0)}))
	if until := n.until(ban); until != 0 {
		t.Errorf("the ban is kept until %d after its lift", until)
	}
}

// TestTheLastLiftOfASubjectIsKnown: whatever the order in which lifts come, and after the last one has ended.
func TestTheLastLiftOfASubjectIsKnown(t *testing.T) {
	token := auth.Revocation{TokenID: "t", Until: 900}
	k := newKnownNotices()
	of := subject{token: "t"}
	for _, at := range []int64{2, 3, 1} {
		k.put(&knownNotice{notice: notice{Lift: &token, At: time.Unix(at, 0), text: fmt.Sprint(at)}})
	}
	k.put(&knownNotice{notice: notice{Revocation: token, At: time.Unix(9, 0), text: "9"}})
	for _, step := range []struct{ gone, last int64 }{{0, 3}, {3, 2}, {1, 2}} {
		k.forget(of, func(one *knownNotice) bool { return one.At.Unix() == step.gone })
		if last := k.lifted(of).Unix(); last != step.last {
			t.Errorf("the last lift is of %d, want %d", last, step.last)
		}
	}
	if k.forget(of, func(*knownNotice) bool { return true }); len(k.byText) != 0 || len(k.bySubject) != 0 {
		t.Errorf("%d texts and %d subjects are left", len(k.byText), len(k.bySubject))
	}
	if !k.lifted(of).IsZero() || len(k.of(of)) != 0 {
		t.Error("a subject without notices was lifted")
	}
}
