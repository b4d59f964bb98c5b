package admin

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/server/auth"
)

// patience bounds every wait for the node.
const patience = 20 * time.Second

// member is a user's connection. It reads frames by hand, so that a test compares the bytes as they were sent.
type member struct {
	id     uuid.UUID
	conn   net.Conn
	reader *bufio.Reader
}

// join connects a user and returns when the user is online.
func join(t *testing.T, addr net.Addr, name string) *member {
	t.Helper()
	m := &member{id: auth.UserID(name + "@example.com")}
	token, err := auth.Sign(secret, auth.Claims{UserID: m.id, Username: name,
		IssuedAt: time.Now().Unix(), ExpiresAt: time.Now().Add(time.Hour).Unix()})
	if err != nil {
		t.Fatal(err)
	}
	if m.conn, err = net.DialTimeout("tcp", addr.String(), patience); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.conn.Close() })
	_ = m.conn.SetDeadline(time.Now().Add(patience))
	fmt.Fprintf(m.conn, "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nAuthorization: Bearer %s\r\n\r\n", token)
	m.reader = bufio.NewReader(m.conn)
	answer, err := http.ReadResponse(m.reader, nil)
	if err != nil || answer.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("handshake: %v, %v", answer, err)
	}
	m.send(`{"message_type":"ping"}`)
	m.receive(t, "pong")
	return m
}

// send sends a short text frame, masked with zeros.
func (m *member) send(message string) {
	frame := append([]byte{0x81, 0x80 | byte(len(message)), 0, 0, 0, 0}, message...)
	_, _ = m.conn.Write(frame)
}

// leave closes the connection, and returns when the node has closed it too.
func (m *member) leave(t *testing.T) {
	t.Helper()
	_, _ = m.conn.Write([]byte{0x88, 0x80, 0, 0, 0, 0})
	if _, err := io.Copy(io.Discard, m.reader); err != nil {
		t.Fatal(err)
	}
	m.conn.Close()
}

// receive returns the next message of a type.
func (m *member) receive(t *testing.T, kind string) string {
	t.Helper()
	for {
		head := make([]byte, 2)
		if _, err := io.ReadFull(m.reader, head); err != nil {
			t.Fatalf("waiting for %s: %v", kind, err)
		}
		length := uint64(head[1])
		if length == 126 {
			extended := make([]byte, 2)
			_, _ = io.ReadFull(m.reader, extended)
			length = uint64(binary.BigEndian.Uint16(extended))
		}
		payload := make([]byte, length)
		if _, err := io.ReadFull(m.reader, payload); err != nil {
			t.Fatal(err)
		}
		if message := string(payload); strings.Contains(message, `"message_type":"`+kind+`"`) {
			return message
		}
	}
}
