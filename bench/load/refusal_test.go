package load

import (
	"testing"
	"time"
)

func TestRetryAfterIsReadInBothFormsAndBounded(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": -1, "soon": -1, "-1": -1, "0": 0, "1": time.Second, "1048576": maxRetryAfter, "99999999999999999999": maxRetryAfter,
		"Thu, 01 Jan 2026 00:00:05 GMT": 5 * time.Second, "Thu, 01 Jan 2099 00:00:05 GMT": maxRetryAfter, "Thu, 01 Jan 2020 00:00:05 GMT": 0,
	} {
		if got := retryAfter(value, now); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}
