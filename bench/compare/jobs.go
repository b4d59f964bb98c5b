package main

import "fmt"

// The kinds of job.
const (
	kindEcho      = "echo"
	kindBroadcast = "broadcast"
	kindStorm     = "storm"
	kindIdle      = "idle"
	kindHeartbeat = "heartbeat"
	kindDirect    = "direct"
)

// job is one measurement that is made of every server.
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

func heartbeat(connections int) job {
	return job{Name: fmt.Sprintf("%d idle connections with heartbeats", connections), Kind: kindHeartbeat, Connections: connections}
}

// direct sends messages from one user to another, alone or during broadcasts to others.
func direct(others int) job {
	if others == 0 {
		return job{Name: "Direct messages, nothing else going on", Kind: kindDirect}
	}
	return job{Name: fmt.Sprintf("Direct messages during broadcasts to %d", others), Kind: kindDirect,
		Connections: others, Senders: 1, Outstanding: 1}
}

var (
	allJobs = []job{
		echo(100, 32), echo(100, 512), echo(1000, 32), echo(1000, 512),
		broadcast(1000, 1, 1), broadcast(maxConnections, 1, 1), broadcast(1000, 1, 16), broadcast(maxConnections, 1, 16),
		broadcast(1000, 16, 1), broadcast(maxConnections, 16, 1),
		storm(maxConnections), idle(maxConnections), heartbeat(maxConnections), direct(0), direct(maxConnections),
	}
	smokeJobs = []job{echo(100, 32), broadcast(500, 1, 1), broadcast(500, 16, 1), storm(2000), idle(2000)}
)

// appliesTo reports whether a server can do the job. momentum serve does not echo; it alone has users to address, and
// heartbeats.
func (j job) appliesTo(s server) bool {
	switch j.Kind {
	case kindEcho:
		return s.dialect == &plainDialect
	case kindHeartbeat, kindDirect:
		return s.dialect == &productDialect
	}
	return true
}

// unit is the unit for which the job's CPU time is given.
func (j job) unit() string {
	switch j.Kind {
	case kindEcho:
		return "message"
	case kindBroadcast:
		return "delivery"
	case kindHeartbeat:
		return "second and connection"
	}
	return "handshake"
}

func (j job) units() string {
	switch j.Kind {
	case kindEcho:
		return "messages"
	case kindBroadcast:
		return "deliveries"
	case kindHeartbeat:
		return "seconds of a connection"
	}
	return "handshakes"
}
