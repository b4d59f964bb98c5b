package redis

import (
	"time"

	"github.com/google/uuid"

	"momentum/server/cluster"
)

// Limits of one round trip. A script stops all other clients of Redis while it runs, about 5 µs for each operation.
const (
	callOperations = 64  // of one call
	partitionCalls = 4   // of one partition
	bundleMessages = 256 // of one operation
	bundleBytes    = 64 << 10
	batchBytes     = 1 << 20
)

// operation has one or more consecutive messages of one channel, which Redis keeps and publishes as one bundle.
type operation struct {
	messages []message
	bytes    int
}

// call is one call of the script: operations of one partition, in order.
type call struct {
	partition, slot int
	number          uint64
	operations      []operation
	answer          string
	err             error
	settled         bool
}

// batch is what one round trip publishes. Its outcome is known as a whole before the next one begins.
type batch struct {
	calls   []*call
	made    time.Time
	retried bool // calls of it may have been executed
}

// planner cuts queues into batches.
type planner struct {
	names  *names
	number uint64 // of the last call
	open   map[int]*call
	count  map[int]int // calls of each partition
	bytes  int
}

// plan returns a batch with as many messages from the beginning of the queue as fit, and the rest.
func (p *planner) plan(queue []message, now time.Time) (*batch, []message) {
	p.open, p.count, p.bytes = make(map[int]*call), make(map[int]int), 0
	b := &batch{made: now}
	for len(queue) > 0 && p.add(b, queue[0]) {
		queue = queue[1:]
	}
	return b, queue
}

// add adds a message to a batch, or returns false if it has to wait for the next.
func (p *planner) add(b *batch, m message) bool {
	if p.bytes > 0 && p.bytes+len(m.json) > batchBytes {
		return false
	}
	partition := p.names.partition(m.to)
	c := p.open[partition]
	if c != nil && c.merge(m) {
		p.bytes += len(m.json)
		return true
	}
	if c == nil || len(c.operations) == callOperations {
		if p.count[partition] == partitionCalls {
			return false
		}
		p.number++
		c = &call{partition: partition, slot: p.count[partition], number: p.number}
		p.open[partition] = c
		p.count[partition]++
		b.calls = append(b.calls, c)
	}
	c.operations = append(c.operations, operation{messages: []message{m}, bytes: len(m.json)})
	p.bytes += messageBytes + len(m.json)
	return true
}

// merge adds a message to the last operation, if both may be one bundle.
func (c *call) merge(m message) bool {
	o := &c.operations[len(c.operations)-1]
	first := &o.messages[0]
	if first.to != m.to || first.id != nil || m.id != nil || len(o.messages) == bundleMessages || o.bytes+len(m.json) > bundleBytes {
		return false
	}
	o.messages = append(o.messages, m)
	o.bytes += len(m.json)
	return true
}

// once returns the identity of an operation that is published once.
func (o *operation) once() (sender uuid.UUID, id []byte) {
	return o.messages[0].sender, o.messages[0].id
}

func (o *operation) channel() cluster.Channel { return o.messages[0].to }
