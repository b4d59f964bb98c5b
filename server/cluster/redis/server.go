package redis

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/rueidis"
)

// server is what INFO and ROLE say about a server.
type server struct {
	version string
	role    string
	cluster bool
	evicts  string // maxmemory-policy
}

// ask asks a server about itself.
func ask(client rueidis.Client) (s server, err error) {
	info, err := client.Do(context.Background(), client.B().Info().Section("server", "replication", "cluster", "memory").Build()).ToString()
	if err != nil {
		return s, err
	}
	for line := range strings.Lines(info) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch name {
		case "redis_version":
			s.version = value
		case "role":
			s.role = value
		case "cluster_enabled":
			s.cluster = value == "1"
		case "maxmemory_policy":
			s.evicts = value
		}
	}
	return s, nil
}

var errReplica = errors.New("the server is a replica: name the primary, or the sentinels with ?sentinel=NAME")

// check returns why a server cannot be used, or nil.
func (s *server) check() error {
	first, _, _ := strings.Cut(s.version, ".")
	if major, err := strconv.Atoi(first); err != nil || major < 7 {
		return fmt.Errorf("the server is Redis %s: use Redis 7.0 or newer, or Valkey", s.version)
	}
	if s.role != "master" {
		return errReplica
	}
	return nil
}

// warning returns a setting of the server that loses numbers, or "".
func (s *server) warning() string {
	if strings.HasPrefix(s.evicts, "allkeys-") {
		return "maxmemory-policy " + s.evicts + " can drop the numbers of channels: use noeviction"
	}
	return ""
}
