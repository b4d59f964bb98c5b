// Command coder does the two jobs of bench/echo with coder/websocket on net/http.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"sync"

	"github.com/coder/websocket"
)

type room struct {
	mu      sync.RWMutex
	members map[*websocket.Conn]struct{}
}

func main() {
	addr := flag.String("addr", "127.0.0.1:9001", "host:port to listen on")
	broadcast := flag.Bool("broadcast", false, "send every message to every connection")
	flag.Parse()
	r := &room{members: make(map[*websocket.Conn]struct{})}
	err := http.ListenAndServe(*addr, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		c, err := websocket.Accept(w, q, &websocket.AcceptOptions{InsecureSkipVerify: true})
		if err != nil {
			return // Accept has answered
		}
		c.SetReadLimit(16 << 20)
		if *broadcast {
			r.serve(c)
		} else {
			echo(c)
		}
	}))
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func echo(c *websocket.Conn) {
	defer c.CloseNow()
	ctx := context.Background()
	for {
		kind, message, err := c.Read(ctx)
		if err != nil || c.Write(ctx, kind, message) != nil {
			return
		}
	}
}

func (r *room) serve(c *websocket.Conn) {
	r.mu.Lock()
	r.members[c] = struct{}{}
	r.mu.Unlock()
	defer r.leave(c)
	for {
		kind, message, err := c.Read(context.Background())
		if err != nil {
			return
		}
		r.send(kind, message)
	}
}

func (r *room) send(kind websocket.MessageType, message []byte) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for c := range r.members {
		_ = c.Write(context.Background(), kind, message) // its reader reports the error
	}
}

func (r *room) leave(c *websocket.Conn) {
	r.mu.Lock()
	delete(r.members, c)
	r.mu.Unlock()
	c.CloseNow()
}
