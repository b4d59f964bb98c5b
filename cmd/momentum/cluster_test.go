package main

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"momentum/internal/config"
	"momentum/internal/redistest"
	"momentum/server/cluster"
	"momentum/server/cluster/redis"
)

// loner is a node of a cluster that needs no answers of its bus.
type loner struct{}

func (loner) Moved([]cluster.Move)                   {}
func (loner) Deliver([]cluster.Delivery)             {}
func (loner) Joined([]cluster.Joined)                {}
func (loner) Settled([]cluster.Outcome)              {}
func (loner) Changed(cluster.State, []cluster.Epoch) {}
func (loner) ReceiveNote(cluster.NodeID, []byte)     {}
func (loner) Noticed([][]byte)                       {}
func (loner) Enroll()                                {}
func (loner) Describe() (i cluster.Info)             { return i }

// TestANodeThatStopsGivesRedisItsMessages publishes before Redis was reached, so all messages wait when the node stops.
func TestANodeThatStopsGivesRedisItsMessages(t *testing.T) {
	s := redistest.Start(t)
	n := new(node)
	c := &config.Config{RedisURL: s.URL(), RedisPrefix: "mo", NodeName: "a", HistoryAge: time.Minute, HistoryMessages: 100, HistoryBytes: 1 << 16}
	bus, err := n.joinCluster(c, 1, slog.New(slog.DiscardHandler))(loner{})
	if err != nil {
		t.Fatal(err)
	}
	const messages = 100
	for range messages {
		if !bus.Publish(cluster.Message{JSON: []byte(`{"message_type":"text"`)}) {
			t.Fatal("the bus refuses a message")
		}
	}
	if n.busFigures().OutboxLimit == 0 {
		t.Error("the metrics know no limit")
	}
	n.leaveCluster()
	if f := n.bus.Figures(); f.Published != messages || f.GivenUp != 0 {
		t.Errorf("Redis has taken %d of %d messages, and %d were given up", f.Published, messages, f.GivenUp)
	}
	if f := n.busFigures(); f.Published != messages || f.Connected != 1 {
		t.Errorf("the metrics say %+v", f)
	}
}

func TestOnlyANodeWithRedisJoinsACluster(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	n := new(node)
	if n.joinCluster(&config.Config{}, 1, log) != nil {
		t.Error("a node without REDIS_URL joins a cluster")
	}
	n.leaveCluster() // of none
	_, err := n.joinCluster(&config.Config{RedisURL: "http://a"}, 1, log)(loner{})
	if err == nil || !strings.HasPrefix(err.Error(), "REDIS_URL (--redis-url): ") || n.bus != nil {
		t.Errorf("a wrong address: %v", err)
	}
}

func TestRedisKeepsWhatTheNodeKeeps(t *testing.T) {
	c := config.Config{HistoryMessages: 20, HistoryBytes: 1000, HistoryAge: 90*time.Second + time.Millisecond}
	want := redis.History{Age: 90 * time.Second, Messages: 20, Bytes: 1000, BroadcastMessages: 200, BroadcastBytes: 64_000}
	if got := redisHistory(&c); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	for _, none := range []config.Config{{HistoryMessages: 1, HistoryAge: time.Minute}, {HistoryBytes: 1, HistoryAge: time.Minute}} {
		if got := redisHistory(&none); got != (redis.History{}) {
			t.Errorf("%+v keeps nothing, and Redis %+v", none, got)
		}
	}
}

func TestANodeHasAName(t *testing.T) {
	if got := nodeName(&config.Config{NodeName: "a", Port: 1}); got != "a" {
		t.Errorf("NODE_NAME=a: %q", got)
	}
	if got := nodeName(&config.Config{Port: 8000}); !strings.HasSuffix(got, ":8000") || len(got) < 6 {
		t.Errorf("without NODE_NAME: %q, want the host and the port", got)
	}
	if got := nodeName(&config.Config{Addr: "[::1]:9000", Port: 8000}); !strings.HasSuffix(got, ":9000") {
		t.Errorf("with --addr: %q, want its port", got)
	}
}

func TestTheLogNamesANodeThatHasANameOrACluster(t *testing.T) {
	for _, tt := range []struct {
		c    config.Config
		want string
	}{
		{config.Config{Port: 8000}, ""},
		{config.Config{Port: 8000, NodeName: "a"}, "a"},
		{config.Config{Port: 8000, RedisURL: "redis://127.0.0.1:6379"}, nodeName(&config.Config{Port: 8000})},
	} {
		if got := nodeInLog(&tt.c); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.c, got, tt.want)
		}
	}
}
