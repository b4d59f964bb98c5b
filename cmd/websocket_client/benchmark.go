package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"
)

// benchmark sends pings at fixed times, whether or not earlier ones have been answered. So a stall of the server
// appears in the latency of every message that was due during it.
type benchmark struct {
	messages int
	interval time.Duration // 0: no pause
}

// pending are the pings without an answer, by id, with the time at which each was due. The sender and the receiver
// share it.
type pending struct {
	sync.Mutex
	at   map[string]time.Time
	sent int
}

// run sends, waits for the answers, prints the result and returns the exit code.
func (b benchmark) run(ctx context.Context, conn *connection, std streams) int {
	sending, cancel := context.WithCancel(ctx)
	defer cancel()
	waiting := &pending{at: make(map[string]time.Time)}
	result := newResult()
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		b.send(sending, conn, waiting)
	}()
	err := b.receive(ctx, conn, waiting, result, finished)
	cancel()
	<-finished
	result.sent, result.interrupted = waiting.sent, ctx.Err() != nil
	if err != nil {
		fmt.Fprintln(std.err, closeReport(err))
	} else {
		conn.closeNormally()
	}
	result.print(std.out)
	if err != nil || result.interrupted || result.lost() > 0 {
		return exitFailed
	}
	return exitOK
}

// send sends each ping when it is due. A late one is sent at once, and its latency still counts from when it was due.
func (b benchmark) send(ctx context.Context, conn *connection, waiting *pending) {
	start := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for i := range b.messages {
		at := start.Add(time.Duration(i) * b.interval)
		timer.Reset(time.Until(at))
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
		if b.interval == 0 {
			at = time.Now()
		}
		id, payload, err := newMessage("ping", struct{}{}, at)
		if err != nil {
			return
		}
		waiting.add(id, at)
		_ = conn.send(payload) // received reports the end of a connection
	}
}

// receive reads messages until every ping is answered, or for answerTimeout after the last ping. It returns the error
// if the connection is lost.
func (b benchmark) receive(ctx context.Context, conn *connection, waiting *pending, result *result, finished <-chan struct{}) error {
	var late <-chan time.Time
	for result.answers() < b.messages {
		select {
		case r := <-conn.received:
			if r.err != nil {
				return r.err
			}
			waiting.answer(r, result)
		case <-finished:
			finished, late = nil, time.After(answerTimeout)
		case <-late:
			return nil
		case <-ctx.Done():
			return nil
		}
	}
	return nil
}

func (d *pending) add(id string, at time.Time) {
	d.Lock()
	defer d.Unlock()
	d.at[id] = at
	d.sent++
}

// answer adds a message to the result if it is the first answer to a ping, or an error without a ref_id: only pings
// were sent.
func (d *pending) answer(r received, result *result) {
	var m message
	if json.Unmarshal(r.payload, &m) != nil {
		return
	}
	id := m.answers()
	at, ours := d.remove(id)
	switch {
	case ours && m.Type == "pong":
		result.pong(at, r.at)
	case m.Type == "error" && (ours || id == ""):
		result.refuse(&m)
	}
}

func (d *pending) remove(id string) (time.Time, bool) {
	d.Lock()
	defer d.Unlock()
	at, ok := d.at[id]
	delete(d.at, id)
	return at, ok
}
