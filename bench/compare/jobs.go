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
	kindResume    = "resume"
	kindJitter    = "jitter"
	kindTopic     = "topic"
	kindMembers   = "subscriptions"
	kindInquiry   = "inquiry"
	kindChat      = "chat"      // see alternate.go
	kindDashboard = "dashboard" // see dashboard.go
)

// job is one measurement that is made of every server.
type job struct {
	Name        string `json:"name"`
	Kind        string `json:"kind"`
	Connections int    `json:"connections"`
	Bytes       int    `json:"bytes"`   // payload of a message
	Senders     int    `json:"senders"` // of a broadcast
	Outstanding int    `json:"outstanding"`
	Resumes     bool   `json:"resumes,omitempty"`    // the clients of a storm resume
	Broadcasts  int    `json:"broadcasts,omitempty"` // that each client of a storm receives, with a direct message
	Topics      int    `json:"topics,omitempty"`     // how many there are
	Each        int    `json:"each,omitempty"`       // how many of them each connection subscribes to
	Ask         string `json:"ask,omitempty"`        // the request of an inquiry
	Against     string `json:"against,omitempty"`    // the job with which this one is compared
}

func echo(connections, bytes int) job {
	return job{Name: fmt.Sprintf("Echo, %d connections × %d B", connections, bytes), Kind: kindEcho,
		Connections: connections, Bytes: bytes, Outstanding: 1}
}

func broadcast(connections, senders, outstanding int) job {
	return job{Name: fmt.Sprintf("Broadcast to %d, %s", connections, how(senders, outstanding)), Kind: kindBroadcast,
		Connections: connections, Bytes: broadcastBytes, Senders: senders, Outstanding: outstanding}
}

func how(senders, outstanding int) string {
	switch {
	case senders > 1:
		return fmt.Sprintf("%d senders at once", senders)
	case outstanding > 1:
		return fmt.Sprintf("%d outstanding from one sender", outstanding)
	}
	return "one at a time"
}

// topic is a broadcast through one topic, to which all connections have subscribed.
func topic(connections, outstanding int) job {
	return job{Name: fmt.Sprintf("A topic of %d, %s", connections, how(1, outstanding)), Kind: kindTopic,
		Connections: connections, Senders: 1, Outstanding: outstanding, Topics: 1, Each: 1, Against: broadcast(connections, 1, outstanding).Name}
}

// topics sends a message to each of many topics at once, again and again.
func topics(name string, connections, topics, each int) job {
	return job{Name: name, Kind: kindTopic, Connections: connections, Topics: topics, Each: each}
}

// subscriptions is the memory of subscriptions.
func subscriptions(connections, each int) job {
	return job{Name: fmt.Sprintf("%d connections with %d subscriptions each", connections, each), Kind: kindMembers,
		Connections: connections, Topics: 1000, Each: each}
}

// returning is a storm of clients that were connected before. Each receives so many broadcasts and a direct message: before its
// handshake if it resumes, afterwards otherwise.
func returning(connections int, resumes bool, broadcasts int) job {
	name := fmt.Sprintf("Storm of %d that return", connections)
	if resumes {
		name = fmt.Sprintf("Storm of %d that resume", connections)
	}
	j := job{Kind: kindResume, Connections: connections, Resumes: resumes, Broadcasts: broadcasts}
	switch {
	case broadcasts > 0 && resumes:
		name += fmt.Sprintf(", having missed %d broadcasts and a direct message each", broadcasts)
	case broadcasts > 0:
		name += fmt.Sprintf(", and get %d broadcasts and a direct message each", broadcasts)
	case resumes:
		name += ", having missed nothing"
	}
	if j.Name = name; resumes {
		j.Against = returning(connections, false, broadcasts).Name
	}
	return j
}

// jittery has clients that are cut off again and again.
func jittery(connections int) job {
	return job{Name: fmt.Sprintf("%d clients that are cut off again and again", connections), Kind: kindJitter, Connections: connections}
}

// The requests that are answered without opening anything.
const (
	askHandshake = "handshake" // with a token that is refused
	askRefused   = "refused"   // GET /ws with the same token
	askAccepted  = "accepted"  // GET /ws with a good token
)

// inquiry asks as a page does that cannot see the answer to its handshake.
func inquiry(ask string) job {
	refused := job{Name: "Handshakes with a bad token", Kind: kindInquiry, Connections: asksAtOnce, Ask: askHandshake}
	switch ask {
	case askRefused:
		return job{Name: "Inquiries with a bad token", Kind: kindInquiry, Connections: asksAtOnce, Ask: ask, Against: refused.Name}
	case askAccepted:
		return job{Name: "Inquiries with a good token (204)", Kind: kindInquiry, Connections: asksAtOnce, Ask: ask, Against: refused.Name}
	}
	return refused
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
		returning(maxConnections, false, 0), returning(maxConnections, true, 0),
		returning(maxConnections, false, missedBroadcasts), returning(maxConnections, true, missedBroadcasts), jittery(1000),
		topic(1000, 1), topic(maxConnections, 1), topic(1000, 16), topic(maxConnections, 16),
		topics("1000 topics of 15, a message to each at once", maxConnections, 1000, 1),
		topics("A member of 100 topics, a message to each at once", 1, 100, 100),
		subscriptions(maxConnections, 10),
		inquiry(askHandshake), inquiry(askRefused), inquiry(askAccepted),
	}
	// alternateJobs are those of make bench-before. Both builds have their connections at the same time.
	alternateJobs = []job{
		echo(1000, 32), broadcast(1000, 1, 1), broadcast(7500, 1, 1), broadcast(1000, 16, 1), broadcast(7500, 16, 1),
		{Name: "Direct messages among 1000 users", Kind: kindChat, Connections: 1000}, storm(2000),
		{Name: "Handshake storm of 2000 that resume", Kind: kindStorm, Connections: 2000, Resumes: true},
	}
	smokeJobs = []job{echo(100, 32), broadcast(500, 1, 1), broadcast(500, 16, 1), storm(2000), idle(2000),
		inquiry(askHandshake), inquiry(askRefused), inquiry(askAccepted)}
)

// appliesTo reports whether a server can do the job. momentum serve does not echo; it alone has users to address, and
// heartbeats.
func (j job) appliesTo(s server) bool {
	switch j.Kind {
	case kindEcho:
		return s.dialect == &plainDialect
	case kindHeartbeat, kindDirect:
		return s.dialect == &productDialect
	case kindResume, kindInquiry:
		return s.name == product
	case kindJitter:
		return s.name == product || s.name == bun || s.name == nodeWS
	case kindTopic, kindMembers:
		return s.name == product || s.name == bun
	}
	return true
}

// mode is the flag with which a rival does the job.
func (j job) mode() string {
	switch j.Kind {
	case kindBroadcast:
		return "--broadcast"
	case kindJitter:
		return "--users"
	case kindTopic, kindMembers:
		return "--topics"
	}
	return ""
}

// rounds is in how many of a run's rounds the job is measured. What a server loses does not depend on the machine's load.
func (j job) rounds(ofRun int) int {
	if j.Kind == kindJitter {
		return 1
	}
	return ofRun
}

// unit is the unit for which the job's CPU time is given.
func (j job) unit() string {
	switch j.Kind {
	case kindEcho:
		return "message"
	case kindBroadcast, kindTopic:
		return "delivery"
	case kindMembers:
		return "subscription"
	case kindHeartbeat:
		return "second and connection"
	case kindInquiry:
		return "request"
	}
	return "handshake"
}

func (j job) units() string {
	switch j.Kind {
	case kindEcho:
		return "messages"
	case kindBroadcast, kindTopic:
		return "deliveries"
	case kindHeartbeat:
		return "seconds of a connection"
	case kindInquiry:
		return "requests"
	}
	return "handshakes"
}
