package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	coder "github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"

	"momentum/server/auth"
)

// These tests connect independent WebSocket libraries to the server: coder/websocket, gorilla/websocket and, in a process of
// its own, ws for Node.js.

func TestCoderWebSocketAsClient(t *testing.T) { meet(t, dialCoder) }

func TestGorillaWebSocketAsClient(t *testing.T) { meet(t, dialGorilla) }

func TestNodeWSAsClient(t *testing.T) {
	client := filepath.Join(installNode(t, "nodews"), "client.js")
	meet(t, func(t *testing.T, c call) *talker { return dialNodeWS(t, client, c) })
}

// call is a client's request for a connection.
type call struct {
	url          string
	header       http.Header
	subprotocols []string
	deflate      bool // offer permessage-deflate, and compress everything if the server agrees
}

// dialer connects with one library.
type dialer func(*testing.T, call) *talker

// talker is a client with one of the libraries. The library fills the channels.
type talker struct {
	answer http.Header          // of the handshake
	texts  chan []byte          // text messages, in order
	ended  chan ending          // one value, when the connection has ended
	send   func([]byte) error   // sends one text message, which need not be UTF-8
	ping   func() error         // sends a ping frame and waits for its pong
	leave  func(code int) error // sends a close frame
	wire   func() traffic       // the bytes of the connection, once it has ended
}

// traffic counts the bytes of a client's socket, including the handshake.
type traffic struct{ read, written int64 }

// counted is a socket that counts its bytes.
type counted struct {
	net.Conn
	in, out atomic.Int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.in.Add(int64(n))
	return n, err
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.out.Add(int64(n))
	return n, err
}

func (c *counted) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	var err error
	c.Conn, err = (&net.Dialer{}).DialContext(ctx, network, addr)
	return c, err
}

func (c *counted) traffic() traffic { return traffic{c.in.Load(), c.out.Load()} }

// ending is the server's close frame. Without one, code is 0 and text is the error.
type ending struct {
	code int
	text string
}

func newTalker() *talker {
	const texts = 64 // more than a test leaves unread
	return &talker{texts: make(chan []byte, texts), ended: make(chan ending, 1)}
}

// The three places of a token in a request.
var tokenPlaces = []string{"header", "query", "subprotocol"}

// call puts the token in its place.
func (s *serving) call(place, token string, deflate bool) call {
	c := call{url: "ws://" + s.ws + "/ws", header: http.Header{}, deflate: deflate}
	switch place {
	case "header":
		c.header.Set("Authorization", "Bearer "+token)
	case "query":
		c.url += "?token=" + token
	case "subprotocol":
		c.subprotocols = []string{"momentum", token}
	}
	return c
}

// signFor returns a token for a user.
func signFor(t *testing.T, name string) string {
	t.Helper()
	token, err := auth.Sign([]byte(testSecret), auth.Claims{
		UserID: auth.UserID(name), Username: name, ExpiresAt: time.Now().Add(time.Hour).Unix(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// meet runs all checks with one library, with compression and without.
func meet(t *testing.T, dial dialer) {
	for _, deflate := range []bool{false, true} {
		for _, place := range tokenPlaces {
			t.Run(fmt.Sprintf("deflate=%v/token in %s", deflate, place), func(t *testing.T) { converse(t, dial, place, deflate) })
		}
		t.Run(fmt.Sprintf("deflate=%v/offences", deflate), func(t *testing.T) { offend(t, dial, deflate) })
	}
}

// converse has two users send, ping and close.
func converse(t *testing.T, dial dialer, place string, deflate bool) {
	s := serve(t)
	alice := connect(t, dial, s, "alice", place, deflate)
	bob := connect(t, dial, s, "bob", place, deflate)
	alice.hear(t, "user_joined")
	for name, said := range map[string]string{
		"small": "Hello!",
		"60 KB": strings.Repeat("sixty thousand bytes in lines; ", 60<<10/31),
		"words": "Grüße, 世界, Привет, \U0001f30d \u0000 \u2028 \"\\",
	} {
		t.Run(name, func(t *testing.T) {
			tell(t, alice, bob, "alice", said)
			tell(t, bob, alice, "bob", said+" too")
		})
	}
	for _, c := range []*talker{alice, bob} {
		if err := c.ping(); err != nil {
			t.Errorf("ping frame: %v", err)
		}
		c.say(t, `{"id":"p1","message_type":"ping","data":[1,"two"]}`)
		if pong := c.hear(t, "pong"); pong.ID != "p1" || string(pong.Data) != `[1,"two"]` {
			t.Errorf("the pong has id %q and data %s, want those of the ping", pong.ID, pong.Data)
		}
		if err := c.leave(1000); err != nil {
			t.Errorf("close frame: %v", err)
		}
		c.wantEnd(t, 1000)
		wantCompressed(t, c, deflate)
	}
}

// wantCompressed checks the traffic of a client's connection. Each client has sent and received one message of 60 KB, which takes
// fewer bytes only if it is compressed (RSV1, RFC 7692 §6). The agreement alone does not show that compression is used.
func wantCompressed(t *testing.T, c *talker, deflate bool) {
	t.Helper()
	const most, least = 30 << 10, 60 << 10
	w := c.wire()
	if deflate && (w.read > most || w.written > most) || !deflate && (w.read < least || w.written < least) {
		t.Errorf("deflate %v: the client read %d bytes and wrote %d", deflate, w.read, w.written)
	}
}

// connect dials, and checks the answer to the handshake.
func connect(t *testing.T, dial dialer, s *serving, name, place string, deflate bool) *talker {
	t.Helper()
	token := signFor(t, name)
	c := dial(t, s.call(place, token, deflate))
	want := ""
	if place == "subprotocol" {
		want = "momentum"
	}
	if got := strings.Join(c.answer.Values("Sec-WebSocket-Protocol"), ","); got != want {
		t.Errorf("the server selects the subprotocol %q, want %q", got, want)
	}
	if strings.Contains(fmt.Sprint(c.answer), token) {
		t.Errorf("the answer repeats the token: %v", c.answer)
	}
	agreed := c.answer.Get("Sec-WebSocket-Extensions")
	if !deflate && agreed != "" {
		t.Errorf("RFC 6455 §9.1: the server agrees to %q, which was not offered", agreed)
	}
	if deflate && !strings.HasPrefix(agreed, "permessage-deflate") {
		t.Errorf("%s offers permessage-deflate, the server agrees to %q", name, agreed)
	}
	return c
}

// offend breaks each rule for messages on a new connection, and checks the close code.
func offend(t *testing.T, dial dialer, deflate bool) {
	const tooLong = 70 << 10 // the server takes 64 KiB, inflated
	s := serve(t)
	for _, tt := range []struct {
		name, text string
		code       int
	}{
		{"RFC 6455 §7.4.1 oversized", `{"message_type":"text","data":"` + strings.Repeat("a", tooLong) + `"}`, 1009},
		{"RFC 6455 §8.1 not UTF-8", "{\"message_type\":\"text\",\"data\":\"\xc3\x28\"}", 1007},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := connect(t, dial, s, "eve", "header", deflate)
			if err := c.send([]byte(tt.text)); err != nil {
				t.Logf("the server closed before all was sent: %v", err)
			}
			c.wantEnd(t, tt.code)
		})
	}
}

// message is a received message, parsed.
type message struct {
	ID   string          `json:"id"`
	Type string          `json:"message_type"`
	From string          `json:"from_user_id"`
	Data json.RawMessage `json:"data"`
}

// tell sends a message from one client to another, which must receive it unchanged and with the sender's id.
func tell(t *testing.T, from, to *talker, name, words string) {
	t.Helper()
	data, err := json.Marshal(map[string]string{"content": words})
	if err != nil {
		t.Fatal(err)
	}
	from.say(t, `{"message_type":"text","data":`+string(data)+`}`)
	heard := to.hear(t, "text")
	if !bytes.Equal(heard.Data, data) {
		t.Errorf("sent %.80q (%d bytes), received %.80q (%d bytes)", data, len(data), heard.Data, len(heard.Data))
	}
	if heard.From != auth.UserID(name).String() {
		t.Errorf("the message is from %s, want %s", heard.From, name)
	}
}

func (c *talker) say(t *testing.T, text string) {
	t.Helper()
	if err := c.send([]byte(text)); err != nil {
		t.Fatal(err)
	}
}

// hear returns the next message, which must be of a type. Only presence messages may come before it.
func (c *talker) hear(t *testing.T, kind string) (m message) {
	t.Helper()
	late := time.After(patience)
	for {
		select {
		case text := <-c.texts:
			m = message{}
			if err := json.Unmarshal(text, &m); err != nil {
				t.Fatalf("%v: %.200q", err, text)
			}
			if m.Type == kind {
				return m
			}
			if m.Type != "user_joined" && m.Type != "user_left" {
				t.Fatalf("received %.200q, want %s", text, kind)
			}
		case end := <-c.ended:
			t.Fatalf("ended with %d %q, want a message of type %s", end.code, end.text, kind)
		case <-late:
			t.Fatalf("no %s within %v", kind, patience)
		}
	}
}

func (c *talker) wantEnd(t *testing.T, code int) {
	t.Helper()
	select {
	case end := <-c.ended:
		if end.code != code {
			t.Errorf("ended with %d %q, want the server to close with %d", end.code, end.text, code)
		}
	case <-time.After(patience):
		t.Errorf("the connection did not end within %v, want a close with %d", patience, code)
	}
}

func dialCoder(t *testing.T, c call) *talker {
	t.Helper()
	socket := &counted{}
	options := &coder.DialOptions{
		HTTPHeader: c.header, Subprotocols: c.subprotocols, CompressionMode: coder.CompressionDisabled,
		HTTPClient: &http.Client{Transport: &http.Transport{DialContext: socket.dial}},
	}
	if c.deflate {
		options.CompressionMode, options.CompressionThreshold = coder.CompressionContextTakeover, 1
	}
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	conn, answer, err := coder.Dial(ctx, c.url, options)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(-1)
	t.Cleanup(func() { _ = conn.CloseNow() })
	k := newTalker()
	k.answer, k.wire = answer.Header, socket.traffic
	k.send = func(text []byte) error { return conn.Write(t.Context(), coder.MessageText, text) }
	k.ping = func() error {
		ctx, stop := context.WithTimeout(t.Context(), patience)
		defer stop()
		return conn.Ping(ctx)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		k.readCoder(t.Context(), conn)
	}()
	k.leave = func(code int) error {
		err := conn.Close(coder.StatusCode(code), "") // nil: a close frame with that code came back
		<-read
		if err == nil && len(k.ended) == 0 {
			k.ended <- ending{code: code}
		}
		return err
	}
	return k
}

// readCoder does not report the end if Close, which reads as well, has received the server's close frame.
func (c *talker) readCoder(ctx context.Context, conn *coder.Conn) {
	for {
		_, text, err := conn.Read(ctx)
		if closed := (coder.CloseError{}); errors.As(err, &closed) {
			c.ended <- ending{int(closed.Code), closed.Reason}
			return
		}
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			c.ended <- ending{text: err.Error()}
			return
		}
		c.texts <- text
	}
}

func dialGorilla(t *testing.T, c call) *talker {
	t.Helper()
	socket := &counted{}
	with := gorilla.Dialer{
		HandshakeTimeout: patience, Subprotocols: c.subprotocols, EnableCompression: c.deflate, NetDialContext: socket.dial,
	}
	conn, answer, err := with.Dial(c.url, c.header)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	const payload = "are you there?"
	pongs := make(chan string, 1)
	conn.SetPongHandler(func(said string) error {
		pongs <- said
		return nil
	})
	k := newTalker()
	k.answer, k.wire = answer.Header, socket.traffic
	k.send = func(text []byte) error { return conn.WriteMessage(gorilla.TextMessage, text) }
	k.ping = func() error {
		if err := conn.WriteControl(gorilla.PingMessage, []byte(payload), time.Now().Add(patience)); err != nil {
			return err
		}
		return awaitPong(pongs, payload)
	}
	k.leave = func(code int) error {
		return conn.WriteControl(gorilla.CloseMessage, gorilla.FormatCloseMessage(code, ""), time.Now().Add(patience))
	}
	go k.readGorilla(conn)
	return k
}

func (c *talker) readGorilla(conn *gorilla.Conn) {
	for {
		_, text, err := conn.ReadMessage()
		if closed := (*gorilla.CloseError)(nil); errors.As(err, &closed) && closed.Code != gorilla.CloseAbnormalClosure {
			c.ended <- ending{closed.Code, closed.Text}
			return
		}
		if err != nil {
			c.ended <- ending{text: err.Error()}
			return
		}
		c.texts <- text
	}
}

// awaitPong waits for the answer to a ping with that payload (RFC 6455 §5.5.3).
func awaitPong(pongs <-chan string, payload string) error {
	select {
	case got := <-pongs:
		if got != payload {
			return fmt.Errorf("the pong carries %q, want %q", got, payload)
		}
		return nil
	case <-time.After(patience):
		return fmt.Errorf("no pong within %v", patience)
	}
}

// nodeEvent is a line that the Node.js client prints.
type nodeEvent struct {
	Event   string
	Headers map[string]string
	Payload []byte // base64 in JSON, as the client writes it
	Message string
	Code    int
	Read    int64 // bytes of the socket, in the event close
	Written int64
}

// nodeCommand is a line that the Node.js client executes.
type nodeCommand struct {
	Command string `json:"command"`
	Payload []byte `json:"payload,omitempty"`
	Code    int    `json:"code,omitempty"`
}

func dialNodeWS(t *testing.T, client string, c call) *talker {
	t.Helper()
	headers := map[string]string{}
	for name := range c.header {
		headers[name] = c.header.Get(name)
	}
	how, err := json.Marshal(map[string]any{"url": c.url, "headers": headers, "protocols": append([]string{}, c.subprotocols...), "deflate": c.deflate})
	if err != nil {
		t.Fatal(err)
	}
	node := exec.Command("node", client, string(how))
	node.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // a killed test leaves no process running
	var complaints bytes.Buffer
	node.Stderr = &complaints
	commands, err := node.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	events, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = node.Process.Kill()
		_ = node.Wait()
		if t.Failed() {
			t.Logf("node complained: %s", complaints.String())
		}
	})
	return driveNodeWS(t, json.NewEncoder(commands), bufio.NewScanner(events))
}

// driveNodeWS waits until the Node.js client is connected, and sends through it.
func driveNodeWS(t *testing.T, commands *json.Encoder, events *bufio.Scanner) *talker {
	t.Helper()
	const payload = "are you there?"
	k, opened, pongs := newTalker(), make(chan http.Header, 1), make(chan string, 1)
	k.send = func(text []byte) error { return commands.Encode(nodeCommand{Command: "text", Payload: text}) }
	k.ping = func() error {
		if err := commands.Encode(nodeCommand{Command: "ping", Payload: []byte(payload)}); err != nil {
			return err
		}
		return awaitPong(pongs, payload)
	}
	k.leave = func(code int) error { return commands.Encode(nodeCommand{Command: "close", Code: code}) }
	events.Buffer(nil, 1<<20) // a line is at most a message in base64
	carried := make(chan traffic, 1)
	k.wire = func() (t traffic) {
		select {
		case t = <-carried:
		default: // it did not end
		}
		return t
	}
	go k.readNodeWS(events, opened, pongs, carried)
	select {
	case k.answer = <-opened:
	case end := <-k.ended:
		t.Fatalf("node could not connect: %d %s", end.code, end.text)
	case <-time.After(patience):
		t.Fatalf("node did not connect within %v", patience)
	}
	return k
}

func (c *talker) readNodeWS(lines *bufio.Scanner, opened chan<- http.Header, pongs chan<- string, carried chan<- traffic) {
	trouble := "node ended without a word"
	for lines.Scan() {
		var e nodeEvent
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			trouble = err.Error()
			continue
		}
		switch e.Event {
		case "open":
			answer := http.Header{}
			for name, value := range e.Headers {
				answer.Set(name, value)
			}
			opened <- answer
		case "text":
			c.texts <- e.Payload
		case "pong":
			pongs <- string(e.Payload)
		case "close":
			if e.Code == gorilla.CloseAbnormalClosure { // ws says so when no close frame came
				e.Code, e.Message = 0, trouble
			}
			carried <- traffic{e.Read, e.Written}
			c.ended <- ending{e.Code, e.Message}
			return
		default:
			trouble = e.Event + " " + e.Message
		}
	}
	c.ended <- ending{text: trouble}
}
