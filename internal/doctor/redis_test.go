package doctor

import (
	"testing"
	"time"

	"momentum/server/cluster/redis"
)

func TestFindingsAboutRedis(t *testing.T) {
	for _, tt := range []struct {
		name  string
		s     redis.Survey
		level Level
		text  string
	}{
		{"good", redis.Survey{Version: "7.2", Max: 1 << 30, Used: 1 << 20, Policy: "noeviction"}, OK, "version 7.2 uses 1 of 1024 MiB"},
		{"it evicts", redis.Survey{Max: 1 << 30, Policy: "allkeys-lru"}, Problem, "maxmemory-policy noeviction"},
		{"full", redis.Survey{Max: 1 << 30, Used: 1000 << 20, Policy: "noeviction"}, Problem, "maxmemory 2147483648"},
		{"no limit", redis.Survey{}, Warning, "maxmemory 1gb"},
		{"a short buffer", redis.Survey{Output: "normal 0 0 0 slave 1 1 1 pubsub 1048576 1 60"}, Warning, "pubsub 32mb 8mb 60"},
		{"slow", redis.Survey{RoundTrip: 30 * time.Millisecond}, Warning, "up to 30ms"},
		{"fast", redis.Survey{RoundTrip: time.Millisecond}, OK, "up to 1ms"},
	} {
		expect(t, tt.name, checkSurvey(&tt.s), tt.level, tt.text)
	}
	if n, known := pubsubBuffer("pubsub 33554432 8388608 60"); n != pubsubLimit || !known {
		t.Errorf("%d, %v", n, known)
	}
	expect(t, "away", Redis("redis://127.0.0.1:1", "mo", time.Now), Problem, "REDIS_URL")
}
