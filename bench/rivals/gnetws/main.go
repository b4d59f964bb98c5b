// Command gnetws does the two jobs of bench/echo with gnet and gobwas/ws in the most direct way: a frame is written when it is
// made, and no frames are written together. The difference to bench/echo shows the gain and the cost of netpoll and protocol.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/gobwas/ws"
	"github.com/panjf2000/gnet/v2"
)

type server struct {
	gnet.BuiltinEventEngine
	broadcast bool
	members   map[gnet.Conn]struct{} // there is one loop, so it needs no lock
}

// client is the context of a connection after its handshake.
type client struct{}

func main() {
	addr := flag.String("addr", "127.0.0.1:9001", "host:port to listen on")
	broadcast := flag.Bool("broadcast", false, "send every message to every connection")
	flag.Parse()
	s := &server{broadcast: *broadcast, members: make(map[gnet.Conn]struct{})}
	err := gnet.Run(s, "tcp://"+*addr, gnet.WithNumEventLoop(1), gnet.WithReusePort(true), gnet.WithReuseAddr(true))
	fmt.Fprintln(os.Stderr, "gnet ended:", err)
	os.Exit(1)
}

// OnClose removes the connection.
func (s *server) OnClose(c gnet.Conn, _ error) gnet.Action {
	delete(s.members, c)
	return gnet.None
}

// OnTraffic handles all bytes that have arrived.
func (s *server) OnTraffic(c gnet.Conn) gnet.Action {
	if c.Context() == nil {
		if !s.upgrade(c) {
			return gnet.None
		}
	}
	for {
		done, action := s.frame(c)
		if done {
			return action
		}
	}
}

// upgrade answers the request once it is complete. gobwas reads ahead, so it gets exactly the request.
func (s *server) upgrade(c gnet.Conn) bool {
	b, _ := c.Peek(-1)
	end := bytes.Index(b, []byte("\r\n\r\n"))
	if end < 0 {
		return false
	}
	request := struct {
		io.Reader
		io.Writer
	}{bytes.NewReader(b[:end+4]), c}
	if _, err := (ws.Upgrader{}).Upgrade(request); err != nil {
		c.Close()
		return false
	}
	c.Discard(end + 4)
	c.SetContext(client{})
	if s.broadcast {
		s.members[c] = struct{}{}
	}
	return true
}

// frame handles one frame, if a complete one has arrived.
func (s *server) frame(c gnet.Conn) (done bool, action gnet.Action) {
	b, _ := c.Peek(-1)
	r := bytes.NewReader(b)
	header, err := ws.ReadHeader(r)
	if err != nil || int64(r.Len()) < header.Length {
		return true, gnet.None
	}
	start := len(b) - r.Len()
	payload := b[start : start+int(header.Length)]
	ws.Cipher(payload, header.Mask, 0)
	switch header.OpCode {
	case ws.OpClose:
		_ = ws.WriteFrame(c, ws.NewCloseFrame(payload))
		return true, gnet.Close
	case ws.OpPing:
		_, _ = c.Write(ws.MustCompileFrame(ws.NewPongFrame(payload)))
	case ws.OpText, ws.OpBinary:
		s.message(c, ws.MustCompileFrame(ws.NewFrame(header.OpCode, true, payload)))
	}
	c.Discard(start + len(payload))
	return false, gnet.None
}

func (s *server) message(c gnet.Conn, frame []byte) {
	if !s.broadcast {
		_, _ = c.Write(frame)
		return
	}
	for member := range s.members {
		_, _ = member.Write(frame)
	}
}
