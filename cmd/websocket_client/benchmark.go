package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"
)

// benchmark sends pings at fixed times, whether or not earlier ones have been answered: a server that stalls
// then shows in the latency of every message that should have gone out meanwhile.
type benchmark struct {
	messages int
	interval time.Duration // 0: one after the other
}

// due keeps when each ping that has no answer yet was to be sent, by id. The sender and the receiver share it.
type due struct {
	sync.Mutex
	at   map[string]time.Time
	sent int
}

// run sends, waits for the answers, prints the result and returns the exit code.
func (b benchmark) run(ctx context.Context, conn *connection, std streams) int {
	sending, cancel := context.WithCancel(ctx)
	defer cancel()
	waiting := &due{at: make(map[string]time.Time)}
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
		conn.goodbye()
	}
	result.print(std.out)
	if err != nil || result.interrupted || result.lost() > 0 {
		return exitFailed
	}
	return exitOK
}

// send sends each ping at its time. A late one is sent at once and still counts from the time it was due.
func (b benchmark) send(ctx context.Context, conn *connection, waiting *due) {
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
		conn.send(payload)
	}
}

// receive takes pongs until all have come, or the last ping has been sent for answerTimeout, or the connection
// is lost, which is the error it returns.
func (b benchmark) receive(ctx context.Context, conn *connection, waiting *due, result *result, finished <-chan struct{}) error {
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

func (d *due) add(id string, at time.Time) {
	d.Lock()
	defer d.Unlock()
	d.at[id] = at
	d.sent++
}

// answer adds a message to the result if it answers a ping and is the first to do so, or if it is an error that names no
// message: nothing but pings was sent.
func (d *due) answer(r received, result *result) {
	var m message
	if json.Unmarshal(r.payload, &m) != nil {
		return
	}
	id := m.answers()
	at, ours := d.take(id)
	switch {
	case ours && m.Type == "pong":
		result.pong(at, r.at)
	case m.Type == "error" && (ours || id == ""):
		result.refuse(&m)
	}
}

func (d *due) take(id string) (time.Time, bool) {
	d.Lock()
	defer d.Unlock()
	at, ok := d.at[id]
	delete(d.at, id)
	return at, ok
}
