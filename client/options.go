package client

import (
	"context"
	crand "crypto/rand"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"time"
)

const (
	defaultIdle = 60 * time.Second // twice the time after which the server pings a quiet connection, and more

	// defaultMaxSent is the default of the server's WS_MAX_MESSAGE_BYTES. A longer message would end the connection for good (1009).
	defaultMaxSent = 64 << 10

	// defaultMaxReceived is the largest WS_MAX_MESSAGE_BYTES, 512 KiB, and room for the server's own fields.
	defaultMaxReceived = 1 << 20
)

// Options are the settings of a client. The zero value is usable if the URL has a token.
type Options struct {
	// Token is the token. When the server refuses it, the client is closed.
	Token string
	// TokenFunc returns a token, and is called instead: before the first attempt (why is ""), when the token is about to expire
	// ("token_expiring"), and when it has expired or was refused ("close:4001", "token_revoked"). After an error the client waits and
	// calls it again. ctx ends with the client, before an attempt after 10 s, and on an open connection after a minute. A token that comes later is
	// dropped. A call may begin while one that is too late has not returned.
	TokenFunc func(ctx context.Context, why string) (string, error)

	// Bearer sends the token in the header Authorization. Default: as a subprotocol, which fewer logs show and which pages use, too.
	Bearer bool

	// Presence asks on each connection for the users that are online, and keeps them (Users). It costs some 80 bytes for each user, up to 10,000.
	Presence bool

	// Handler is called for each event, one after the other, on a goroutine of the client's. Without it, use Events or Messages.
	Handler func(Event)
	// Raw adds an event for each message of the server, before the message's own.
	Raw bool

	// Dial opens the network connection. Use it for a proxy or a Unix socket. Default: a net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// TLS is for wss. The server's name is added if it lacks.
	TLS *tls.Config
	// Header has further headers of the handshake.
	Header http.Header

	// Idle is the silence after which the client asks the server for a sign of life; it gives the server up 5 seconds later. Default: 60 s.
	Idle time.Duration
	// Position is where an earlier client of the same user was: its Position. Messages from after it come first.
	Position string
	// NoResume connects without a position: missed messages are lost, and nothing says so.
	NoResume bool
	// Grace is for servers that may not know resume: when so much time has passed without a welcome, the connection counts as open. Default: a
	// connection without a welcome is given up after 10 s.
	Grace time.Duration
	// MaxSent is the size in bytes above which the client refuses to send a message ("too_long"). Default: 64 KiB, as the server's.
	MaxSent int
	// MaxReceived is the size in bytes above which a message of the server ends the connection. Default: 1 MiB.
	MaxReceived int
	// Random returns random numbers in [0, 1) for all waits. Default: a generator with a random seed.
	Random func() float64
}

// complete returns the options with defaults for those that are left out.
func (o Options) complete() Options {
	if o.Dial == nil {
		o.Dial = new(net.Dialer).DialContext
	}
	if o.Idle <= 0 {
		o.Idle = defaultIdle
	}
	if o.MaxSent <= 0 {
		o.MaxSent = defaultMaxSent
	}
	if o.MaxReceived <= 0 {
		o.MaxReceived = defaultMaxReceived
	}
	if o.Random == nil {
		var seed [16]byte
		_, _ = crand.Read(seed[:]) // it never fails
		o.Random = rand.New(rand.NewPCG(binary.NativeEndian.Uint64(seed[:8]), binary.NativeEndian.Uint64(seed[8:]))).Float64
	}
	return o
}

// parseURL reads the address of a server. http and https mean ws and wss.
func parseURL(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("the URL cannot be read") // the error would have the URL, which may have a token
	}
	switch u.Scheme {
	case "http", "https":
		u.Scheme = "ws" + u.Scheme[len("http"):]
	case "ws", "wss":
	default:
		return nil, errors.New("the URL must begin with ws:// or wss://")
	}
	if u.Host == "" || u.Fragment != "" {
		return nil, errors.New("the URL must look like ws://127.0.0.1:8000/ws")
	}
	if u.Path == "" {
		u.Path = "/"
	}
	return u, nil
}

// address returns host and port of a URL.
func address(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"ws": "80", "wss": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}
