package server

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"momentum/server/auth"
	"momentum/server/cluster"
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
		if last := k.lift(of).At.Unix(); last != step.last {
			t.Errorf("the last lift is of %d, want %d", last, step.last)
		}
	}
	if k.forget(of, func(*knownNotice) bool { return true }); len(k.byText) != 0 || len(k.bySubject) != 0 {
		t.Errorf("%d texts and %d subjects are left", len(k.byText), len(k.bySubject))
	}
	if k.lift(of) != nil || len(k.of(of)) != 0 {
		t.Error("a subject without notices was lifted")
	}
}

// TestALiftFindsTheRoomOfItsBan: a node that is full takes a lift that the bus has refused, and has the bus drop the ban when it keeps the lift.
func TestALiftFindsTheRoomOfItsBan(t *testing.T) {
	n, now := timed()
	ban := auth.Ban(userID("ann"), 900)
	banned := noticeOf(t, notice{Revocation: ban})
	n.add(banned)
	for i := range cluster.MaxNotices - 1 {
		n.add(noticeOf(t, notice{Revocation: auth.Revocation{TokenID: fmt.Sprint(i), Until: 900}}))
	}
	lift := noticeOf(t, notice{Lift: &ban, At: time.Unix(1, 0)})
	for round, one := range []notice{lift, noticeOf(t, notice{Lift: &ban, At: time.Unix(2, 0)})} {
		if !n.refused(one) || len(n.known.byText) != cluster.MaxNotices {
			t.Fatalf("round %d: %d notices are known", round, len(n.known.byText))
		}
	}
	*now = noticeDelay
	all := n.next(1)
	if len(all) != 1 || !slices.Equal(all[0].kept().Void, []string{banned.text, lift.text}) {
		t.Fatalf("%+v is kept", all)
	}
	if n.settled(all[0], nil); len(n.known.byText[all[0].text].void) > 0 {
		t.Error("the texts that the bus has dropped are remembered")
	}
}

// TestALiftMakesVoidWhatTheBusHas: a node that was away has kept the ban again before the lift is.
func TestALiftMakesVoidWhatTheBusHas(t *testing.T) {
	n, _ := timed()
	ban := auth.Ban(userID("ann"), 900)
	banned := noticeOf(t, notice{Revocation: ban})
	n.add(noticeOf(t, notice{Lift: &ban, At: time.Unix(1, 0)}))
	for range 2 {
		n.read([]notice{banned})
	}
	if all := n.next(1); len(all) != 1 || !slices.Equal(all[0].void, []string{banned.text}) {
		t.Errorf("%+v is kept", all)
	}
}

// TestABanBesideItsLiftIsDropped: the bus has both, whichever is read first, or a node says that it has had the ban kept after the lift.
func TestABanBesideItsLiftIsDropped(t *testing.T) {
	ban := auth.Ban(userID("ann"), 900)
	banned, lift := noticeOf(t, notice{Revocation: ban}), noticeOf(t, notice{Lift: &ban, At: time.Unix(1, 0)})
	for name, found := range map[string]func(n *notices){
		"the ban first":      func(n *notices) { n.read([]notice{banned, lift}) },
		"the lift first":     func(n *notices) { n.read([]notice{lift, banned}) },
		"the ban after that": func(n *notices) { n.read([]notice{lift}); n.add(banned) },
	} {
		n, _ := timed()
		found(n)
		all := n.next(9)
		if len(all) != 1 || !slices.Equal(all[0].kept().Void, []string{banned.text}) {
			t.Fatalf("%s: %+v is kept", name, all)
		}
		other := noticeOf(t, notice{Revocation: auth.Ban(userID("ann"), 800)})
		n.add(other) // while the lift is being kept
		n.settled(all[0], nil)
		if all = n.next(9); len(all) != 1 || !slices.Equal(all[0].void, []string{other.text}) {
			t.Fatalf("%s: %+v is kept then", name, all)
		}
		n.settled(all[0], nil)
		if all = n.next(9); len(all) > 0 || len(n.lost) > 0 {
			t.Errorf("%s: %+v is kept for ever", name, all)
		}
	}
}

// TestALiftNamesABoundedNumberOfTexts: an administrator's program bans and lifts again and again while Redis is away.
func TestALiftNamesABoundedNumberOfTexts(t *testing.T) {
	n, _ := timed()
	ban := auth.Ban(userID("ann"), 900)
	for i := range int64(maxVoid) {
		n.refused(noticeOf(t, notice{Revocation: ban, At: time.Unix(2*i, 0)}))
		n.refused(noticeOf(t, notice{Lift: &ban, At: time.Unix(2*i+1, 0)}))
	}
	last := noticeOf(t, notice{Lift: &ban, At: time.Unix(3*maxVoid, 0)})
	void := n.void(&last)
	if len(void) != maxVoid {
		t.Errorf("a lift names %d texts, want %d", len(void), maxVoid)
	}
	last.void = void
	if want := len(last.text) + len(strings.Join(void, "")); last.size() != want {
		t.Errorf("the notice counts for %d bytes, want %d", last.size(), want)
	}
}

// TestANoticeIsLostOnce: it is refused after a reading that did not have it, or while it is being kept again, or twice.
func TestANoticeIsLostOnce(t *testing.T) {
	n, now := lostBans(t, 3)
	refuse := func(all []notice) {
		for _, one := range all {
			n.settled(one, cluster.ErrUnavailable)
		}
		*now += noticeDelay
	}
	all := n.next(2)
	n.read(nil)
	refuse(all)
	ban := noticeOf(t, notice{Revocation: auth.Ban(userID("ann"), 900)})
	for range 2 {
		if !n.refused(ban) {
			t.Error("a ban is not kept later")
		}
	}
	*now += noticeDelay
	if all = n.next(1); len(all) != 1 || all[0].text != ban.text || !n.refused(ban) {
		t.Errorf("%+v are kept again", all)
	}
	refuse(all)
	if slices.Sort(n.lost); len(n.lost) != 4 || len(slices.Compact(n.lost)) != 4 {
		t.Errorf("the lost notices are %q", n.lost)
	}
}

// TestALiftThatEndsLaterStaysKept: a node that was away may know a ban that ends after the second lift.
func TestALiftThatEndsLaterStaysKept(t *testing.T) {
	n, now := timed()
	token, sooner := auth.Revocation{TokenID: "t", Until: 900}, auth.Revocation{TokenID: "t", Until: 500}
	at := func(s int64, one notice) notice {
		one.At = time.Unix(s, 0)
		return noticeOf(t, one)
	}
	first, again := at(1, notice{Lift: &token}), at(2, notice{Revocation: sooner})
	n.add(first, again)
	second := at(3, notice{Lift: &sooner})
	if void := n.void(&second); !slices.Equal(void, []string{again.text}) {
		t.Errorf("the bus drops %q", void)
	}
	n.add(second)
	*now = 500 * time.Second
	older := at(0, notice{Revocation: token})
	if valid := n.read([]notice{older, first}); len(valid) != 1 || valid[0].Lift == nil {
		t.Errorf("after the second lift, %+v are valid", valid)
	}
	third := at(4, notice{Lift: &token})
	if void := n.void(&third); !slices.Equal(void, []string{older.text, first.text}) {
		t.Errorf("the bus drops %q", void)
	}
}
