package trace

import (
	"testing"
	"time"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func after(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }

func TestAStepEndsWhenTheNextOneBegins(t *testing.T) {
	var a Admission
	a.Enter(Request, after(0))
	a.Enter(Token, after(3))
	a.Enter(Token, after(4)) // nothing new
	a.Leave(after(5))
	a.Enter(Limiter, after(9))
	want := map[Step]Interval{Request: {after(0), after(3)}, Token: {after(3), after(5)}, Limiter: {Begin: after(9)}}
	for s := None; s < steps; s++ {
		if s != None && a.Steps[s] != want[s] {
			t.Errorf("%v took %v, and not %v", s, a.Steps[s], want[s])
		}
	}
}

func TestTheLastStepHadBegunBeforeTheAnswer(t *testing.T) {
	var a Admission
	a.Enter(Request, after(0))
	a.Enter(Token, after(3))
	a.Answer(Refused, "busy", 503, after(8))
	a.Enter(Directory, after(9)) // on another goroutine
	if a.Last() != Token {
		t.Errorf("the last step is %v", a.Last())
	}
	if (&Admission{End: after(1)}).Last() != None {
		t.Error("an admission without steps has a last one")
	}
}

func TestTheFirstAnswerCounts(t *testing.T) {
	var a Admission
	a.Answer(Refused, "busy", 503, after(1))
	a.Answer(Gone, "gone", 0, after(2))
	if a.Outcome != Refused || a.Reason != "busy" || a.Status != 503 || a.End != after(1) {
		t.Errorf("the admission ended as %+v", a)
	}
}

func TestStepsAndOutcomesHaveNames(t *testing.T) {
	for s := Request; s < steps; s++ {
		if s.String() == "" {
			t.Errorf("step %d has no name", s)
		}
	}
	if got := Gone.String() + Admitted.String() + Refused.String(); got != "goneadmittedrefused" {
		t.Errorf("the outcomes are %s", got)
	}
}
