package load

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"momentum/bench/proc"
)

const (
	// processInterval is how often the server's CPU and memory are read.
	processInterval = 100 * time.Millisecond

	// statsInterval is how often /ws/stats is.
	statsInterval = time.Second

	// statsTimeout bounds one call. A server in a storm has better things to do.
	statsTimeout = 2 * time.Second
)

// ServerSample is what the kernel said of the server at one moment.
type ServerSample struct {
	Seconds float64 `json:"t"`
	CPU     float64 `json:"cpu"`    // cores, since the sample before
	Memory  int64   `json:"memory"` // resident bytes
	Open    int     `json:"open"`   // connections, on our side
}

// StatsSample is what the server said of itself.
type StatsSample struct {
	Seconds     float64 `json:"t"`
	Connections int     `json:"connections"`
}

// readings are taken at even intervals. When there are maxSamples of them every second one is dropped, and they are
// taken half as often.
type readings[T any] struct {
	all       []T
	intervals int // how many intervals make one reading
	count     int
}

// due is asked once in each interval.
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

// sampler watches the server beside the loop: the kernel's word in one goroutine and its own in another, so that a slow
// answer holds up no reading. Each field is one goroutine's, until both have ended.
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
	statsFailure string // the last reason why there was no answer
	undercount   string // where the server counts fewer connections than there are
}

// run samples until ctx ends.
func (s *sampler) run(ctx context.Context) {
	client := &http.Client{Timeout: statsTimeout, Transport: &http.Transport{MaxConnsPerHost: 1}}
	defer client.CloseIdleConnections()
	var both sync.WaitGroup
	both.Go(func() { runEvery(ctx, processInterval, s.readProcess) })
	both.Go(func() { runEvery(ctx, statsInterval, func() { s.readStats(ctx, client) }) })
	both.Wait()
}

// every does something now and at each interval until ctx ends.
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

// look takes the kernel's word, if the server is still there.
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

// ask takes the server's word. Not every server has it or shows it to us.
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

// notes says what is missing of the server's word, and why.
func (s *sampler) notes() []string {
	var all []string
	if s.statsAnswers < s.statsCalls || s.statsCalls == 0 {
		why := or(s.statsFailure, "the run was too short")
		all = append(all, fmt.Sprintf("%d of %d calls of /ws/stats were answered: %s", s.statsAnswers, s.statsCalls, why))
	}
	if s.undercount != "" {
		all = append(all, s.undercount)
	}
	if s.pid == 0 {
		all = append(all, "no CPU and memory of the server: give its --server-pid, if it runs on this host")
	}
	return all
}

// total is total_connections of /ws/stats.
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
		return 0, fmt.Errorf("%s answered %s (ADMIN_TOKEN has to be the server's)", s.url, answer.Status)
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
