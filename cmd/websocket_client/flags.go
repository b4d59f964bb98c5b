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

const description = `Talk to a Momentum server.

Without --token, and without ?token= in the URL, the client signs a token of its own with the JWT_SECRET of the
environment, which has to be the server's.

The prompt knows text, ping, notification, json, help and quit. Lines may also come from a pipe.`

// flags is the command line. The names are in use in scripts.
type flags struct {
	URL        string `name:"url" default:"ws://127.0.0.1:8000/ws" help:"The WebSocket endpoint (ws:// or wss://)."`
	Username   string `default:"guest" help:"The name to sign into the token."`
	Email      string `placeholder:"USERNAME@example.com" help:"The e-mail address to sign into the token; the user id follows from it."`
	Token      string `placeholder:"JWT" help:"Use this token instead of signing one."`
	NoAutoPing onOff  `help:"Send no ping message of its own accord. (--no-auto-ping false: send one each 30 seconds, which is the default.)"`
	Benchmark  onOff  `help:"Send messages without a prompt, then print what was measured."`
	Messages   int    `default:"100" placeholder:"N" help:"How many messages the benchmark sends (default ${default})."`
	Interval   int    `default:"100" placeholder:"MS" help:"Milliseconds from one message of the benchmark to the next (default ${default}; 0: none)."`
}

// onOff is a flag that may stand alone or be followed by true or false, with a space or with "=".
type onOff bool

// IsBool tells kong that the flag may stand alone.
func (onOff) IsBool() bool { return true }

// Decode takes the next word as the flag's value if it is one. Nothing else can come there: the client has no
// arguments but flags.
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

// parseFlags reads args. Help goes to std.out.
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
		return errors.New("there is a token in --token and another in --url: give one")
	case f.Messages < 1:
		return errors.New("--messages must be at least 1")
	case f.Interval < 0:
		return errors.New("--interval must be 0 or more milliseconds")
	}
	return nil
}

func (f *flags) interval() time.Duration { return time.Duration(f.Interval) * time.Millisecond }

// autoPing returns the time from one automatic ping to the next, 0 for none.
func (f *flags) autoPing() time.Duration {
	if f.NoAutoPing {
		return 0
	}
	return autoPingInterval
}

// endpoint is the URL without its query, for the token in it is a secret.
func (f *flags) endpoint() string {
	endpoint, _, _ := strings.Cut(f.URL, "?")
	return endpoint
}
