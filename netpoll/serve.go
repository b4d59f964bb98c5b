package netpoll

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/panjf2000/gnet/v2"
)

// Listener is a group that serves an address on gnet's event loops.
type Listener struct {
	*Group
	addr   string
	events *events
	ended  chan struct{} // closed when the engine has ended
	err    error         // the reason; set before ended is closed
}

// errEnded replaces gnet's nil error: gnet returns nil also if a failed accept has ended all loops.
var errEnded = errors.New("the event loops ended without being asked to")

// Serve binds addr on every reactor and returns when all of them take connections. addr must name a port.
func Serve(g *Group, addr string) (*Listener, error) {
	l, err := listen(g, addr)
	if err != nil {
		return nil, err
	}
	return l, l.start()
}

// listen starts the event loops. Connections wait until start.
func listen(g *Group, addr string) (*Listener, error) {
	port, err := claimPort(addr)
	if err != nil {
		return nil, err
	}
	if err := port.share(); err != nil {
		port.release()
		return nil, fmt.Errorf("cannot share %s among event loops: %w", addr, err)
	}
	l := &Listener{Group: g, addr: port.addr, ended: make(chan struct{})}
	l.events = &events{group: g, port: port, booted: make(chan gnet.Engine, 1)}
	for i := range g.reactors {
		d := &gnetDriver{}
		d.reactor = g.reactors[i] // it cannot be rung before start
		d.reactor.driver = d
		l.events.drivers = append(l.events.drivers, d)
	}
	go l.run()
	return l, nil
}

func (l *Listener) run() {
	l.err = gnet.Run(l.events, "tcp://"+l.addr,
		gnet.WithNumEventLoop(len(l.reactors)),
		gnet.WithReusePort(true), // each loop accepts its own connections and reports each before it accepts the next, so the limit holds
		gnet.WithReuseAddr(true), // a restart must not wait for TIME_WAIT
		gnet.WithTicker(true),
		gnet.WithReadBufferCap(readBufferBytes),
		gnet.WithWriteBufferCap(writeBufferBytes),
		gnet.WithLogger(gnetLog{l.options.Log}),
	)
	if l.err == nil {
		l.err = errEnded
	}
	l.events.port.release() // for a gnet that did not get as far as OnBoot
	close(l.ended)
}

// start installs a doorbell on every loop and lets connections in when all doorbells have opened.
func (l *Listener) start() error {
	var engine gnet.Engine
	select {
	case engine = <-l.events.booted:
	case <-l.ended:
		return fmt.Errorf("cannot serve on %s: %w", l.addr, l.err)
	}
	l.events.bells.Add(len(l.events.drivers) * len(doorbell{}.near))
	for _, d := range l.events.drivers {
		if err := d.install(engine); err != nil {
			return errors.Join(err, engine.Stop(context.Background()))
		}
	}
	l.events.bells.Wait()
	l.events.start()
	return nil
}

// Addr returns the address being served.
func (l *Listener) Addr() net.Addr {
	addr, _ := net.ResolveTCPAddr("tcp", l.addr)
	return addr
}

// Ended returns a channel that is closed when the event loops have ended, by Stop or by themselves.
func (l *Listener) Ended() <-chan struct{} { return l.ended }

// Err returns the reason why the event loops ended. It may be called once Ended's channel is closed.
func (l *Listener) Err() error { return l.err }

// Stop ends the event loops and closes all connections. It does not drain: the caller does so before.
func (l *Listener) Stop(ctx context.Context) error {
	var err error
	select {
	case <-l.ended: // by themselves
	default:
		err = endNow(l.events.engine)
	}
	select {
	case <-l.ended:
	case <-ctx.Done():
		return ctx.Err()
	}
	for _, d := range l.events.drivers {
		d.bell.close()
		_ = d.alarm.Close()
	}
	return err
}

// endNow tells gnet to end and does not wait, because gnet's Stop looks for the end only every half second.
func endNow(engine gnet.Engine) error {
	over, cancel := context.WithCancel(context.Background())
	cancel()
	if err := engine.Stop(over); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}
