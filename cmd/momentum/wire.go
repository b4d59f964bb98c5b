package main

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"runtime"
	"time"

	"github.com/google/uuid"
	"golang.org/x/net/netutil"

	"momentum/netpoll"
	"momentum/server"
	"momentum/server/admin"
	"momentum/server/auth"
	"momentum/server/metrics"
)

const (
	// admissionWorkers check tokens beside the reactors. An HS256 signature takes less than the way to a worker and
	// back, so there are none: see docs/PERFORMANCE.md. What waits for others, as a directory would, needs some.
	admissionWorkers = 0

	// These bound plain HTTP on the admin port and on the WebSocket port, where some may also wait. All come
	// out of reservedDescriptors, beside the 32 connections that may linger while they are turned away.
	mostAdminConnections = 16
	mostPlainConnections = 24
	mostPlainWaiting     = 8
)

// node is a server with its listeners.
type node struct {
	server   *server.Server
	listener *netpoll.Listener
	admin    net.Listener
	plain    *admin.Handoff
	sidecar  *http.Server
	failed   chan error // the sidecar's end, if nobody asked for it
	most     int        // connections
}

// startNode wires the parts together, in the order in which they need each other.
func startNode(c *Config, logs func(part string) *slog.Logger) (*node, error) {
	descriptors, err := raiseDescriptorLimit()
	if err != nil {
		return nil, err
	}
	reactors := c.Reactors
	if reactors == 0 {
		reactors = runtime.GOMAXPROCS(0)
	}
	netpoll.SpareProcessor(reactors)
	n := &node{failed: make(chan error, 2), most: c.connectionCap(descriptors, reactors)}
	n.plain = admin.ConnListener(plainAddr{c.Listen()}, mostPlainWaiting)
	options := c.serverOptions(reactors, n, logs)
	options.MaxSockets = socketRoom(descriptors, reactors)
	if n.server, err = server.New(options); err != nil {
		return nil, err
	}
	if n.admin, err = net.Listen("tcp", c.AdminAddr); err != nil {
		return nil, err
	}
	if n.listener, err = n.server.Listen(c.Listen()); err != nil {
		return nil, errors.Join(err, n.admin.Close())
	}
	if err := n.serveHTTP(c, logs("admin")); err != nil {
		return nil, errors.Join(err, n.stop())
	}
	return n, nil
}

func (c *Config) serverOptions(reactors int, n *node, logs func(part string) *slog.Logger) server.Options {
	return server.Options{
		Reactors:          reactors,
		MaxConnections:    n.most,
		MaxPerUser:        c.MaxPerUser,
		MaxPerAddress:     c.MaxPerAddress,
		TrustedProxies:    c.proxies(),
		MaxMessageBytes:   c.MaxMessageBytes,
		HandshakeRate:     c.HandshakeRate,
		RateLimit:         c.RateLimit,
		Compression:       c.Compression,
		Origins:           c.origins(),
		AdmissionWorkers:  admissionWorkers,
		HeartbeatInterval: c.HeartbeatInterval,
		HeartbeatTimeout:  c.HeartbeatTimeout,
		ConnectionTimeout: c.ConnectionTimeout,
		CleanupInterval:   c.CleanupInterval,
		DrainWindow:       c.DrainTimeout,
		Verifier:          auth.NewVerifier([]byte(c.JWTSecret), time.Now),
		HandOff:           n.takePlain,
		Log:               logs("server"),
		NetLog:            logs("netpoll"),
		Now:               time.Now,
		NewID:             uuid.New,
		Seed:              rand.Uint64(),
		Outbound:          netpoll.DefaultOutbound,
	}
}

// takePlain gives a plain HTTP connection that came to the WebSocket port to the sidecar.
func (n *node) takePlain(fd int, arrived []byte, proxied bool) bool {
	c, err := netpoll.Adopt(fd, arrived)
	if err != nil {
		return false
	}
	if proxied {
		c = admin.Proxied(c)
	}
	if !n.plain.Offer(c) {
		c.Close()
		return false
	}
	return true
}

// serveHTTP runs the sidecar on both ports, under one access rule.
func (n *node) serveHTTP(c *Config, log *slog.Logger) error {
	shown, err := metrics.NewHandler(metrics.Options{Server: n.server, Version: version(), Log: log})
	n.sidecar = admin.NewHTTPServer(admin.NewHandler(n.server, admin.Options{
		Token: c.AdminToken, Port: n.port(), Log: log, Metrics: shown,
		Checks: []admin.Check{{Name: "memory", Err: newPressure(os.DirFS("/")).err}},
	}), log)
	if err != nil {
		return err
	}
	for _, l := range []net.Listener{
		netutil.LimitListener(n.admin, mostAdminConnections),
		netutil.LimitListener(n.plain, mostPlainConnections),
	} {
		go func() {
			if err := n.sidecar.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				n.failed <- err
			}
		}()
	}
	return nil
}

// port returns the port WebSocket is served on.
func (n *node) port() int { return n.listener.Addr().(*net.TCPAddr).Port }

// stop ends everything, whatever is still open: the event loops, then the workers they can no longer give
// anything to, then the sidecar, whose connections may be held open by anybody and are closed in the end.
func (n *node) stop() error {
	loops, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	err := n.listener.Stop(loops)
	if err == nil {
		n.server.Close()
	}
	answers, cancel := context.WithTimeout(context.Background(), lastAnswers)
	defer cancel()
	if n.sidecar.Shutdown(answers) != nil {
		_ = n.sidecar.Close()
	}
	return err
}

// plainAddr is the address of connections that are handed over: the WebSocket port's.
type plainAddr struct{ text string }

// Network returns "tcp".
func (plainAddr) Network() string { return "tcp" }

// String returns the address as it was given.
func (a plainAddr) String() string { return a.text }
