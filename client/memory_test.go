package client

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"net"
	"net/http"
	"runtime"
	"testing"
	"time"
)

// TestIdleClientsCostLittleMemory measures clients with sockets of the kernel, as in a process with many: their memory is the heap's and
// the stacks' less that of as many sockets of a server.
func TestIdleClientsCostLittleMemory(t *testing.T) {
	const clients, most = 1000, 25 << 10
	if raceDetector {
		t.Skip("the race detector takes memory of its own")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	accepted := make(chan net.Conn, clients)
	go acceptAll(listener, accepted)
	before := memory()
	open := make(chan bool, clients)
	for range clients {
		c, err := Connect(t.Context(), "ws://"+listener.Addr().String()+"/ws", Options{Token: "t1", Handler: func(e Event) {
			if s, ok := e.(State); ok && s.Phase == Open {
				open <- true
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer c.cancel(nil)
		select {
		case <-open:
		case <-time.After(time.Minute):
			t.Fatal("a client does not connect:", c.State())
		}
	}
	each := (memory() - before) / clients
	t.Logf("%d bytes for each of %d clients, with the server's socket", each, clients)
	if each > most {
		t.Errorf("%d bytes for each client, more than %d", each, most)
	}
	for range clients {
		(<-accepted).Close()
	}
}

// memory returns the bytes of the heap and the stacks that are in use.
func memory() int {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapInuse + m.StackInuse)
}

// acceptAll accepts connections and sends each a welcome and a message.
func acceptAll(listener net.Listener, accepted chan<- net.Conn) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		request, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			continue
		}
		sum := sha1.Sum([]byte(request.Header.Get("Sec-WebSocket-Key") + acceptGUID))
		answer := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + base64.StdEncoding.EncodeToString(sum[:]) + "\r\n\r\n"
		welcome := plainFrame(opText, []byte(`{"message_type":"welcome","data":{"epoch":"e1","broadcast":0,"direct":0,"resumed":false,"reason":"new"}}`))
		_, _ = conn.Write(append([]byte(answer), append(welcome, plainFrame(opText, []byte(`{"message_type":"text","seq":1,"id":"m1"}`))...)...))
		accepted <- conn
	}
}
