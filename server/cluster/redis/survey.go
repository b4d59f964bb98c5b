package redis

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

// Survey is what an operator should know about a Redis server before a storm.
type Survey struct {
	Address   string
	Version   string
	Used, Max int64  // used_memory and maxmemory, in bytes; Max 0: no limit
	Policy    string // maxmemory-policy
	Output    string // client-output-buffer-limit; empty: the user may not ask for it
	Clock     time.Time
	RoundTrip time.Duration // of the slowest of some pings
}

// surveyPings is how many pings are measured.
const surveyPings = 5

// Examine asks the first primary. Its clock is as of the middle of the question.
func Examine(url string, now func() time.Time) (s Survey, err error) {
	t, err := parseURL(url)
	if err != nil {
		return s, err
	}
	secure, err := t.tls()
	if err != nil {
		return s, err
	}
	d := &dialer{target: &t, tls: secure, lost: func(error) {}}
	defer d.cut()
	places, err := d.resolve()
	if err != nil {
		return s, err
	}
	s.Address = places.places[0].address
	client, err := d.client(s.Address, 1, t.database)
	if err != nil {
		return s, fmt.Errorf("%s: %w", s.Address, err)
	}
	defer client.Close()
	return s, s.fill(client, now)
}

func (s *Survey) fill(client rueidis.Client, now func() time.Time) error {
	ctx := context.Background()
	info, err := client.Do(ctx, client.B().Info().Section("server", "memory").Build()).ToString()
	if err != nil {
		return fmt.Errorf("%s: %w", s.Address, err)
	}
	s.read(info)
	if limits, err := client.Do(ctx, client.B().ConfigGet().Parameter("client-output-buffer-limit").Build()).AsStrMap(); err == nil {
		s.Output = limits["client-output-buffer-limit"]
	}
	for range surveyPings {
		before := now()
		if err := client.Do(ctx, client.B().Ping().Build()).Error(); err != nil {
			return fmt.Errorf("%s: %w", s.Address, err)
		}
		s.RoundTrip = max(s.RoundTrip, now().Sub(before))
	}
	parts, err := client.Do(ctx, client.B().Time().Build()).AsStrSlice()
	if err == nil {
		s.Clock, err = clockOf(parts)
	}
	if err != nil {
		return fmt.Errorf("%s: TIME: %w", s.Address, err)
	}
	return nil
}

// clockOf reads the answer to TIME: seconds and microseconds.
func clockOf(parts []string) (time.Time, error) {
	if len(parts) != 2 {
		return time.Time{}, fmt.Errorf("the answer is %q instead of seconds and microseconds", parts)
	}
	seconds, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil {
		return time.Time{}, err
	}
	micros, err := strconv.ParseInt(parts[1], 10, 64)
	return time.Unix(seconds, micros*1000), err
}

// read reads the answer to INFO.
func (s *Survey) read(info string) {
	for line := range strings.Lines(info) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch name {
		case "redis_version":
			s.Version = value
		case "used_memory":
			s.Used, _ = strconv.ParseInt(value, 10, 64)
		case "maxmemory":
			s.Max, _ = strconv.ParseInt(value, 10, 64)
		case "maxmemory_policy":
			s.Policy = value
		}
	}
}
