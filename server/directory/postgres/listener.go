package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"momentum/server/auth"
)

// The channels on which the database announces changes. The payload is the id of a changed user, or empty if any user
// may have changed; on the other channels, a revocation as JSON, which was made or lifted.
const (
	usersChannel       = "momentum_users"
	revocationsChannel = "momentum_revocations"
	liftsChannel       = "momentum_lifts"
)

// Subscriber receives the notifications of a listener. Its methods are called one at a time, on the listener's
// goroutine; later notifications wait for them.
type Subscriber interface {
	// Changed means that a user was added, changed or deleted.
	Changed(user uuid.UUID)
	// Revoked brings a revocation.
	Revoked(r auth.Revocation)
	// Lifted brings the end of a revocation.
	Lifted(r auth.Revocation)
	// Missed means that any change may have been missed: the listener has just connected, for the first time or
	// again. From now on no change is missed. An error makes the listener connect anew and call Missed again.
	Missed(ctx context.Context) error
}

// Listener receives notifications of changes, on a connection of its own beside the pool's.
type Listener struct {
	config *pgx.ConnConfig
	to     Subscriber
	now    func() time.Time
	log    *slog.Logger
	random *rand.Rand
	cancel context.CancelFunc
	done   chan struct{}

	mu   sync.Mutex
	lost error // why it does not listen; nil while it does
}

// errNotYet is the state of a listener that has never been connected.
var errNotYet = errors.New("not connected yet")

// Listen starts a listener. It goes on until Close, however often its connection is lost.
func (d *Database) Listen(to Subscriber, now func() time.Time, log *slog.Logger, seed uint64) *Listener {
	ctx, cancel := context.WithCancel(context.Background())
	l := &Listener{config: d.pool.Config().ConnConfig, to: to, now: now, log: log, random: rand.New(rand.NewPCG(seed, 1)),
		cancel: cancel, done: make(chan struct{}), lost: errNotYet}
	go l.run(ctx)
	return l
}

// Healthy returns why the listener receives no notifications, or nil.
func (l *Listener) Healthy() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost == nil {
		return nil
	}
	return fmt.Errorf("no notifications of changes arrive: %w", l.lost)
}

// Close ends the listener. The subscriber is not called after Close returns.
func (l *Listener) Close() {
	l.cancel()
	<-l.done
}

// run connects again whenever the connection is lost, after growing pauses.
func (l *Listener) run(ctx context.Context) {
	defer close(l.done)
	pause := firstReconnect
	for ctx.Err() == nil {
		began := l.now()
		err := known(l.listen(ctx))
		if ctx.Err() != nil {
			return
		}
		l.setState(err)
		if l.now().Sub(began) > steadyListener {
			pause = firstReconnect
		}
		timer := time.NewTimer(pause - time.Duration(l.random.Int64N(int64(pause)/2)))
		pause = min(2*pause, lastReconnect)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// setState sets why the listener does not listen, nil if it does, and logs a change.
func (l *Listener) setState(lost error) {
	l.mu.Lock()
	before := l.lost
	l.lost = lost
	l.mu.Unlock()
	switch {
	case lost == nil && errors.Is(before, errNotYet):
		l.log.Info("listening for changes of users")
	case lost == nil:
		l.log.Info("listening for changes of users again; all users online are looked up")
	case before == nil || errors.Is(before, errNotYet):
		l.log.Warn("no notifications of changes arrive until the database is back", "reason", lost)
	}
}

// listen listens on one connection until it is lost.
func (l *Listener) listen(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, l.config.Copy())
	if err != nil {
		return err
	}
	defer func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), closePatience)
		defer cancel()
		_ = conn.Close(last)
	}()
	if err := l.exec(ctx, conn, "LISTEN "+usersChannel+"; LISTEN "+revocationsChannel+"; LISTEN "+liftsChannel); err != nil {
		return err
	}
	if err := l.to.Missed(ctx); err != nil {
		return err
	}
	l.setState(nil)
	for {
		wait, cancel := context.WithTimeout(ctx, listenPing)
		n, err := conn.WaitForNotification(wait)
		cancel()
		switch {
		case err == nil:
			if err := l.dispatch(ctx, n); err != nil {
				return err
			}
		case ctx.Err() == nil && pgconn.Timeout(err) && !conn.IsClosed():
			if err := l.exec(ctx, conn, "SELECT 1"); err != nil {
				return err
			}
		default:
			return err
		}
	}
}

// exec runs statements that return nothing of interest, within listenPatience.
func (l *Listener) exec(ctx context.Context, conn *pgx.Conn, sql string) error {
	ctx, cancel := context.WithTimeout(ctx, listenPatience)
	defer cancel()
	_, err := conn.PgConn().Exec(ctx, sql).ReadAll()
	return err
}

// dispatch passes a notification on. Every role that may connect to the database can send one, so one that cannot be
// read is logged and ignored.
func (l *Listener) dispatch(ctx context.Context, n *pgconn.Notification) error {
	switch n.Channel {
	case usersChannel:
		if n.Payload == "" {
			return l.to.Missed(ctx)
		}
		l.dispatchChange(n.Payload)
	case liftsChannel:
		l.dispatchRevocation(n.Channel, n.Payload, l.to.Lifted)
	case revocationsChannel:
		l.dispatchRevocation(n.Channel, n.Payload, l.to.Revoked)
	}
	return nil
}

func (l *Listener) dispatchChange(payload string) {
	id, err := uuid.Parse(payload)
	if err != nil {
		l.log.Warn("a notification of a change names no user", "channel", usersChannel, "payload", payload)
		return
	}
	l.to.Changed(id)
}

func (l *Listener) dispatchRevocation(channel, payload string, to func(auth.Revocation)) {
	r, err := parseRevocation(payload)
	if err != nil {
		l.log.Warn("a notification of a revocation cannot be read", "channel", channel, "reason", err)
		return
	}
	to(r)
}
