package server

import (
	"fmt"
	"strings"
	"testing"

	"momentum/server/admit"
)

// TestOverflowAnswersSpreadTheRetries checks that as many refusals as there are seconds name each second once.
func TestOverflowAnswersSpreadTheRetries(t *testing.T) {
	answers := newOverflowAnswers()
	found := map[string]bool{}
	for range admit.MaxRetryAfter {
		answer := string(answers.next())
		if !strings.HasPrefix(answer, "HTTP/1.1 503 ") {
			t.Fatalf("the answer is %q", answer)
		}
		found[answer] = true
	}
	for seconds := 1; seconds <= admit.MaxRetryAfter; seconds++ {
		count := 0
		for answer := range found {
			if strings.Contains(answer, fmt.Sprintf("\r\nRetry-After: %d\r\n", seconds)) {
				count++
			}
		}
		if count != 1 {
			t.Errorf("%d answers say to retry after %d s", count, seconds)
		}
	}
}
