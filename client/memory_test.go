package client

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"net"
	"net/http"
	"runtime"
	"testing"
	"time"
)

// maxBytes is the memory that an idle client may take, the server's end of its socket included.
const maxBytes = 25 << 10

func TestIdleClientsCostLittleMemory(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector takes memory of its own")
	}
	if each := idle(t, 500); each > maxBytes {
		t.Errorf("%d bytes for each client, more than %d", each, maxBytes)
	}
}

// BenchmarkIdleClients holds as many clients as -benchtime says: go test ./client -bench IdleClients -benchtime 10000x
func BenchmarkIdleClients(b *testing.B) {
	if b.N > 1 {
		b.ReportMetric(float64(idle(b, b.N)), "bytes/client")
	}
}

// idle opens so many clients, with sockets of the kernel as in a program, and returns the memory that each takes.
func idle(t testing.TB, clients int) (each int) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	accepted := make(chan net.Conn, clients)
	go acceptAll(listener, accepted)
	before := memory()
	open := make(chan bool, clients)
	ctx, cancel := context.WithCancel(t.Context())
	for range clients {
		c, err := Connect(ctx, "ws://"+listener.Addr().String()+"/ws", Options{Token: "t1", Handler: func(e Event) {
			if s, ok := e.(State); ok && s.Phase == Open {
				open <- true
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { <-c.Done() }()
		select {
		case <-open:
		case <-time.After(time.Minute):
			cancel()
			t.Fatal("a client does not connect:", c.State())
		}
	}
	each = (memory() - before) / clients
	t.Logf("%d bytes for each of %d clients", each, clients)
	cancel() // before the waits, so that all end at once
	for range clients {
		(<-accepted).Close()
	}
	return each
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
