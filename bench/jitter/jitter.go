// Package jitter measures which share of the messages a server delivers to clients that are cut off again and again and come
// back, as clients on a phone do. One more client stays connected and sends to them: broadcasts, and direct messages to each in
// turn.
package jitter

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// Options say how a run goes.
type Options struct {
	Addr     string           // of the server
	Clients  int              // that are cut off
	Length   time.Duration    // how long messages are sent
	Seed     uint64           // of the times of the cuts
	Every    time.Duration    // the mean time from a connection to its cut, which is at most twice as long; 0: no cuts
	Away     [2]time.Duration // the shortest and the longest time from a cut to the next handshake; without cuts, from any end
	Rate     Rate
	User     func(client int) string                           // the id of a client's user; the sender is client number Clients
	Request  func(client int, position string) ([]byte, error) // a handshake, with the position from which the client resumes, "" at first
	Welcomes bool                                              // the server begins each connection with a welcome message

	// Trouble is told of each failed attempt of a client to come back, and of each after which messages may be missing, if it is
	// set. Several goroutines call it.
	Trouble func(error)

	// Watch gets a Pulse once a second, if it is set. One goroutine calls it.
	Watch func(Pulse)

	// Send sends all messages of a run instead of one more client that does it, if it is set: those of Messages, with ids as
	// receive reads them.
	Send func(context.Context) error
}

// Usual returns the options of a run as BENCHMARKS.md shows it, for the given number of clients and length.
func Usual(addr string, clients int, length time.Duration) Options {
	return Options{
		Addr: addr, Clients: clients, Length: length, Seed: 1,
		Every: 5 * time.Second, Away: [2]time.Duration{500 * time.Millisecond, 2 * time.Second},
		Rate: Rate{Broadcasts: 20, Directs: 200},
	}
}

// Rate is how many messages of a kind are sent in a second.
type Rate struct{ Broadcasts, Directs int }

// Figures say what has become of the messages of a run.
type Figures struct {
	Sent      int `json:"sent"`      // deliveries that there should be
	Delivered int `json:"delivered"` // different ones that there were
	Twice     int `json:"twice"`     // further deliveries of the same message
	Unordered int `json:"unordered"` // deliveries after that of a later message of the same channel
	Cuts      int `json:"cuts"`      // connections that were cut off
	Resumed   int `json:"resumed"`   // connections at whose begin the server said that nothing is lost
	Closed    int `json:"closed"`    // connections that the server closed, or refused

	Gaps  int           `json:"gaps,omitempty"`    // times that the server said, on a live connection, that messages are lost
	Away  time.Duration `json:"away_ns,omitempty"` // the longest time that a client was without a connection
	Apart int           `json:"apart,omitempty"`   // clients without a connection in the end
}

// Percent is the share of the messages that were delivered.
func (f Figures) Percent() float64 { return 100 * float64(f.Delivered) / float64(max(1, f.Sent)) }

// String shows the figures on one line.
func (f Figures) String() string {
	return fmt.Sprintf("%.3f %% of %d delivered, %d lost, %d twice, %d out of order; %d cuts, %d connections resumed, %d closed or refused by the server",
		f.Percent(), f.Sent, f.Sent-f.Delivered, f.Twice, f.Unordered, f.Cuts, f.Resumed, f.Closed)
}

const (
	// quiet is how long nothing more has arrived when a run is over: longer than a client is away and then connects.
	quiet = 4 * time.Second

	// trailing is the same after all messages have arrived: a message that comes twice comes soon.
	trailing = time.Second

	// patience limits the time of a handshake, and of all first connections.
	patience = 15 * time.Second

	// retry is the time between two attempts to connect.
	retry = 100 * time.Millisecond
)

// run is the state that all clients share.
type run struct {
	Options
	over    time.Time    // no client is cut off after it
	arrived atomic.Int64 // different messages, on all clients
	gauge   gauge        // of the clients, for Watch
}

// Run connects the clients, sends for the length of the run, and waits until nothing more arrives.
func Run(ctx context.Context, o Options) (Figures, error) {
	r := &run{Options: o}
	from, clients, err := r.connectAll(ctx)
	if err != nil {
		return Figures{}, err
	}
	r.over = time.Now().Add(o.Length)
	reading, stop := context.WithCancel(ctx)
	var all sync.WaitGroup
	for _, c := range clients {
		all.Go(func() { c.live(reading) })
	}
	if o.Watch != nil {
		all.Go(func() { r.watch(reading) })
	}
	send := o.Send
	if send == nil {
		defer from.conn.Close()
		all.Go(func() { _ = from.read(reading, time.Time{}) })
		send = from.sendAll
	}
	err = send(ctx)
	if err == nil {
		err = r.settle(ctx)
	}
	stop()
	all.Wait()
	return r.sum(clients), err
}

// connectAll connects the sender and all clients, which get their first position.
func (r *run) connectAll(ctx context.Context) (from *client, clients []*client, err error) {
	if r.Send == nil {
		from = r.newClient(r.Clients)
		if err := from.connect(ctx); err != nil {
			return nil, nil, fmt.Errorf("the sender cannot connect: %w", err)
		}
	}
	for i := range r.Clients {
		c := r.newClient(i)
		if err := c.connect(ctx); err != nil {
			return nil, nil, fmt.Errorf("client %d cannot connect: %w", i, err)
		}
		clients = append(clients, c)
	}
	r.gauge.connected(len(clients))
	r.gauge.take(0)
	return from, clients, nil
}

func (r *run) newClient(number int) *client {
	c := &client{run: r, number: number, random: rand.New(rand.NewPCG(r.Seed, uint64(number)))}
	c.got = [channels]tally{newTally(r.messages().broadcasts), newTally(r.messages().directs/r.Clients + 1)}
	return c
}

// sent is a number of messages of each kind.
type sent struct{ broadcasts, directs int }

// Messages is how many messages are sent in a run. The direct ones go to each client in turn.
func (o *Options) Messages() (broadcasts, directs int) {
	seconds := o.Length.Seconds()
	return int(seconds * float64(o.Rate.Broadcasts)), int(seconds * float64(o.Rate.Directs))
}

// messages is Messages as one value, and deliveries how often they are to arrive.
func (r *run) messages() (s sent) {
	s.broadcasts, s.directs = r.Messages()
	return s
}

func (r *run) deliveries() int { return r.Clients*r.messages().broadcasts + r.messages().directs }

// settle waits until all messages have arrived and nothing follows, or, if some are lost, until nothing more arrives.
func (r *run) settle(ctx context.Context) error {
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	last, since := int64(-1), time.Now()
	for wait := quiet; time.Since(since) < wait; {
		if now := r.arrived.Load(); now != last {
			last, since = now, time.Now()
		}
		if last == int64(r.deliveries()) {
			wait = trailing
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
		}
	}
	return nil
}

// sum adds up what the clients have received.
func (r *run) sum(clients []*client) Figures {
	f := Figures{Sent: r.deliveries()}
	for _, c := range clients {
		f.Cuts += c.cuts
		f.Resumed += c.resumed
		f.Closed += c.closed
		f.Gaps += c.gaps
		f.Away = max(f.Away, c.away)
		if !c.left.IsZero() {
			f.Apart++
		}
		for _, t := range c.got {
			f.Delivered += t.delivered
			f.Twice += t.twice
			f.Unordered += t.unordered
		}
	}
	return f
}
