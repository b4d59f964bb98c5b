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
	all   []T
	every int // how many intervals make one reading
	turn  int
}

// due is asked once in each interval.
func (r *readings[T]) due() bool {
	r.turn++
	return r.turn%max(1, r.every) == 0
}

func (r *readings[T]) add(one T) {
	if r.all = append(r.all, one); len(r.all) < maxSamples {
		return
	}
	for i := range len(r.all) / 2 {
		r.all[i] = r.all[2*i+1]
	}
	r.all = r.all[:len(r.all)/2]
	r.every = 2 * max(1, r.every)
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

	stats    readings[StatsSample]
	asked    int
	answered int
	failure  string // the last reason why there was no answer
	counted  string // where the server counts fewer connections than there are
}

// run samples until ctx ends.
func (s *sampler) run(ctx context.Context) {
	client := &http.Client{Timeout: statsTimeout, Transport: &http.Transport{MaxConnsPerHost: 1}}
	defer client.CloseIdleConnections()
	var both sync.WaitGroup
	both.Go(func() { every(ctx, processInterval, s.look) })
	both.Go(func() { every(ctx, statsInterval, func() { s.ask(ctx, client) }) })
	both.Wait()
}

// every does something now and at each interval until ctx ends.
func every(ctx context.Context, interval time.Duration, do func()) {
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
func (s *sampler) look() {
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
func (s *sampler) ask(ctx context.Context, client *http.Client) {
	if !s.stats.due() {
		return
	}
	before := s.open()
	n, err := s.total(ctx, client)
	after := s.open()
	if ctx.Err() != nil {
		return
	}
	s.asked++
	if err != nil {
		s.failure = err.Error()
		return
	}
	s.answered++
	if before == after && n < before {
		s.counted = fmt.Sprintf("/ws/stats said %d connections while %d were open", n, before)
	}
	s.stats.add(StatsSample{time.Since(s.began).Seconds(), n})
}

// notes says what is missing of the server's word, and why.
func (s *sampler) notes() []string {
	var all []string
	if s.answered < s.asked || s.asked == 0 {
		why := or(s.failure, "the run was too short")
		all = append(all, fmt.Sprintf("%d of %d calls of /ws/stats were answered: %s", s.answered, s.asked, why))
	}
	if s.counted != "" {
		all = append(all, s.counted)
	}
	if s.pid == 0 {
		all = append(all, "no CPU and memory of the server: give its --server-pid, if it runs on this host")
	}
	return all
}

// total is total_connections of /ws/stats.
func (s *sampler) total(ctx context.Context, client *http.Client) (int, error) {
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
