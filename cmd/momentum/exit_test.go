package main

import (
	"errors"
	"fmt"
	"testing"
)

// A supervisor restarts the server only after a failure that may pass.
func TestOnlyWrongSettingsArePermanent(t *testing.T) {
	away := errors.New("the database cannot be reached")
	for name, tt := range map[string]struct {
		err  error
		want int
	}{
		"success":                   {nil, 0},
		"no wrong setting":          {wrongSettings(nil), 0},
		"a failure":                 {away, exitFailed},
		"a wrong setting":           {wrongSettings(away), exitSettings},
		"a wrapped one":             {fmt.Errorf("serve: %w", wrongSettings(away)), exitSettings},
		"one that was printed":      {reportedError{wrongSettings(away)}, exitSettings},
		"a failure with another":    {errors.Join(away, errors.New("stop")), exitFailed},
		"a printed failure of both": {reportedError{errors.Join(away, wrongSettings(away))}, exitSettings},
	} {
		if got := exitCode(tt.err); got != tt.want {
			t.Errorf("%s: exit code %d, want %d", name, got, tt.want)
		}
	}
	if !errors.Is(wrongSettings(away), away) {
		t.Error("the failure is lost in a wrong setting")
	}
}
