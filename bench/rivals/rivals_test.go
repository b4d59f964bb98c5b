// Package rivals holds the servers that ours is compared with, each a command of its own. Its tests run the servers that
// build.sh has built, and show that they do the work for which they are measured: the generator only counts bytes.
package rivals

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/coder/websocket"
)

var servers = map[string][]string{
	"gorilla": {"bin/gorilla"},
	"gws":     {"bin/gws"},
	"nbio":    {"bin/nbio"},
	"coder":   {"bin/coder"},
	"gnetws":  {"bin/gnetws"},
	"floor":   {"bin/floor"},
	"bun":     {"bin/bun/bun", "bin/bun/server.js"},
	"nodews":  {"node", "bin/nodews/server.js"},
}

// start starts a server, or skips the test if it is not built.
func start(t *testing.T, command []string, flags ...string) string {
	t.Helper()
	if _, err := os.Stat(command[len(command)-1]); err != nil {
		t.Skip("not built: run build.sh")
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	program := command[0]
	if filepath.Base(program) != program {
		program = "./" + program
	}
	c := exec.Command(program, append(append(command[1:len(command):len(command)], "--addr", addr), flags...)...)
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	return addr
}

// dial connects, and tries again until the server listens.
func dial(ctx context.Context, t *testing.T, url string) *websocket.Conn {
	t.Helper()
	for {
		c, _, err := websocket.Dial(ctx, "ws://"+url, nil)
		if err == nil {
			t.Cleanup(func() { c.CloseNow() })
			return c
		}
		select {
		case <-ctx.Done():
			t.Fatal(err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// same reports whether the received payload is the one that was sent. The floor sends payloads on masked, so only their size
// is compared.
func same(name string, got, want []byte) bool {
	return bytes.Equal(got, want) || name == "floor" && len(got) == len(want)
}

func TestEchoes(t *testing.T) {
	for name, command := range servers {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			c := dial(ctx, t, start(t, command))
			for _, size := range []int{1, 32, 125, 126, 512, 5000} {
				for _, kind := range []websocket.MessageType{websocket.MessageText, websocket.MessageBinary} {
					sent := bytes.Repeat([]byte("x"), size)
					if err := c.Write(ctx, kind, sent); err != nil {
						t.Fatal(err)
					}
					got, payload, err := c.Read(ctx)
					if err != nil || got != kind || !same(name, payload, sent) {
						t.Fatalf("sent %v of %d bytes, got %v of %d, %v", kind, size, got, len(payload), err)
					}
				}
			}
		})
	}
}

func TestBroadcastsReachAllClientsAndTheSender(t *testing.T) {
	for name, command := range servers {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			addr := start(t, command, "--broadcast")
			all := []*websocket.Conn{dial(ctx, t, addr), dial(ctx, t, addr), dial(ctx, t, addr)}
			<-time.After(100 * time.Millisecond) // some servers answer a handshake before they include the connection in broadcasts
			for round := range 20 {
				sent := bytes.Repeat([]byte("y"), 100+round)
				if err := all[round%3].Write(ctx, websocket.MessageText, sent); err != nil {
					t.Fatal(err)
				}
				for _, c := range all {
					if _, payload, err := c.Read(ctx); err != nil || !same(name, payload, sent) {
						t.Fatalf("sent %d bytes, got %d, %v", len(sent), len(payload), err)
					}
				}
			}
		})
	}
}

// TestUsersGetTheirMessages: one with to_user_id goes to that user, any other to all other users.
func TestUsersGetTheirMessages(t *testing.T) {
	for _, name := range []string{"bun", "nodews"} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			addr := start(t, servers[name], "--users")
			a, b, c := dial(ctx, t, addr+"/?user=a"), dial(ctx, t, addr+"/?user=b"), dial(ctx, t, addr+"/?user=c")
			<-time.After(100 * time.Millisecond) // as above
			send(ctx, t, a, `{"to_user_id":"b"}`)
			send(ctx, t, a, `{"to_user_id":"nobody"}`)
			send(ctx, t, a, `{"n":1}`)
			send(ctx, t, b, `{"n":2}`)
			expect(ctx, t, b, `{"to_user_id":"b"}`, `{"n":1}`)
			expect(ctx, t, c, `{"n":1}`, `{"n":2}`)
			expect(ctx, t, a, `{"n":2}`)
		})
	}
}

func TestTopicsReachTheirOtherMembers(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	addr := start(t, servers["bun"], "--topics")
	a, b, c := dial(ctx, t, addr), dial(ctx, t, addr), dial(ctx, t, addr)
	for member, subscription := range map[*websocket.Conn]string{a: `{"data":{"topics":["x","y"]}}`, b: `{"data":{"topics":["x"]}}`} {
		send(ctx, t, member, subscription)
		expect(ctx, t, member, subscription)
	}
	send(ctx, t, a, `{"topic":"x"}`)
	send(ctx, t, c, `{"topic":"y"}`)
	expect(ctx, t, a, `{"topic":"y"}`)
	expect(ctx, t, b, `{"topic":"x"}`)
}

func send(ctx context.Context, t *testing.T, c *websocket.Conn, text string) {
	t.Helper()
	if err := c.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// expect reads messages in their order.
func expect(ctx context.Context, t *testing.T, c *websocket.Conn, want ...string) {
	t.Helper()
	for _, text := range want {
		if _, got, err := c.Read(ctx); err != nil || string(got) != text {
			t.Fatalf("got %s, %v, want %s", got, err, text)
		}
	}
}
