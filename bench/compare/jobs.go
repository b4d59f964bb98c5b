package main

import "fmt"

// The kinds of job.
const (
	kindEcho      = "echo"
	kindBroadcast = "broadcast"
	kindStorm     = "storm"
	kindIdle      = "idle"
)

// job is one thing that every server is measured at.
type job struct {
	Name        string `json:"name"`
	Kind        string `json:"kind"`
	Connections int    `json:"connections"`
	Bytes       int    `json:"bytes"`   // payload of a message
	Senders     int    `json:"senders"` // of a broadcast
	Outstanding int    `json:"outstanding"`
}

func echo(connections, bytes int) job {
	return job{fmt.Sprintf("Echo, %d connections × %d B", connections, bytes), kindEcho, connections, bytes, 0, 1}
}

func broadcast(connections, senders, outstanding int) job {
	how := "one at a time"
	switch {
	case senders > 1:
		how = fmt.Sprintf("%d senders at once", senders)
	case outstanding > 1:
		how = fmt.Sprintf("%d outstanding from one sender", outstanding)
	}
	return job{fmt.Sprintf("Broadcast to %d, %s", connections, how), kindBroadcast, connections, broadcastBytes, senders, outstanding}
}

func storm(connections int) job {
	return job{Name: fmt.Sprintf("Handshake storm of %d", connections), Kind: kindStorm, Connections: connections}
}

func idle(connections int) job {
	return job{Name: fmt.Sprintf("%d idle connections", connections), Kind: kindIdle, Connections: connections}
}

var (
	allJobs = []job{
		echo(100, 32), echo(100, 512), echo(1000, 32), echo(1000, 512),
		broadcast(1000, 1, 1), broadcast(most, 1, 1), broadcast(1000, 1, 16), broadcast(1000, 16, 1),
		storm(most), idle(most),
	}
	smokeJobs = []job{echo(100, 32), broadcast(500, 1, 1), broadcast(500, 16, 1), storm(2000), idle(2000)}
)

// unit is what the job's CPU is counted by.
func (j job) unit() string {
	switch j.Kind {
	case kindEcho:
		return "message"
	case kindBroadcast:
		return "delivery"
	}
	return "handshake"
}

func (j job) units() string {
	switch j.Kind {
	case kindEcho:
		return "messages"
	case kindBroadcast:
		return "deliveries"
	}
	return "handshakes"
}
