package load

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"momentum/bench/proc"
)

const (
	// processInterval is the time between two readings of the server's CPU and memory.
	processInterval = 100 * time.Millisecond

	// statsInterval is the time between two calls of /ws/stats.
	statsInterval = time.Second

	// statsTimeout bounds one call, which a busy server may answer late.
	statsTimeout = 2 * time.Second
)

// ServerSample is the CPU and memory of the server at one time.
type ServerSample struct {
	Seconds float64 `json:"t"`
	CPU     float64 `json:"cpu"`    // cores, since the previous sample
	Memory  int64   `json:"memory"` // resident bytes
	Open    int     `json:"open"`   // live connections, as the generator counts them
}

// StatsSample is an answer of /ws/stats.
type StatsSample struct {
	Seconds     float64 `json:"t"`
	Connections int     `json:"connections"`
}

// readings are taken at even intervals. When there are maxSamples of them, every second one is dropped, and from then
// on half as many are taken.
type readings[T any] struct {
	all       []T
	intervals int // intervals between two readings
	count     int
}

// due reports whether to take a reading. It is called once in each interval.
func (r *readings[T]) due() bool {
	r.count++
	return r.count%max(1, r.intervals) == 0
}

func (r *readings[T]) add(one T) {
	if r.all = append(r.all, one); len(r.all) < maxSamples {
		return
	}
	for i := range len(r.all) / 2 {
		r.all[i] = r.all[2*i+1]
	}
	r.all = r.all[:len(r.all)/2]
	r.intervals = 2 * max(1, r.intervals)
}

// sampler observes the server while the loop runs: its CPU and memory in one goroutine and its /ws/stats in another, so
// that a slow answer delays no reading. Each field belongs to one of the goroutines until both have ended.
type sampler struct {
	url, token string
	pid        int // 0: no --server-pid
	began      time.Time
	open       func() int

	server readings[ServerSample]
	at     time.Time
	cpu    time.Duration

	stats        readings[StatsSample]
	statsCalls   int
	statsAnswers int
	statsFailure string // of the last call without an answer
	undercount   string // set if the server counted fewer connections than were open
}

// run takes samples until ctx ends.
func (s *sampler) run(ctx context.Context) {
	client := &http.Client{Timeout: statsTimeout, Transport: &http.Transport{MaxConnsPerHost: 1}}
	defer client.CloseIdleConnections()
	var both sync.WaitGroup
	both.Go(func() { runEvery(ctx, processInterval, s.readProcess) })
	both.Go(func() { runEvery(ctx, statsInterval, func() { s.readStats(ctx, client) }) })
	both.Wait()
}

// runEvery calls do now and then at each interval until ctx ends.
func runEvery(ctx context.Context, interval time.Duration, do func()) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for do(); ; do() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// readProcess reads the server's CPU and memory, if the server still runs.
func (s *sampler) readProcess() {
	if s.pid == 0 || !s.server.due() {
		return
	}
	cpu, err := proc.CPU(s.pid)
	memory, err2 := proc.Resident(s.pid)
	if err != nil || err2 != nil {
		return
	}
	now := time.Now()
	one := ServerSample{Seconds: now.Sub(s.began).Seconds(), Memory: memory, Open: s.open()}
	if !s.at.IsZero() {
		one.CPU = float64(cpu-s.cpu) / float64(now.Sub(s.at))
	}
	s.at, s.cpu = now, cpu
	s.server.add(one)
}

// readStats calls /ws/stats. Not every server has it, or answers us.
func (s *sampler) readStats(ctx context.Context, client *http.Client) {
	if !s.stats.due() {
		return
	}
	before := s.open()
	n, err := s.fetchTotal(ctx, client)
	after := s.open()
	if ctx.Err() != nil {
		return
	}
	s.statsCalls++
	if err != nil {
		s.statsFailure = err.Error()
		return
	}
	s.statsAnswers++
	if before == after && n < before {
		s.undercount = fmt.Sprintf("/ws/stats said %d connections while %d were open", n, before)
	}
	s.stats.add(StatsSample{time.Since(s.began).Seconds(), n})
}

// notes says which figures of the server are missing, and why.
func (s *sampler) notes() []string {
	var all []string
	if s.statsAnswers < s.statsCalls || s.statsCalls == 0 {
		why := cmp.Or(s.statsFailure, "the run was too short")
		all = append(all, fmt.Sprintf("%d of %d calls of /ws/stats were answered: %s", s.statsAnswers, s.statsCalls, why))
	}
	if s.undercount != "" {
		all = append(all, s.undercount)
	}
	if s.pid == 0 {
		all = append(all, "no figures of the server's CPU and memory: give --server-pid if it runs on this host")
	}
	return all
}

// fetchTotal returns total_connections of /ws/stats.
func (s *sampler) fetchTotal(ctx context.Context, client *http.Client) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return 0, err
	}
	if s.token != "" {
		request.Header.Set("Authorization", "Bearer "+s.token)
	}
	answer, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	switch answer.StatusCode {
	case http.StatusOK:
	case http.StatusUnauthorized, http.StatusForbidden:
		return 0, fmt.Errorf("%s answered %s (ADMIN_TOKEN must be the server's)", s.url, answer.Status)
	default:
		return 0, fmt.Errorf("%s answered %s", s.url, answer.Status)
	}
	var stats struct {
		Total int `json:"total_connections"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&stats); err != nil {
		return 0, fmt.Errorf("%s: %w", s.url, err)
	}
	return stats.Total, nil
}
