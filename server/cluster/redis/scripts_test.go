package redis

import (
	"testing"

	"momentum/internal/redistest"
)

func TestRedisKnowsTheScriptsByTheirHashes(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	for _, script := range scripts {
		if got := s.Do(t, "SCRIPT", "LOAD", script.text); got != script.hash {
			t.Errorf("%v, not %s", got, script.hash)
		}
	}
}
