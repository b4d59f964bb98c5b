package load

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

const (
	// processInterval is how often /proc is read. The kernel tells CPU time in hundredths of a second, so that a
	// shorter one would show little but its steps.
	processInterval = 100 * time.Millisecond

	// statsEvery is how many of these make one call of /ws/stats.
	statsEvery = 10

	// statsTimeout bounds one call. A server in a storm has better things to do.
	statsTimeout = 2 * time.Second
)

// ServerSample is what the server looked like from outside at one moment.
type ServerSample struct {
	Seconds     float64 `json:"t"`
	CPU         float64 `json:"cpu"`         // cores, since the sample before; -1: not known
	Memory      int64   `json:"memory"`      // resident bytes; -1: not known
	Open        int     `json:"open"`        // on our side
	Connections int     `json:"connections"` // by its own word (/ws/stats); -1: not asked now, or no answer
}

// sampler watches the server beside the loop. Its fields are its goroutine's until that has ended.
type sampler struct {
	url, token string
	process    *process // nil: no --server-pid
	began      time.Time
	open       func() int
	samples    []ServerSample
	every      int // how many readings make one sample; doubles when there are too many
	turn       int
	note       string // why there are no stats
	answers    int
}

// run samples until ctx ends.
func (s *sampler) run(ctx context.Context) {
	ticker := time.NewTicker(processInterval)
	defer ticker.Stop()
	client := &http.Client{Timeout: statsTimeout, Transport: &http.Transport{MaxConnsPerHost: 1}}
	defer client.CloseIdleConnections()
	s.every = 1
	s.take(ctx, client)
	for {
		select {
		case <-ticker.C:
			s.take(ctx, client)
		case <-ctx.Done():
			return
		}
	}
}

// take adds a sample. With too many of them, every second one is dropped and they are taken half as often.
func (s *sampler) take(ctx context.Context, client *http.Client) {
	s.turn++
	if s.turn%s.every != 0 {
		return
	}
	one := ServerSample{Connections: -1, CPU: -1, Memory: -1, Open: s.open()}
	if s.process != nil {
		one.CPU, one.Memory = s.process.look(time.Now())
	}
	if (s.turn-1)%statsEvery == 0 || s.every >= statsEvery {
		one.Connections = s.ask(ctx, client)
	}
	one.Seconds = time.Since(s.began).Seconds()
	s.samples = append(s.samples, one)
	if len(s.samples) < maxSamples {
		return
	}
	for i := range len(s.samples) / 2 {
		s.samples[i] = s.samples[2*i+1]
	}
	s.samples = s.samples[:len(s.samples)/2]
	s.every *= 2
}

// ask returns total_connections of /ws/stats, or -1. Not every server has it or shows it to us.
func (s *sampler) ask(ctx context.Context, client *http.Client) int {
	n, err := s.stats(ctx, client)
	if err != nil {
		if ctx.Err() == nil {
			s.note = err.Error()
		}
		return -1
	}
	s.answers++
	return n
}

func (s *sampler) stats(ctx context.Context, client *http.Client) (int, error) {
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
	if answer.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s answered %s (ADMIN_TOKEN has to be the server's)", s.url, answer.Status)
	}
	var stats struct {
		Total int `json:"total_connections"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&stats); err != nil {
		return 0, fmt.Errorf("%s: %w", s.url, err)
	}
	return stats.Total, nil
}
