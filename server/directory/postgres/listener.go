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

// The channels on which the database tells of changes. The payloads are a user's id, or nothing for all users, and
// a revocation as JSON.
const (
	usersChannel       = "momentum_users"
	revocationsChannel = "momentum_revocations"
)

// Hearing is whom a listener tells. Its methods are called one at a time, on the listener's goroutine; what is told
// next waits for them.
type Hearing interface {
	// Changed tells that a user was added, changed or deleted.
	Changed(user uuid.UUID)
	// Revoked tells of a revocation.
	Revoked(r auth.Revocation)
	// Missed tells that anything may have happened unheard: the listener has just been connected, for the first time
	// or again. What is told from now on is complete. An error makes the listener connect anew, and so tell it again.
	Missed(ctx context.Context) error
}

// Listener hears of changes on a connection of its own, beside the pool's.
type Listener struct {
	config *pgx.ConnConfig
	to     Hearing
	now    func() time.Time
	log    *slog.Logger
	random *rand.Rand
	cancel context.CancelFunc
	done   chan struct{}

	mu   sync.Mutex
	lost error // why it does not listen; nil while it does
}

// errNotYet is what a listener that has never been connected says.
var errNotYet = errors.New("not connected yet")

// Listen starts a listener. It goes on until Close, however often its connection is lost.
func (d *Database) Listen(to Hearing, now func() time.Time, log *slog.Logger, seed uint64) *Listener {
	ctx, cancel := context.WithCancel(context.Background())
	l := &Listener{config: d.pool.Config().ConnConfig, to: to, now: now, log: log, random: rand.New(rand.NewPCG(seed, 1)),
		cancel: cancel, done: make(chan struct{}), lost: errNotYet}
	go l.run(ctx)
	return l
}

// Healthy returns why changes are not heard, or nil.
func (l *Listener) Healthy() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost == nil {
		return nil
	}
	return fmt.Errorf("changes of users are not heard: %w", l.lost)
}

// Close ends the listener. Nothing is told behind its return.
func (l *Listener) Close() {
	l.cancel()
	<-l.done
}

// run connects again and again, with a growing pause.
func (l *Listener) run(ctx context.Context) {
	defer close(l.done)
	pause := firstReconnect
	for ctx.Err() == nil {
		began := l.now()
		err := l.listen(ctx)
		if ctx.Err() != nil {
			return
		}
		l.note(err)
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

// note keeps how the listener is doing, and logs what is new.
func (l *Listener) note(lost error) {
	l.mu.Lock()
	before := l.lost
	l.lost = lost
	l.mu.Unlock()
	switch {
	case lost == nil && errors.Is(before, errNotYet):
		l.log.Info("listening for changes of users")
	case lost == nil:
		l.log.Info("listening for changes of users again; everybody online is looked up")
	case before == nil || errors.Is(before, errNotYet):
		l.log.Warn("changes of users are not heard until the database is back", "reason", lost)
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
	if err := l.ask(ctx, conn, "LISTEN "+usersChannel+"; LISTEN "+revocationsChannel); err != nil {
		return err
	}
	if err := l.to.Missed(ctx); err != nil {
		return err
	}
	l.note(nil)
	for {
		wait, cancel := context.WithTimeout(ctx, listenPing)
		n, err := conn.WaitForNotification(wait)
		cancel()
		switch {
		case err == nil:
			if err := l.tell(ctx, n); err != nil {
				return err
			}
		case ctx.Err() == nil && pgconn.Timeout(err) && !conn.IsClosed():
			if err := l.ask(ctx, conn, "SELECT 1"); err != nil {
				return err
			}
		default:
			return err
		}
	}
}

// ask runs statements that return nothing we need, with little patience.
func (l *Listener) ask(ctx context.Context, conn *pgx.Conn, sql string) error {
	ctx, cancel := context.WithTimeout(ctx, listenPatience)
	defer cancel()
	_, err := conn.PgConn().Exec(ctx, sql).ReadAll()
	return err
}

// tell passes on a notification. Anybody with a right to connect to the database may send one, so one that cannot be
// read is logged and passed over.
func (l *Listener) tell(ctx context.Context, n *pgconn.Notification) error {
	switch n.Channel {
	case usersChannel:
		if n.Payload == "" {
			return l.to.Missed(ctx)
		}
		l.tellChange(n.Payload)
	case revocationsChannel:
		l.tellRevocation(n.Payload)
	}
	return nil
}

func (l *Listener) tellChange(payload string) {
	id, err := uuid.Parse(payload)
	if err != nil {
		l.log.Warn("a notification of a change names no user", "channel", usersChannel, "payload", payload)
		return
	}
	l.to.Changed(id)
}

func (l *Listener) tellRevocation(payload string) {
	r, err := parseRevocation(payload)
	if err != nil {
		l.log.Warn("a notification of a revocation cannot be read", "channel", revocationsChannel, "reason", err)
		return
	}
	l.to.Revoked(r)
}
