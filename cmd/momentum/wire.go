package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"golang.org/x/net/netutil"

	"momentum/internal/config"
	"momentum/internal/logging"
	"momentum/netpoll"
	"momentum/server"
	"momentum/server/admin"
	"momentum/server/auth"
	"momentum/server/auth/jwks"
	"momentum/server/cluster/redis"
	"momentum/server/host"
	"momentum/server/metrics"
	"momentum/server/trace/otlp"
)

const (
	// These limit plain HTTP on the admin port and on the WebSocket port, where some connections may also wait. All of
	// them come out of reservedDescriptors, beside the 32 connections that may linger while they are refused.
	maxAdminConnections = 16
	maxPlainConnections = 24
	maxPlainWaiting     = 8

	// maxPublicViewers are the viewers of GET /ws/stream among the maxPlainConnections: most places stay for other requests.
	maxPublicViewers = 4
)

// node is a server with its listeners.
type node struct {
	verifier *auth.Verifier
	fetching *jwks.Source   // nil without JWKS_URL
	users    *users         // nil without DATABASE_URL
	bus      *redis.Bus     // nil without REDIS_URL
	traces   *otlp.Exporter // nil without OTEL_EXPORTER_OTLP_ENDPOINT
	server   *server.Server
	listener *netpoll.Listener
	admin    net.Listener
	plain    *admin.Handoff
	sidecar  *http.Server
	answers  atomic.Pointer[admin.Handler] // answers the sidecar's requests; nil before it serves
	figures  http.Handler                  // of GET /metrics
	pressure *pressure
	host     atomic.Pointer[host.Watch] // nil before it listens
	reloads  reloads                    // counts since the start
	changes  admin.Changes              // survives reloads of the sidecar
	failed   chan error                 // the error with which the sidecar ended unexpectedly

	descriptors int // the limit
	reactors    int
	maxClients  int // connections
}

// startNode connects the parts, each after those that it needs.
func startNode(c *config.Config, logs *logging.Logs) (*node, error) {
	descriptors, err := raiseDescriptorLimit()
	if err != nil {
		return nil, err
	}
	reactors := c.Reactors
	if reactors == 0 {
		reactors = runtime.GOMAXPROCS(0)
	}
	netpoll.SpareProcessor(reactors)
	if socketRoom(descriptors, reactors) < 1 {
		return nil, noRoom(descriptors, reactors)
	}
	n := &node{
		failed: make(chan error, 2), descriptors: descriptors, reactors: reactors, maxClients: connectionCap(c, descriptors, reactors),
	}
	if err := n.startTraces(c, rand.Uint64(), logs.Of("traces")); err != nil {
		return nil, err
	}
	if err := n.assemble(c, logs); err != nil {
		n.dismiss()
		n.stopTraces()
		return nil, err
	}
	if err := n.serveHTTP(c, logs.Of("admin")); err != nil {
		return nil, errors.Join(err, n.stop())
	}
	return n, nil
}

// assemble makes the node's parts and binds its ports. All checks are in place before the first client can connect.
func (n *node) assemble(c *config.Config, logs *logging.Logs) (err error) {
	if err = n.startKeys(c, rand.Uint64(), logs.Of("auth")); err != nil {
		return err
	}
	if n.users, err = openUsers(c, rand.Uint64(), logs.Of("directory")); err != nil {
		return err
	}
	n.plain = admin.ConnListener(plainAddr{c.Listen()}, maxPlainWaiting)
	options := serverOptions(c, n, logs)
	options.Connect = n.joinCluster(c, rand.Uint64(), logs.Of("cluster"))
	options.AdmissionWorkers = admissionWorkers(slowKeys(c, n.verifier), runtime.GOMAXPROCS(0))
	if n.users != nil {
		options.Directory = n.users.cache
	}
	if n.server, err = server.New(options); err != nil {
		return err
	}
	if n.users != nil {
		if err = n.users.restore(n.server); err != nil {
			return err
		}
	}
	if n.admin, err = net.Listen("tcp", c.AdminAddr); err != nil {
		return listenFault(adminSetting, c.AdminAddr, err)
	}
	if n.listener, err = n.server.Listen(c.Listen()); err != nil {
		return errors.Join(listenFault(listenSetting(c), c.Listen(), err), n.admin.Close())
	}
	if n.users != nil {
		n.users.follow(n.server)
	}
	return nil
}

// dismiss stops the goroutines beside the event loops.
func (n *node) dismiss() {
	if n.fetching != nil {
		n.fetching.Close()
	}
	if n.users != nil {
		n.users.close()
	}
	n.leaveCluster()
}

// admissionWorkers returns how many goroutines check tokens beside the reactors. To check a secret's signature takes
// less time than the way to a worker and back: see docs/PERFORMANCE.md. A key pair's signature takes one to two times
// as long as the rest of a handshake, and must not block a reactor. Workers wait for nothing, because the directory
// has goroutines of its own, so more workers than cores would be of no use.
func admissionWorkers(slow bool, cores int) int {
	if slow {
		return cores
	}
	return 0
}

func serverOptions(c *config.Config, n *node, logs *logging.Logs) server.Options {
	return server.Options{
		Rules:            rules(c, n.maxClients),
		Reactors:         n.reactors,
		MaxSockets:       socketRoom(n.descriptors, n.reactors),
		MaxHeldBytes:     heldBytes(os.DirFS("/")),
		MaxSubscriptions: subscriptionRoom(os.DirFS("/")),
		History:          server.History{Messages: c.HistoryMessages, Bytes: c.HistoryBytes, Age: c.HistoryAge, Room: historyRoom(os.DirFS("/"))},
		Verifier:         n.verifier,
		Probe:            n.probe,
		HandOff:          n.takePlain,
		Self:             server.Self{Name: nodeName(c), Address: c.Listen(), Version: version()},
		Log:              logs.Of("server"),
		NetLog:           logs.Of("netpoll"),
		LogDropped:       logs.Dropped,
		Processor:        processorTime,
		Thread:           threadTime,
		Host:             n.hostFigures,
		Health:           n.health,
		MaxViewers:       viewerRoom(n.descriptors), MaxPublicViewers: maxPublicViewers,
		Now:      time.Now,
		NewID:    uuid.New,
		Seed:     rand.Uint64(),
		Outbound: netpoll.DefaultOutbound,
		Traces:   n.tracesSink(),
	}
}

// hostFigures returns how near the node is to the limits of its host.
func (n *node) hostFigures() (f host.Figures) {
	if w := n.host.Load(); w != nil {
		f = w.Figures()
	}
	return f
}

// rules returns the server's rules for the settings of a node with room for this many connections.
func rules(c *config.Config, maxClients int) server.Rules {
	return server.Rules{
		MaxConnections:    maxClients,
		MaxPerUser:        c.MaxPerUser,
		MaxPerAddress:     c.MaxPerAddress,
		TrustedProxies:    c.Proxies(),
		MaxMessageBytes:   c.MaxMessageBytes,
		HandshakeRate:     c.HandshakeRate,
		RateLimit:         c.RateLimit,
		Compression:       c.Compression,
		Origins:           c.Origins(),
		HeartbeatInterval: c.HeartbeatInterval,
		HeartbeatTimeout:  c.HeartbeatTimeout,
		ConnectionTimeout: c.ConnectionTimeout,
		CleanupInterval:   c.CleanupInterval,
		DrainWindow:       c.DrainTimeout,
		MaxTopics:         c.MaxTopics,
		TopicsDefault:     c.DefaultTopics(),
	}
}

// takePlain hands a plain HTTP connection on the WebSocket port over to the sidecar.
func (n *node) takePlain(fd int, arrived []byte, proxied bool, closed func()) bool {
	c, err := netpoll.Adopt(fd, arrived)
	if err != nil {
		return false
	}
	if proxied {
		c = admin.Proxied(c)
	}
	if !n.plain.Offer(c, closed) {
		c.Close()
		return false
	}
	return true
}

// serveHTTP runs the sidecar on both ports, with the same access rule.
func (n *node) serveHTTP(c *config.Config, log *slog.Logger) (err error) {
	o := metrics.Options{Server: n.server, Version: version(), Reloads: n.reloads.figures, Log: log}
	if n.users != nil {
		o.Directory = n.users.figures
	}
	if n.fetching != nil {
		o.Keys = n.keyFigures
	}
	if n.bus != nil {
		o.Bus = n.busFigures
	}
	if n.traces != nil {
		o.Traces = n.tracesFigures
	}
	if n.figures, err = metrics.NewHandler(o); err != nil {
		return err
	}
	files := os.DirFS("/")
	n.pressure = newPressure(files)
	n.host.Store(newHostWatch(files, n.port(), n.descriptors, n.pressure))
	n.answerWith(c, log)
	n.sidecar = admin.NewHTTPServer(http.HandlerFunc(n.answer), log, time.Now)
	for _, l := range []net.Listener{
		netutil.LimitListener(n.admin, maxAdminConnections+viewerRoom(n.descriptors)),
		netutil.LimitListener(n.plain, maxPlainConnections),
	} {
		go func() {
			if err := n.sidecar.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				n.failed <- err
			}
		}()
	}
	return nil
}

// answerWith makes the sidecar apply the access rule of this configuration from the next request on.
func (n *node) answerWith(c *config.Config, log *slog.Logger) {
	o := admin.Options{
		Token: c.AdminToken, Tokens: c.NamedAdminTokens(), Changes: &n.changes, Port: n.port(), Log: log, Metrics: n.figures, Traces: n.tracesSink(),
		Checks: []admin.Check{{Name: "memory", Err: n.pressure.err}},
	}
	if n.takesGuests(c) {
		o.Guest = func(username string) (string, error) { return signGuest(c, uuid.New(), username, "", time.Now()) }
	}
	if n.users != nil {
		o.Ledger = n.users.database
		o.Checks = append(o.Checks, admin.Check{Name: "directory", Err: n.users.ready})
	}
	if n.bus != nil {
		o.Checks = append(o.Checks, admin.Check{Name: "cluster", Err: n.server.ClusterFault})
	}
	n.server.Views.Reload(func() { n.answers.Store(admin.NewHandler(n.server, o)) }) // the tokens of viewers may no longer be valid
}

func (n *node) answer(w http.ResponseWriter, r *http.Request) { n.answers.Load().ServeHTTP(w, r) }

// probe answers a health probe on the WebSocket port.
func (n *node) probe(path []byte) (status int, body []byte) {
	if handler := n.answers.Load(); handler != nil {
		return handler.Probe(path)
	}
	return 0, nil
}

// health returns the answer to GET /readyz; nil before the sidecar serves.
func (n *node) health() json.RawMessage {
	if handler := n.answers.Load(); handler != nil {
		return handler.Health()
	}
	return nil
}

// port returns the port WebSocket is served on.
func (n *node) port() int { return n.listener.Addr().(*net.TCPAddr).Port }

// stop stops everything: the event loops, then the workers, which get no more work by then, then the sidecar. Clients
// may hold the sidecar's connections open, so these are closed at the end.
func (n *node) stop() error {
	loops, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	err := n.listener.Stop(loops)
	if err == nil {
		n.server.Close()
	}
	n.dismiss()
	n.server.Views.Stop()
	answers, cancel := context.WithTimeout(context.Background(), lastAnswers)
	defer cancel()
	if n.sidecar.Shutdown(answers) != nil {
		_ = n.sidecar.Close()
	}
	n.stopTraces()
	return err
}

// plainAddr is the local address of connections that are handed over: that of the WebSocket port.
type plainAddr struct{ text string }

// Network returns "tcp".
func (plainAddr) Network() string { return "tcp" }

// String returns the address as it was given.
func (a plainAddr) String() string { return a.text }
