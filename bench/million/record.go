package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"momentum/bench/nodes"
	"momentum/internal/output"
)

// results holds the records: one file for each run, named by the time at which it began.
const results = "bench/results/million"

// record is the figures of a run.
type record struct {
	Date           time.Time   `json:"date"`
	Host           nodes.Host  `json:"host"`
	Connections    int         `json:"connections"`
	Nodes          int         `json:"nodes"`
	RedisPreferred bool        `json:"redis_preferred"`  // the kernel runs Redis before the others
	Failed         string      `json:"failed,omitempty"` // the stage that failed; what comes after it is missing
	AtOnce         int         `json:"nodes_at_once"`
	NodeRuntime    []string    `json:"node_runtime"`
	Slots          int         `json:"connection_slots"` // of the kernel's table
	AllIn          float64     `json:"all_in_s"`
	Stages         []stageTime `json:"stages"`
	Curve          []point     `json:"curve"`
	Before         memory      `json:"memory_before"`
	Full           memory      `json:"memory_full"`
	Lowest         int64       `json:"lowest_available_bytes"`
	Presence       int         `json:"presence_messages"`
	Broadcast      arrivals    `json:"broadcast_ms"`
	Directs        arrivals    `json:"direct_ms"`
	Death          death       `json:"death"`
	Clients        answer      `json:"clients"`
	NodeCPU        float64     `json:"nodes_cpu_s"`
	ClientCPU      float64     `json:"generators_cpu_s"`
	RedisCPU       float64     `json:"redis_cpu_s"`

	mu sync.Mutex
}

// stageTime is the duration of a part of the run, and Redis's processor time in it.
type stageTime struct {
	Name  string  `json:"name"`
	Time  float64 `json:"s"`
	Redis float64 `json:"redis_cpu_s"`
}

// point is a point of the curve of connections.
type point struct {
	Time  float64 `json:"s"`
	Open  int     `json:"open"`
	Redis float64 `json:"redis_cpu_s"`
}

// arrivals are times from the send of a message to its arrivals, in milliseconds.
type arrivals struct {
	Messages int64     `json:"messages"`
	First    float64   `json:"first"`
	Median   float64   `json:"median"`
	P99      float64   `json:"p99"`
	Last     float64   `json:"last"`
	Steps    []float64 `json:"steps"` // when each fiftieth of them has arrived
}

func newArrivals(all *hdrhistogram.Histogram) arrivals {
	a := arrivals{
		Messages: all.TotalCount(), First: millis(all.Min()), Median: millis(all.ValueAtQuantile(50)), P99: millis(all.ValueAtQuantile(99)), Last: millis(all.Max()),
	}
	for i := range steps {
		a.Steps = append(a.Steps, millis(all.ValueAtQuantile(float64(i+1)*100/steps)))
	}
	return a
}

// death is what became of the users of a dead node. Times are in seconds.
type death struct {
	Users int     `json:"users"`
	Away  float64 `json:"away_s"`         // from the death until the users may come back
	Back  float64 `json:"return_s"`       // from then to the last user's connection
	Whole float64 `json:"return_whole_s"` // from then to the last missed message
	Sent  int     `json:"sent"`           // direct messages to users that were away
}

// memory is the memory of all processes, in bytes.
type memory struct {
	Nodes      int64 `json:"nodes"`
	Generators int64 `json:"generators"`
	Redis      int64 `json:"redis"`
	RedisUsed  int64 `json:"redis_used"` // as it counts itself
	Host       int64 `json:"host"`
	Slab       int64 `json:"slab"`
}

func newRecord(p *plan) *record {
	return &record{
		Date: time.Now().UTC().Truncate(time.Second), Host: nodes.ThisHost(), Connections: p.connections, Nodes: p.nodes(),
		AtOnce: p.atOnce, NodeRuntime: nodeRuntime, Slots: slots(), Lowest: 1 << 62,
	}
}

// memory reads the memory of everything.
func (w *world) memory() memory {
	host, _ := nodes.ReadMemory()
	return memory{
		Nodes: resident(w.processes()), Generators: resident(w.generators.processes()), Redis: w.redis.Resident(),
		RedisUsed: w.redis.Number("used_memory"), Host: host.Used, Slab: host.Slab,
	}
}

func resident(all []*nodes.Process) (sum int64) {
	for _, p := range all {
		sum += p.Resident()
	}
	return sum
}

// see adds a point to the curve, at most one a second. It reports whether the point is to be logged.
func (r *record) see(at time.Duration, open int, redis time.Duration) bool {
	n := len(r.Curve)
	if n > 0 && at.Seconds() < r.Curve[n-1].Time+1 {
		return false
	}
	r.Curve = append(r.Curve, point{at.Seconds(), open, redis.Seconds()})
	return len(r.Curve)%logEvery == 0
}

// finish reads the last figures before everything ends.
func (r *record) finish(w *world) {
	r.Clients, r.RedisCPU = w.generators.sum(), w.redisCPU().Seconds()
	for _, p := range w.processes() {
		r.NodeCPU += p.CPU().Seconds()
	}
	for _, p := range w.generators.processes() {
		r.ClientCPU += p.CPU().Seconds()
	}
}

// watchMemory ends the run when the machine has too little memory left.
func watchMemory(ctx context.Context, cancel context.CancelCauseFunc, r *record) {
	again := time.NewTicker(250 * time.Millisecond)
	defer again.Stop()
	for {
		m, err := nodes.ReadMemory()
		r.mu.Lock()
		r.Lowest = min(r.Lowest, m.Available)
		r.mu.Unlock()
		if err != nil || m.Available < reserve {
			cancel(errors.Join(err, fmt.Errorf("only %.1f GiB of memory are left", gibibytes(m.Available))))
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
	}
}

// each returns the bytes of a connection.
func (r *record) each(of func(*memory) int64) float64 {
	return float64(of(&r.Full)-of(&r.Before)) / float64(r.Connections)
}

// kernel returns the host's memory that no process of ours has.
func (m *memory) kernel() int64 { return m.Host - m.Nodes - m.Generators - m.Redis }

// failure returns an error if anything was lost, or came twice.
func (r *record) failure() error {
	c := &r.Clients
	if c.Failed+c.Jumps+c.Twice+c.Gaps > 0 || c.Resumed != r.Death.Users {
		return fmt.Errorf("not all is well: %d of %d users resumed, %d could not; %d direct messages out of their order, %d messages twice, %d gaps",
			c.Resumed, r.Death.Users, c.Failed, c.Jumps, c.Twice, c.Gaps)
	}
	return nil
}

// table shows the figures beside their goals.
func (r *record) table() string {
	var b strings.Builder
	row := func(name, goal, format string, args ...any) {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", name, goal, fmt.Sprintf(format, args...))
	}
	fmt.Fprintf(&b, "| %d connections, %d nodes | goal | |\n| --- | --- | --- |\n", r.Connections, r.Nodes)
	row("all are connected after", "≤ 120 s", "%.1f s", r.AllIn)
	row("memory of a connection: the node's process", "≤ 1,100 B", "%.0f B", r.each(func(m *memory) int64 { return m.Nodes }))
	row("the kernel, both ends: its objects; all that no process of ours has", "", "%.0f B; %.0f B", r.each(func(m *memory) int64 { return m.Slab }), r.each((*memory).kernel))
	row("Redis (as it counts; resident)", "", "%.0f B; %.0f B", r.each(func(m *memory) int64 { return m.RedisUsed }), r.each(func(m *memory) int64 { return m.Redis }))
	row("the generator's process", "", "%.0f B", r.each(func(m *memory) int64 { return m.Generators }))
	row("a process without connections: node, generator", "", "%.1f MB, %.1f MB", mega(r.Before.Nodes)/float64(r.Nodes), mega(r.Before.Generators)/float64(r.Nodes))
	row("a broadcast: first, median, last receiver", "last ≤ 12 s", "%.1f ms, %.0f ms, %.0f ms", r.Broadcast.First, r.Broadcast.Median, r.Broadcast.Last)
	row("direct messages to random users, at rest: p50, p99, last", "p99 ≤ 250 ms", "%d of %d: %.1f ms, %.1f ms, %.1f ms", r.Directs.Messages, directMessages, r.Directs.Median, r.Directs.P99, r.Directs.Last)
	row("a node killed: its users are back on the others, resumed", "≤ 10 s", "%d of %d after %.1f s (away for %.1f s before)", r.Clients.Resumed, r.Death.Users, r.Death.Back, r.Death.Away)
	row("messages to them meanwhile", "none lost", "%d direct messages and a broadcast, all there after %.1f s", r.Death.Sent, r.Death.Whole)
	row("summaries of arrivals received", "", "%d", r.Presence)
	row("handshakes refused, one of them with", "", "%d %s", r.Clients.Refused, r.Clients.Refusal)
	row("processor time: nodes, generators, Redis", "", "%.1f s, %.1f s, %.1f s", r.NodeCPU, r.ClientCPU, r.RedisCPU)
	for _, s := range r.Stages {
		row("Redis: "+s.Name, "", "%.2f s of CPU in %.1f s", s.Redis, s.Time)
	}
	row("memory left at the lowest", "≥ 2 GiB", "%.1f GiB", gibibytes(r.Lowest))
	return b.String()
}

func mega(bytes int64) float64 { return float64(bytes) / 1e6 }

// save writes the record to a file or, without a path, to the records, with its pictures beside it.
func (r *record) save(path string) error {
	text, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	if path != "" {
		return output.Write(path, text, os.Stdout)
	}
	if err := os.MkdirAll(results, 0o755); err != nil {
		return err
	}
	name := filepath.Join(results, fmt.Sprintf("%s-%d", r.Date.Format("2006-01-02T150405Z"), r.Connections))
	err = output.Write(name+".json", text, os.Stdout)
	for kind, p := range r.plots() {
		err = errors.Join(err, output.Write(name+"-"+kind+".svg", []byte(p.Picture()), os.Stdout))
	}
	return err
}
