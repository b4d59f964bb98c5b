// Command nbio does the two jobs of bench/echo with lesismal/nbio's pollers and its own HTTP parser.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/lesismal/nbio/nbhttp"
	"github.com/lesismal/nbio/nbhttp/websocket"
)

type room struct {
	mu      sync.RWMutex
	members map[*websocket.Conn]struct{}
}

func main() {
	addr := flag.String("addr", "127.0.0.1:9001", "host:port to listen on")
	broadcast := flag.Bool("broadcast", false, "send every message to every connection")
	flag.Parse()
	engine := nbhttp.NewEngine(nbhttp.Config{
		Network: "tcp", Addrs: []string{*addr},
		IOMod:   nbhttp.IOModNonBlocking,
		MaxLoad: 1 << 20,
		Handler: serve(upgrader(*broadcast)),
	})
	if err := engine.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, os.Interrupt, syscall.SIGTERM)
	<-asked
	engine.Stop()
}

func serve(u *websocket.Upgrader) http.HandlerFunc {
	return func(w http.ResponseWriter, q *http.Request) {
		_, _ = u.Upgrade(w, q, nil) // it answers errors
	}
}

func upgrader(broadcast bool) *websocket.Upgrader {
	u := websocket.NewUpgrader()
	u.CheckOrigin = func(*http.Request) bool { return true }
	u.KeepaliveTime = 0
	if !broadcast {
		u.OnMessage(func(c *websocket.Conn, kind websocket.MessageType, message []byte) {
			_ = c.WriteMessage(kind, message)
		})
		return u
	}
	r := &room{members: make(map[*websocket.Conn]struct{})}
	u.OnOpen(r.join)
	u.OnMessage(r.send)
	u.OnClose(r.leave)
	return u
}

func (r *room) join(c *websocket.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.members[c] = struct{}{}
}

func (r *room) leave(c *websocket.Conn, _ error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.members, c)
}

func (r *room) send(_ *websocket.Conn, kind websocket.MessageType, message []byte) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for c := range r.members {
		_ = c.WriteMessage(kind, message)
	}
}
