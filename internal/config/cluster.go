package config

import (
	"errors"
	"fmt"
	"regexp"

	"momentum/server/cluster/redis"
)

var (
	prefixes  = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,32}$`)
	nodeNames = regexp.MustCompile(`^[!-~]{1,64}$`)
)

// clusterFault checks the settings of a cluster as far as they can be checked without connecting to Redis.
func clusterFault(url, prefix, name string) error {
	var problems []error
	if url != "" {
		if err := redis.CheckURL(url); err != nil {
			problems = append(problems, fmt.Errorf("REDIS_URL (--redis-url): %w", err))
		}
	}
	if !prefixes.MatchString(prefix) {
		problems = append(problems, errors.New("REDIS_PREFIX (--redis-prefix) must have 1 to 32 characters of A-Z, a-z, 0-9 and _.:-"))
	}
	if name != "" && !nodeNames.MatchString(name) {
		problems = append(problems, errors.New("NODE_NAME (--node-name) must have 1 to 64 visible ASCII characters without spaces"))
	}
	return errors.Join(problems...)
}
