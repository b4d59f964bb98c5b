package main

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"momentum/internal/commandline"
)

const description = `Connect to a Momentum server.

Without --token, and without ?token= in the URL, the client signs a token itself. It uses JWT_SECRET from the environment, which
must be the server's.

At the prompt, help lists the commands, and Tab completes them. They can also come from a pipe.

At a terminal, and with --reconnect, the client connects again when the connection is lost, and gets the messages that it has missed.`

// flags is the command line. Scripts use these names.
type flags struct {
	URL        string `name:"url" default:"ws://127.0.0.1:8000/ws" help:"The WebSocket endpoint (ws:// or wss://)."`
	Username   string `default:"guest" help:"The user name in the signed token."`
	Email      string `placeholder:"USERNAME@example.com" help:"The e-mail address in the signed token. The user id is derived from it."`
	Token      string `placeholder:"JWT" help:"Use this token instead of signing one."`
	NoAutoPing onOff  `help:"Do not send automatic ping messages. (--no-auto-ping false: send one every 30 seconds, which is the default.)"`
	Benchmark  onOff  `help:"Send messages without a prompt, then print the results."`
	Messages   int    `default:"100" placeholder:"N" help:"Number of messages that the benchmark sends (default ${default})."`
	Reconnect  onOff  `help:"Connect again after a lost connection, and get what was missed. This is the default at a terminal."`
	JSON       onOff  `name:"json" help:"Print each message and event as a line of JSON."`
	CA         string `name:"ca" type:"path" placeholder:"FILE" help:"Trust the certificates in this PEM file, and no others (wss)."`
	Insecure   onOff  `help:"Accept any certificate (wss). Anybody on the way can then read the token."`
	MaxMessage int    `placeholder:"BYTES" help:"Do not send longer messages than the server takes (0: 65536, as the server's WS_MAX_MESSAGE_BYTES)."`
	Version    onOff  `help:"Print the version and exit."`
	Interval   int    `default:"100" placeholder:"MS" help:"Milliseconds between two messages of the benchmark (default ${default}); 0: no pause."`
}

// onOff is a boolean flag that may stand alone, or be followed by true or false, after a space or "=".
type onOff bool

// IsBool tells kong that the flag may stand alone.
func (onOff) IsBool() bool { return true }

// Decode uses the next word as the value if it is one. Nothing else can follow, because the client has no positional
// arguments.
func (f *onOff) Decode(ctx *kong.DecodeContext) error {
	next := ctx.Scan.Peek()
	word := strings.ToLower(fmt.Sprint(next.Value))
	isOn := slices.Contains([]string{"true", "1", "yes", "on"}, word)
	isOff := slices.Contains([]string{"false", "0", "no", "off"}, word)
	if isOn || isOff {
		ctx.Scan.Pop()
	} else if next.Type == kong.FlagValueToken {
		return fmt.Errorf("%q is neither true nor false", word)
	}
	*f = onOff(!isOff)
	return nil
}

// parseFlags reads and validates args. Help goes to std.out.
func parseFlags(args []string, std streams) (*flags, error) {
	var f flags
	if err := commandline.Parse(&f, "websocket_client", description, args, std.out, std.err); err != nil {
		return nil, err
	}
	return &f, f.validate()
}

func (f *flags) validate() error {
	u, err := url.Parse(f.URL)
	switch {
	case err != nil || u.Host == "" || !slices.Contains([]string{"ws", "wss", "http", "https"}, u.Scheme):
		return errors.New("--url must look like ws://127.0.0.1:8000/ws")
	case f.Token != "" && u.Query().Has("token"):
		return errors.New("--token and --url both have a token: give one")
	case f.Messages < 1:
		return errors.New("--messages must be at least 1")
	case f.MaxMessage < 0:
		return errors.New("--max-message must be 0 or more bytes")
	case f.CA != "" && bool(f.Insecure):
		return errors.New("--ca and --insecure exclude each other")
	case f.Interval < 0:
		return errors.New("--interval must be 0 or more milliseconds")
	}
	return nil
}

func (f *flags) interval() time.Duration { return time.Duration(f.Interval) * time.Millisecond }

// autoPing returns the time between two automatic pings, 0 for none.
func (f *flags) autoPing() time.Duration {
	if f.NoAutoPing {
		return 0
	}
	return autoPingInterval
}

// endpoint is the URL without its query, which may contain a token.
func (f *flags) endpoint() string {
	endpoint, _, _ := strings.Cut(f.URL, "?")
	return endpoint
}
