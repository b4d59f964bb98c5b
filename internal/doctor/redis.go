package doctor

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"momentum/server/cluster/redis"
)

// slowRedis is a round trip above which each message of a cluster is noticeably late.
const slowRedis = 20 * time.Millisecond

// pubsubLimit is the least buffer that Redis should keep for a node: a node that stands still for a moment is cut off above it.
const pubsubLimit = 32 << 20

// Redis examines the Redis of the cluster.
func Redis(url, prefix string, now func() time.Time) []Finding {
	s, err := redis.Examine(url, now)
	if err == nil {
		_, err = redis.Inspect(url, prefix)
	}
	if err != nil {
		return []Finding{problem("Redis", inSettings("REDIS_URL"), "%v", err)}
	}
	return append(checkSurvey(&s), offset("Redis", s.Clock, now())...)
}

func inRedis(line string) []string {
	return []string{"redis.conf, or redis-cli CONFIG SET with the same words:", line}
}

// checkSurvey examines the memory, the buffers and the speed of Redis.
func checkSurvey(s *redis.Survey) (all []Finding) {
	const subject = "Redis"
	switch {
	case s.Max > 0 && strings.HasPrefix(s.Policy, "allkeys"):
		all = append(all, problem(subject, inRedis("maxmemory-policy noeviction"), "maxmemory-policy %s may drop the numbers of channels", s.Policy))
	case s.Max > 0 && s.Used*10 > s.Max*9:
		all = append(all, problem(subject, inRedis(fmt.Sprintf("maxmemory %d", 2*s.Max)), "%d of %d MiB of maxmemory are used: it refuses messages at the limit", s.Used>>20, s.Max>>20))
	case s.Max == 0:
		all = append(all, warning(subject, inRedis("maxmemory 1gb"), "maxmemory is not set: the kernel may end Redis when the host's memory is used up"))
	default:
		all = append(all, ok(subject, "version %s uses %d of %d MiB", s.Version, s.Used>>20, s.Max>>20))
	}
	if most, known := pubsubBuffer(s.Output); known && most > 0 && most < pubsubLimit {
		all = append(all, warning(subject, inRedis("client-output-buffer-limit pubsub 32mb 8mb 60"), "it cuts off a node for which more than %d MiB wait", most>>20))
	}
	if s.RoundTrip > slowRedis {
		return append(all, warning(subject, []string{"redis-cli --intrinsic-latency 5 on its host says whether the host stands still"}, "a ping took up to %v", s.RoundTrip.Round(time.Millisecond)))
	}
	return append(all, ok(subject, "a ping took up to %v", s.RoundTrip.Round(10*time.Microsecond)))
}

// pubsubBuffer returns the hard limit for subscribers in a client-output-buffer-limit: class, hard, soft and seconds, several times.
func pubsubBuffer(text string) (bytes int64, known bool) {
	words := strings.Fields(text)
	for i := 0; i+3 < len(words); i += 4 {
		if words[i] == "pubsub" {
			n, err := strconv.ParseInt(words[i+1], 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}
