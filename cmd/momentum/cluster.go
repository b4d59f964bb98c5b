package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"time"

	"momentum/internal/config"
	"momentum/server"
	"momentum/server/cluster"
	"momentum/server/cluster/redis"
	"momentum/server/metrics"
)

// flushPatience is how long a node that stops waits for the messages that it has not given to Redis yet.
const flushPatience = 2 * time.Second

// joinCluster returns the function that connects the server to Redis; nil without REDIS_URL. A Redis that cannot be reached does not
// keep the node from starting: it is not ready until it can be.
func (n *node) joinCluster(c *config.Config, seed uint64, log *slog.Logger) func(cluster.Node) (cluster.Bus, error) {
	if c.RedisURL == "" {
		return nil
	}
	return func(to cluster.Node) (cluster.Bus, error) {
		bus, err := redis.New(redis.Options{
			URL: c.RedisURL, Prefix: c.RedisPrefix, Node: to, NodeName: nodeName(c), History: redisHistory(c), Log: log, Now: time.Now, Seed: seed,
		})
		if err != nil {
			return nil, fmt.Errorf("REDIS_URL (--redis-url): %w", err)
		}
		n.bus = bus
		return bus, nil
	}
}

// redisHistory returns the limits of what Redis keeps.
func redisHistory(c *config.Config) redis.History {
	if c.HistoryMessages == 0 || c.HistoryBytes == 0 {
		return redis.History{}
	}
	each, all := server.History{Messages: c.HistoryMessages, Bytes: c.HistoryBytes, Age: c.HistoryAge}.Limits()
	return redis.History{
		Age: c.HistoryAge.Truncate(time.Second), Messages: each.Messages, Bytes: each.Bytes,
		BroadcastMessages: all.Messages, BroadcastBytes: all.Bytes,
	}
}

// nodeName returns the name of this node.
func nodeName(c *config.Config) string {
	host, err := os.Hostname()
	if err != nil {
		host = c.Host
	}
	return cmp.Or(c.NodeName, net.JoinHostPort(host, strconv.Itoa(c.ListenPort())))
}

// nodeInLog returns the name of this node as its log lines have it: none for a node that is alone and was given no name.
func nodeInLog(c *config.Config) string {
	if c.NodeName == "" && c.RedisURL == "" {
		return ""
	}
	return nodeName(c)
}

// busFigures returns the figures of the bus, for /metrics.
func (n *node) busFigures() metrics.Bus {
	f := n.bus.Figures()
	return metrics.Bus{
		State: f.State, Batches: f.Batches, Retried: f.Retried, Published: f.Published, Refused: f.Refused, GivenUp: f.GivenUp,
		Unknown: f.Unknown, Unread: f.Unread, Joined: f.Joined, JoinTrips: f.JoinTrips, Connected: f.Attachments,
		OutboxBytes: f.OutboxBytes, InboxBytes: f.InboxBytes, OutboxLimit: f.OutboxLimit, InboxLimit: f.InboxLimit, Canary: f.CanaryTravel,
	}
}

// leaveCluster gives Redis the messages that wait for it, and disconnects.
func (n *node) leaveCluster() {
	if n.bus == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), flushPatience)
	defer cancel()
	_ = n.bus.Flush(ctx) // messages that Redis has not taken by then are lost with the node
	n.bus.Close()
}
