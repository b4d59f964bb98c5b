// Command gws does the two jobs of bench/echo with lxzan/gws's event interface and its Broadcaster.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"sync"

	"github.com/lxzan/gws"
)

type handler struct {
	gws.BuiltinEventHandler
	broadcast bool
	mu        sync.RWMutex
	members   map[*gws.Conn]struct{}
}

func main() {
	addr := flag.String("addr", "127.0.0.1:9001", "host:port to listen on")
	broadcast := flag.Bool("broadcast", false, "send every message to every connection")
	flag.Parse()
	h := &handler{broadcast: *broadcast, members: make(map[*gws.Conn]struct{})}
	upgrader := gws.NewUpgrader(h, &gws.ServerOption{CheckUtf8Enabled: true})
	err := http.ListenAndServe(*addr, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		c, err := upgrader.Upgrade(w, q)
		if err != nil {
			return
		}
		go c.ReadLoop() // a goroutine of its own, so that net/http's can end and free the request
	}))
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// OnOpen adds the connection to the members.
func (h *handler) OnOpen(c *gws.Conn) {
	if h.broadcast {
		h.mu.Lock()
		h.members[c] = struct{}{}
		h.mu.Unlock()
	}
}

// OnClose removes it.
func (h *handler) OnClose(c *gws.Conn, _ error) {
	if h.broadcast {
		h.mu.Lock()
		delete(h.members, c)
		h.mu.Unlock()
	}
}

// OnPing answers with a pong.
func (h *handler) OnPing(c *gws.Conn, payload []byte) { _ = c.WritePong(payload) }

// OnMessage echoes or broadcasts a message.
func (h *handler) OnMessage(c *gws.Conn, m *gws.Message) {
	defer m.Close()
	if !h.broadcast {
		_ = c.WriteMessage(m.Opcode, m.Bytes())
		return
	}
	b := gws.NewBroadcaster(m.Opcode, m.Bytes())
	defer b.Close()
	h.mu.RLock()
	defer h.mu.RUnlock()
	for member := range h.members {
		_ = b.Broadcast(member)
	}
}
