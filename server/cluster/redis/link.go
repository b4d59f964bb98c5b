package redis

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"
)

// Times of a connection. Without traffic on one that is not supervised, rueidis sends a PING every keepAlive, and ends it if there is no answer
// within the timeout.
const (
	dialTimeout  = 2 * time.Second
	replyTimeout = 2 * time.Second
	keepAlive    = 400 * time.Millisecond

	connectionBuffer = 64 << 10
	ringScale        = 8
)

var errOver = errors.New("the attachment is over")

// dialer dials the connections of an attachment, and ends all of them at once.
type dialer struct {
	target *target
	tls    *tls.Config
	name   string // as CLIENT LIST shows it
	lost   func(error)
	reads  atomic.Uint64 // from its connections
	dials  atomic.Int64  // under way

	supervised bool // the supervisor ends connections without answers

	mu    sync.Mutex
	conns []net.Conn
	over  bool
}

// watched tells when a connection is closed, by rueidis or by us.
type watched struct {
	net.Conn
	closed func()
	lost   func(error)
}

// counted counts the reads of a connection, below TLS: the answers in its handshake count, too.
type counted struct {
	net.Conn
	reads *atomic.Uint64
}

// Read counts the read.
func (c counted) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.reads.Add(1)
	return n, err
}

// Close also forgets the connection.
func (w *watched) Close() error {
	err := w.Conn.Close()
	w.closed()
	w.lost(net.ErrClosed)
	return err
}

// Read reports the error, which says more than the end of the connection.
func (w *watched) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	if err != nil {
		w.lost(err)
	}
	return n, err
}

// dial connects to a server for a client, which may have two connections. rueidis would dial again without a word, and
// a new connection has to be examined first.
func (d *dialer) dial(left *int) func(context.Context, string, *net.Dialer, *tls.Config) (net.Conn, error) {
	return func(ctx context.Context, address string, with *net.Dialer, config *tls.Config) (net.Conn, error) {
		d.mu.Lock()
		*left--
		allowed := !d.over && *left >= 0
		d.mu.Unlock()
		if !allowed {
			return nil, errOver
		}
		d.dials.Add(1)
		defer d.dials.Add(-1)
		conn, err := with.DialContext(ctx, "tcp", address)
		if err != nil {
			return nil, err
		}
		if !d.add(conn) {
			return nil, errOver
		}
		w := &watched{Conn: counted{conn, &d.reads}, closed: func() { d.remove(conn) }, lost: d.lost}
		if config != nil {
			config = config.Clone()
			config.ServerName, _, _ = net.SplitHostPort(address)
			w.Conn = tls.Client(w.Conn, config)
		}
		return w, nil
	}
}

// add adds a connection that cut closes: without TLS, which would wait until it has said farewell.
func (d *dialer) add(c net.Conn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.over {
		_ = c.Close()
		return false
	}
	d.conns = append(d.conns, c)
	return true
}

func (d *dialer) remove(c net.Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.conns = slices.DeleteFunc(d.conns, func(one net.Conn) bool { return one == c })
}

// waits reports whether the connections of an attachment that is being made wait for an answer: there are some, and no dial is under way.
func (d *dialer) waits() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.conns) > 0 && d.dials.Load() == 0
}

// cut closes all connections. Calls that wait for an answer fail at once.
func (d *dialer) cut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.over = true
	for _, c := range d.conns {
		_ = c.Close()
	}
	d.conns = nil
}

// client connects to a server. Sentinels have no databases.
func (d *dialer) client(address string, connections, database int) (rueidis.Client, error) {
	return d.clientOf(d.target, address, connections, database)
}

func (d *dialer) clientOf(to *target, address string, connections, database int) (rueidis.Client, error) {
	pings := keepAlive
	if d.supervised {
		pings = -1
	}
	client, err := rueidis.NewClient(rueidis.ClientOption{
		InitAddress: []string{address}, ForceSingleClient: true,
		Username: to.user, Password: to.password, SelectDB: database, ClientName: d.name, ClientSetInfo: rueidis.DisableClientSetInfo,
		TLSConfig: d.tls, DialCtxFn: d.dial(&connections),
		Dialer: net.Dialer{Timeout: dialTimeout, KeepAlive: pings}, ConnWriteTimeout: replyTimeout,
		ReadBufferEachConn: connectionBuffer, WriteBufferEachConn: connectionBuffer, RingScaleEachConn: ringScale,
		PipelineMultiplex: -1, AlwaysPipelining: true, DisableCache: true, DisableRetry: true,
	})
	if err != nil && client != nil {
		client.Close()
	}
	return client, err
}

// link is a primary: a connection for commands and one for subscriptions.
type link struct {
	address       string
	client        rueidis.Client
	subscription  rueidis.DedicatedClient
	leaving       atomic.Int64 // channels that were left, until Redis confirms it
	canary        canary
	canaryChannel string
	own           []string // channels of the node: the canary's, and those of notes
	partition     int      // of the canary
}

// open connects to a primary. The errors are from the first answers, such as a wrong password.
func (d *dialer) open(address string) (*link, error) {
	client, err := d.client(address, 2, d.target.database)
	if err != nil {
		return nil, err
	}
	l := &link{address: address, client: client}
	l.subscription, _ = client.Dedicate()
	return l, nil
}

// load loads the scripts.
func (l *link) load() error {
	commands := make([]rueidis.Completed, len(scripts))
	for i, s := range scripts {
		commands[i] = l.client.B().ScriptLoad().Script(s.text).Build()
	}
	for _, r := range l.client.DoMulti(context.Background(), commands...) {
		if err := r.Error(); err != nil {
			return err
		}
	}
	return nil
}

// subscribe subscribes to the channels of the node. It passes all messages on except the canary. Moved is called if Redis ends a subscription that was not left,
// because another primary has its slot by now.
func (l *link) subscribe(message func(channel, text string), canary func(text string), moved func()) error {
	l.subscription.SetPubSubHooks(rueidis.PubSubHooks{
		OnMessage: func(m rueidis.PubSubMessage) {
			if m.Channel == l.canaryChannel {
				canary(m.Message)
			} else {
				message(m.Channel, m.Message)
			}
		},
		OnSubscription: func(s rueidis.PubSubSubscription) {
			if s.Kind == "sunsubscribe" && l.leaving.Add(-1) < 0 {
				moved()
			}
		},
	})
	return l.subscription.Do(context.Background(), l.subscription.B().Ssubscribe().Channel(l.own...).Build()).Error()
}

func (l *link) close() {
	if l.subscription != nil {
		l.subscription.Close()
	}
	l.client.Close()
}

// canaryNumber reads the message of a canary: the number in Redis, and our own.
func canaryNumber(text string) uint64 {
	_, own, _ := strings.Cut(text, ":")
	n, _ := strconv.ParseUint(own, 10, 64)
	return n
}
