// Command gorilla does the two jobs of bench/echo with net/http and gorilla/websocket: a goroutine for each connection, and a
// broadcast that is framed once and written to each connection under that connection's lock.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"sync"

	"github.com/gorilla/websocket"
)

type member struct {
	conn *websocket.Conn
	mu   sync.Mutex // gorilla allows one writer at a time
}

type room struct {
	mu      sync.RWMutex
	members map[*member]struct{}
}

func main() {
	addr := flag.String("addr", "127.0.0.1:9001", "host:port to listen on")
	broadcast := flag.Bool("broadcast", false, "send every message to every connection")
	flag.Parse()
	r := &room{members: make(map[*member]struct{})}
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	err := http.ListenAndServe(*addr, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		c, err := upgrader.Upgrade(w, q, nil)
		if err != nil {
			return // Upgrade has answered
		}
		m := &member{conn: c}
		if *broadcast {
			r.serve(m)
		} else {
			echo(c)
		}
	}))
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func echo(c *websocket.Conn) {
	defer c.Close()
	for {
		kind, message, err := c.ReadMessage()
		if err != nil || c.WriteMessage(kind, message) != nil {
			return
		}
	}
}

func (r *room) serve(m *member) {
	r.mu.Lock()
	r.members[m] = struct{}{}
	r.mu.Unlock()
	defer r.leave(m)
	for {
		kind, message, err := m.conn.ReadMessage()
		if err != nil {
			return
		}
		prepared, err := websocket.NewPreparedMessage(kind, message)
		if err != nil {
			return
		}
		r.send(prepared)
	}
}

func (r *room) send(message *websocket.PreparedMessage) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for m := range r.members {
		m.mu.Lock()
		_ = m.conn.WritePreparedMessage(message) // its reader reports the error
		m.mu.Unlock()
	}
}

func (r *room) leave(m *member) {
	r.mu.Lock()
	delete(r.members, m)
	r.mu.Unlock()
	m.conn.Close()
}
