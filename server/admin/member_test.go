package admin

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/server"
	"momentum/server/auth"
)

// patience bounds every wait for the node.
const patience = 20 * time.Second

// member is a user's connection. It reads frames by hand, so that a test sees the bytes as they were sent.
type member struct {
	id     uuid.UUID
	conn   net.Conn
	reader *bufio.Reader
}

// join connects a user, and returns when the node has them online.
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
	m.say(`{"message_type":"ping"}`)
	m.hear(t, "pong")
	return m
}

// say sends a short text frame, masked with zeros.
func (m *member) say(message string) {
	frame := append([]byte{0x81, 0x80 | byte(len(message)), 0, 0, 0, 0}, message...)
	_, _ = m.conn.Write(frame)
}

// hear returns the next message of a type.
func (m *member) hear(t *testing.T, kind string) string {
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

func TestOnlineIsPaged(t *testing.T) {
	s, addr := newNode(t)
	h := handlerOf(s, "")
	names := map[uuid.UUID]string{}
	for _, name := range []string{"alice", "bob", "carol"} {
		names[join(t, addr, name).id] = name
	}
	var seen []uuid.UUID
	path := "/ws/online?limit=2"
	for _, rows := range []int{2, 1} {
		_, body, _ := call{path: path}.on(t, h)
		var page struct {
			Count int
			Users []server.OnlineUser
			Next  string
		}
		if err := json.Unmarshal([]byte(body), &page); err != nil {
			t.Fatal(err)
		}
		if page.Count != 3 || len(page.Users) != rows || (page.Next == "") != (rows == 1) {
			t.Fatalf("%s: %s", path, body)
		}
		for _, u := range page.Users {
			if u.Username != names[u.UserID] || u.ConnectedAt.IsZero() {
				t.Errorf("%+v", u)
			}
			seen = append(seen, u.UserID)
		}
		path = "/ws/online?limit=2&after=" + page.Next
	}
	if !slices.IsSortedFunc(seen, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }) || len(slices.Compact(seen)) != 3 {
		t.Errorf("the pages show %v, want each user once, in order", seen)
	}
	if _, body, _ := (call{path: "/ws/online?limit=3"}).on(t, h); strings.Contains(body, "next") {
		t.Errorf("a page that holds all promises another: %s", body)
	}
}

// odd is JSON that a decoder and encoder on the way would change.
const odd = `{"b": 1,  "a":"\u00e9<&>", "n":1.0e+2, "big":12345678901234567890}`

func TestDataArrivesByteForByte(t *testing.T) {
	s, addr := newNode(t)
	h := handlerOf(s, "")
	alice, bob := join(t, addr, "alice"), join(t, addr, "bob")
	body := `{"message_type":"notification","data":` + odd + `}`
	if status, answered, _ := (call{method: "POST", path: "/ws/broadcast", body: body}).on(t, h); status != 200 || !strings.Contains(answered, `"connections":2`) {
		t.Fatalf("%d %s", status, answered)
	}
	for _, m := range []*member{alice, bob} {
		if message := m.hear(t, "notification"); !strings.Contains(message, `"data":`+odd) {
			t.Errorf("arrived as %s", message)
		}
	}
}

func TestSendReachesThatUserAlone(t *testing.T) {
	s, addr := newNode(t)
	h := handlerOf(s, "")
	alice, bob := join(t, addr, "alice"), join(t, addr, "bob")
	again := join(t, addr, "alice") // the same user's second connection
	body := `{"to_user_id":"` + alice.id.String() + `","message_type":"text","data":"for alice"}`
	if status, answered, _ := (call{method: "POST", path: "/ws/send", body: body}).on(t, h); status != 200 ||
		!strings.HasPrefix(answered, `{"success":true,`) || !strings.Contains(answered, `"connections":2`) {
		t.Fatalf("%d %s", status, answered)
	}
	alice.hear(t, "text")
	again.hear(t, "text")
	if status, _, _ := (call{method: "POST", path: "/ws/broadcast", body: `{"message_type":"text","data":"for all"}`}).on(t, h); status != 200 {
		t.Fatal(status)
	}
	if message := bob.hear(t, "text"); !strings.Contains(message, "for all") {
		t.Errorf("bob heard %s", message)
	}
}
