package figures

import (
	"context"
	"errors"
	"flag"
	"testing"
)

func TestAProgramThatFailsHasAnExitStatus(t *testing.T) {
	for want, err := range []error{nil, errors.New("of a test")} {
		if got := Main("test", func(context.Context) error { return err }); got != want {
			t.Errorf("%v: the exit status is %d", err, got)
		}
	}
}

func TestACountIsDecimal(t *testing.T) {
	n := 0
	Count(&n, "count-of-a-test", "")
	if err := flag.Set("count-of-a-test", "010"); n != 10 || err != nil {
		t.Errorf("010 is read as %d, %v", n, err)
	}
}
