package redis

import (
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/internal/redistest"
	"momentum/server/cluster"
)

// counting is a node that counts.
type counting struct {
	delivered, settled, joined atomic.Int64
	healthy                    atomic.Bool
}

func (c *counting) Deliver(d []cluster.Delivery)               { c.delivered.Add(int64(len(d))) }
func (c *counting) Settled(o []cluster.Outcome)                { c.settled.Add(int64(len(o))) }
func (c *counting) Changed(s cluster.State, _ []cluster.Epoch) { c.healthy.Store(s == cluster.Healthy) }

// Joined implements cluster.Node. It does not count the joins that have failed.
func (c *counting) Joined(list []cluster.Joined) {
	for i := range list {
		if list[i].Err == nil {
			c.joined.Add(1)
		}
	}
}

// Moved implements cluster.Node.
func (c *counting) Moved([]cluster.Move) {}

// Enroll implements cluster.Node.
func (c *counting) Enroll() {}

// ReceiveNote implements cluster.Node.
func (c *counting) ReceiveNote(cluster.NodeID, []byte) {}

// Noticed implements cluster.Node.
func (c *counting) Noticed([][]byte) {}

// Describe implements cluster.Node.
func (c *counting) Describe() cluster.Info { return cluster.Info{} }

func until(b *testing.B, ok func() bool) {
	ticker := time.NewTicker(time.Millisecond) // a busy loop would take the processor that Redis needs
	defer ticker.Stop()
	for deadline := time.Now().Add(2 * time.Minute); !ok(); <-ticker.C {
		if time.Now().After(deadline) {
			b.Fatal("it takes too long")
		}
	}
}

// benchmark publishes b.N messages of 200 bytes to channels, which each of the nodes has if all is set, or else one of them.
func benchmark(b *testing.B, nodes int, all bool, channels ...cluster.Channel) {
	s := redistest.Start(b)
	var counts []*counting
	var buses []*Bus
	for i := range nodes {
		c := &counting{}
		bus, err := New(Options{URL: s.URL(), Node: c, History: testHistory, Log: quiet, Now: time.Now, Seed: starts.Add(1)})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(bus.Close)
		counts, buses = append(counts, c), append(buses, bus)
		until(b, c.healthy.Load)
		joined := 0
		for k, to := range channels {
			if all || k%nodes == i {
				bus.Join(cluster.Arrival{Channel: to, After: cluster.None})
				joined++
			}
		}
		until(b, func() bool { return c.joined.Load() == int64(joined) })
	}
	text := []byte(strings.Repeat("x", 200))
	want := int64(b.N)
	if all {
		want *= int64(nodes)
	}
	before := s.CPU(b)
	b.ResetTimer()
	for i := range b.N {
		to := channels[i%len(channels)]
		if buses[0].Publish(cluster.Message{To: to, JSON: text}) {
			continue
		}
		until(b, func() bool { return buses[0].Publish(cluster.Message{To: to, JSON: text}) })
	}
	until(b, func() bool {
		sum := int64(0)
		for _, c := range counts {
			sum += c.delivered.Load()
		}
		return sum == want
	})
	b.StopTimer()
	b.ReportMetric(float64((s.CPU(b)-before).Nanoseconds())/1e3/float64(b.N), "redis-µs/message")
	b.ReportMetric(float64(b.N)/float64(max(buses[0].Figures().Batches, 1)), "messages/batch")
}

// BenchmarkDirect is about direct messages to 1,000 users on two nodes.
func BenchmarkDirect(b *testing.B) {
	var users []cluster.Channel
	for i := range 1000 {
		users = append(users, cluster.TopicOf(fmt.Sprintf("%022d", i)))
	}
	benchmark(b, 2, false, users...)
}

// BenchmarkBroadcast is about broadcasts to three nodes.
func BenchmarkBroadcast(b *testing.B) { benchmark(b, 3, true, broadcast) }

// BenchmarkStorm is about 15,000 users that come to one node, 5,000 a second: their channels are joined, and they are entered into the
// directory.
func BenchmarkStorm(b *testing.B) {
	const crowd, atOnce = 15_000, 5
	for b.Loop() {
		s := redistest.Start(b)
		c := &counting{}
		bus, err := New(Options{URL: s.URL(), Node: c, History: testHistory, Log: quiet, Now: time.Now, Seed: starts.Add(1)})
		if err != nil {
			b.Fatal(err)
		}
		until(b, c.healthy.Load)
		before, commands, memory := s.CPU(b), calls(b, s), s.UsedMemory(b)
		ticker := time.NewTicker(time.Millisecond)
		for i := 0; i < crowd; i++ {
			id := uuid.NewSHA1(uuid.Nil, fmt.Append(nil, i))
			bus.Join(cluster.Arrival{Channel: cluster.DirectOf(id), After: cluster.None})
			bus.Move(cluster.Move{User: id, Name: fmt.Sprint("user", i), Here: true})
			if i%atOnce == 0 {
				<-ticker.C
			}
		}
		ticker.Stop()
		until(b, func() bool { users, _ := bus.Online(); return users == crowd && c.joined.Load() == crowd })
		b.ReportMetric((s.CPU(b) - before).Seconds(), "redis-s")
		b.ReportMetric(float64(calls(b, s)-commands), "commands")
		b.ReportMetric(float64(s.UsedMemory(b)-memory)/crowd, "B/user")
		bus.Close()
	}
}

// calls returns how many subscriptions and scripts a server has executed.
func calls(b *testing.B, s *redistest.Server) (n int) {
	info, _ := s.Do(b, "INFO", "commandstats").(string)
	for line := range strings.Lines(info) {
		if rest, ok := strings.CutPrefix(line, "cmdstat_"); ok {
			name, rest, _ := strings.Cut(rest, ":calls=")
			count, _, _ := strings.Cut(rest, ",")
			if name == "ssubscribe" || name == "evalsha" {
				one, _ := strconv.Atoi(count)
				n += one
			}
		}
	}
	return n
}
