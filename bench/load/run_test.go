package load

import (
	"context"
	"testing"
)

// interrupted runs a test until enough returns true for its progress, and then ends its context, as Ctrl-C does.
func interrupted(t *testing.T, p *Plan, test Test, enough func(Progress) bool) *Result {
	t.Helper()
	prepared, err := Prepare(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	r, err := Run(ctx, p, test, prepared, func(now Progress) {
		if enough(now) {
			interrupt()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if !r.Interrupted {
		t.Error("the result does not say that it was interrupted")
	}
	return r
}

func TestAnInterruptedRunReturnsItsFigures(t *testing.T) {
	t.Parallel() // it waits for messages that do not come
	r := interrupted(t, serving(t, echoing(echo)), Sustained, func(now Progress) bool { return now.Delivered > 0 })
	if r.value(t, "delivered") < 1 || r.value(t, "dropped") != 0 {
		t.Errorf("%+v", r)
	}
}
