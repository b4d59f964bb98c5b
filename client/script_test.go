package client

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// script is a server that does what a case of the table says, and records what clients do.
type script struct {
	start    time.Time
	attempts []attempt
	stop     chan struct{}
	sockets  sync.WaitGroup

	mu       sync.Mutex
	open     int // sockets now, and at most at once
	most     int
	next     int
	over     bool // nothing is recorded any more
	requests []map[string]any
	sent     []map[string]any
	started  []float64
	conns    []net.Conn
}

// attempt is what the server does with one attempt to connect.
type attempt struct {
	Refuse *struct {
		Status     int
		Code       string
		RetryAfter *json.Number `json:"retry_after"`
	}
	Lost, Silent bool
	Delay        float64 // before the answer to the handshake
	Open         *opened
}

// timed is a message of the server, so many seconds after the welcome.
type timed struct {
	After   float64
	Message json.RawMessage
}

// opened is an accepted connection.
type opened struct {
	Welcome *json.RawMessage
	Epoch   string // the server's, if it is another one than before
	Send    []timed
	End     *struct {
		After float64
		Cut   bool
		Close *struct {
			Code   int
			Reason string
		}
	}
	Replies   []any
	Requests  []any // answers to messages without ack, in turn
	Topics    map[string]any
	Mute      bool
	Who       []json.RawMessage // answers to who, in turn
	noWelcome bool
}

// UnmarshalJSON tells a welcome of null from none.
func (o *opened) UnmarshalJSON(text []byte) error {
	type plain opened
	var names map[string]json.RawMessage
	if err := json.Unmarshal(text, &names); err != nil {
		return err
	}
	o.noWelcome = string(names["welcome"]) == "null"
	return json.Unmarshal(text, (*plain)(o))
}

func newScript(attempts []attempt) *script {
	return &script{start: time.Now(), attempts: attempts, stop: make(chan struct{})}
}

// close ends all connections and waits for their goroutines.
func (s *script) close() {
	close(s.stop)
	s.mu.Lock()
	for _, conn := range s.conns {
		conn.Close()
	}
	s.mu.Unlock()
	s.sockets.Wait()
}

func (s *script) at() float64 { return time.Since(s.start).Round(time.Microsecond).Seconds() }

// dial is the client's Dial.
func (s *script) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	s.mu.Lock()
	defer s.mu.Unlock()
	number := s.next
	s.next++
	s.open++
	s.most = max(s.most, s.open)
	s.started = append(s.started, s.at())
	s.conns = append(s.conns, ours)
	s.sockets.Go(func() {
		s.serve(ours, number)
		ours.Close()
	})
	return &counted{Conn: theirs, script: s}, nil
}

// counted is a client's end of a connection, which counts until it is closed.
type counted struct {
	net.Conn
	script *script
	once   sync.Once
}

func (c *counted) Close() error {
	c.once.Do(func() {
		c.script.mu.Lock()
		defer c.script.mu.Unlock()
		c.script.open--
	})
	return c.Conn.Close()
}

func (s *script) serve(conn net.Conn, number int) {
	reader := bufio.NewReader(conn)
	request, err := http.ReadRequest(reader)
	if err != nil {
		return
	}
	_, token, _ := strings.Cut(request.Header.Get("Sec-WebSocket-Protocol"), ", ")
	resume := request.URL.Query().Get("resume")
	s.mu.Lock()
	if !s.over {
		s.requests = append(s.requests, map[string]any{"at": s.at(), "resume": resume, "token": token})
	}
	s.mu.Unlock()
	a := s.attempts[min(number, len(s.attempts)-1)]
	select {
	case <-time.After(time.Duration(a.Delay * float64(time.Second))):
	case <-s.stop:
		return
	}
	switch {
	case a.Silent:
		_, _ = io.Copy(io.Discard, reader)
	case a.Refuse != nil:
		_, _ = io.WriteString(conn, refusal(a))
	case a.Open != nil:
		p := &peer{script: s, opened: *a.Open, conn: conn, reader: reader, number: number + 1}
		p.serve(request, resume)
	}
}

func refusal(a attempt) string {
	body := "a proxy says no"
	if a.Refuse.Code != "" {
		body = fmt.Sprintf(`{"error":%q,"message":"do something about it"}`, a.Refuse.Code)
	}
	wait := ""
	if a.Refuse.RetryAfter != nil {
		wait = fmt.Sprintf("Retry-After: %s\r\n", *a.Refuse.RetryAfter)
	}
	return fmt.Sprintf("HTTP/1.1 %d %s\r\nConnection: close\r\n%sContent-Length: %d\r\n\r\n%s",
		a.Refuse.Status, http.StatusText(a.Refuse.Status), wait, len(body), body)
}

// peer is the server's end of a connection.
type peer struct {
	*script
	opened
	conn    net.Conn
	reader  *bufio.Reader
	number  int
	request string // id of the last subscribe; under the script's mu
	writing sync.Mutex
	acked   int
	pending [][]byte // answers; under the script's mu
}

func (p *peer) serve(request *http.Request, resume string) {
	sum := sha1.Sum([]byte(request.Header.Get("Sec-WebSocket-Key") + acceptGUID))
	chosen := ""
	if request.Header.Get("Sec-WebSocket-Protocol") != "" {
		chosen = "Sec-WebSocket-Protocol: momentum\r\n"
	}
	_, _ = fmt.Fprintf(p.conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n%s\r\n",
		base64.StdEncoding.EncodeToString(sum[:]), chosen)
	if !p.noWelcome {
		p.write(opText, fmt.Appendf(nil, `{"message_type":"welcome","data":%s}`, p.greeting(resume)))
	}
	done := make(chan struct{})
	p.sockets.Go(func() { p.play(done) })
	p.listen()
	close(done)
}

func (p *peer) greeting(resume string) []byte {
	if p.Welcome != nil {
		return *p.Welcome
	}
	const fresh = `{"epoch":%q,"broadcast":0,"direct":0,"resumed":false,"reason":%q}`
	parts := strings.Split(resume, ".")
	switch {
	case len(parts) != 3:
		return fmt.Appendf(nil, fresh, cmp.Or(p.Epoch, "e1"), "new")
	case p.Epoch != "" && p.Epoch != parts[0]:
		return fmt.Appendf(nil, fresh, p.Epoch, "epoch")
	}
	return fmt.Appendf(nil, `{"epoch":%q,"broadcast":%s,"direct":%s,"resumed":true,"missed":0}`, parts[0], parts[1], parts[2])
}

// play sends what the script says, at its times.
func (p *peer) play(done <-chan struct{}) {
	start := time.Now()
	wait := func(after float64) bool {
		timer := time.NewTimer(time.Until(start.Add(time.Duration(after * float64(time.Second)))))
		defer timer.Stop()
		select {
		case <-timer.C:
			return true
		case <-done:
		case <-p.stop:
		}
		return false
	}
	for _, each := range p.Send {
		if !wait(each.After) {
			return
		}
		p.mu.Lock()
		message := strings.ReplaceAll(string(each.Message), "#request", p.request)
		p.mu.Unlock()
		p.write(opText, []byte(message))
	}
	if p.End == nil || !wait(p.End.After) {
		return
	}
	if p.End.Close != nil {
		p.write(opClose, closePayload(p.End.Close.Code, p.End.Close.Reason))
	} else {
		p.conn.Close()
	}
}

// listen reads the client's frames until the connection ends.
func (p *peer) listen() {
	for {
		op, payload, err := readMasked(p.reader)
		if err != nil {
			return
		}
		switch op {
		case opClose:
			if p.End == nil || p.End.Close == nil {
				p.write(opClose, payload)
			}
			return
		case opPing:
			p.write(opPong, payload)
		case opText:
			p.hear(payload)
		}
	}
}

func (p *peer) hear(payload []byte) {
	var m map[string]any
	if json.Unmarshal(payload, &m) != nil {
		m = map[string]any{"malformed": string(payload)}
	}
	p.mu.Lock()
	if !p.over {
		p.sent = append(p.sent, map[string]any{"connection": float64(p.number), "message": m, "at": p.at()})
	}
	if m["message_type"] == "subscribe" {
		p.request = m["id"].(string)
	}
	p.mu.Unlock()
	if p.Mute {
		return
	}
	id, kind := m["id"], m["message_type"]
	if p.refused(m) {
		return
	}
	switch {
	case kind == "ping":
		p.answer(id, "pong", m["data"])
	case kind == "refresh":
		p.answer(id, "refreshed", map[string]any{"expires_at": "2024-01-01T00:00:00Z"})
	case kind == "who":
		p.answer(id, "who", p.page())
	case kind == "subscribe":
		p.answer(id, "subscribed", map[string]any{"topics": p.entries(m)})
	case kind == "unsubscribe":
		p.answer(id, "unsubscribed", m["data"])
	case m["ack"] == true:
		p.reply(id)
	}
}

// refused answers a request that the script refuses.
func (p *peer) refused(m map[string]any) bool {
	if m["ack"] == true || len(p.Requests) == 0 {
		return false
	}
	how := p.Requests[0]
	if p.Requests = p.Requests[1:]; how == "answer" {
		return false
	}
	p.complain(how, m["id"])
	return true
}

// complain sends the error that the script names.
func (p *peer) complain(how any, id any) {
	fault := map[string]any{"code": "rate_limited", "message": "slower"}
	if named, ok := how.(map[string]any); ok {
		fault = map[string]any{"code": named["error"].(map[string]any)["code"], "message": "no", "ref_id": id}
	}
	p.answer("e", "error", fault)
}

func (p *peer) page() any {
	if len(p.Who) == 0 {
		return map[string]any{"count": 0, "users": []any{}}
	}
	next := p.Who[0]
	p.Who = p.Who[1:]
	return next
}

// reply answers a message with ack.
func (p *peer) reply(id any) {
	var how any = "ack"
	if p.acked < len(p.Replies) {
		how = p.Replies[p.acked]
	}
	p.acked++
	special, _ := how.(map[string]any)
	switch {
	case how == "ack":
		p.answer(id, "ack", map[string]any{"seq": 1, "online": true, "stored": true})
	case special["ack"] != nil:
		p.answer(id, "ack", special["ack"])
	case how == "rate_limited", special["error"] != nil:
		p.complain(how, id)
	}
}

// entries answers the topics of a subscribe.
func (p *peer) entries(m map[string]any) (all []any) {
	for _, asked := range m["data"].(map[string]any)["topics"].([]any) {
		wish := asked.(map[string]any)
		name := wish["topic"].(string)
		e := map[string]any{"topic": name, "seq": 0, "epoch": "t1"}
		if wish["epoch"] != nil {
			e = map[string]any{"topic": name, "seq": wish["seq"], "epoch": wish["epoch"], "resumed": true, "missed": 0}
		}
		for key, value := range p.entry(name) {
			e[key] = value
		}
		all = append(all, e)
	}
	return all
}

// entry returns what the script says of a topic: the same each time, or in turn.
func (p *peer) entry(name string) map[string]any {
	turns, ok := p.Topics[name].([]any)
	if !ok {
		one, _ := p.Topics[name].(map[string]any)
		return one
	}
	if len(turns) > 1 {
		p.Topics[name] = turns[1:]
	}
	return turns[0].(map[string]any)
}

// answer answers a message or a request, after those before it.
func (p *peer) answer(id any, kind string, data any) {
	payload, _ := json.Marshal(map[string]any{"id": id, "message_type": kind, "data": data})
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pending = append(p.pending, payload); len(p.pending) == 1 {
		p.sockets.Go(p.answerAll)
	}
}

// answerAll writes the answers to all that has come, after the program has done all that it does at this moment, and the client has written all
// that follows from it: the time goes on only when no goroutine can run. So a burst goes out as a whole before its first answer, and no answer
// comes between two events of one moment, in whatever order goroutines run.
func (p *peer) answerAll() {
	<-time.After(time.Nanosecond)
	p.mu.Lock()
	pending := p.pending
	p.pending = nil
	p.mu.Unlock()
	for _, payload := range pending {
		p.write(opText, payload)
	}
}

// write writes an unmasked frame.
func (p *peer) write(op byte, payload []byte) {
	p.writing.Lock()
	defer p.writing.Unlock()
	_, _ = p.conn.Write(plainFrame(op, payload))
}

func plainFrame(op byte, payload []byte) []byte {
	b := []byte{finalBit | op}
	switch n := len(payload); {
	case n <= longestControl:
		b = append(b, byte(n))
	case n <= 0xffff:
		b = binary.BigEndian.AppendUint16(append(b, length16), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, length64), uint64(n))
	}
	return append(b, payload...)
}

// readMasked reads a client's frame.
func readMasked(r io.Reader) (op byte, payload []byte, err error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:2]); err != nil {
		return 0, nil, err
	}
	op = head[0] & opcodeBits
	size := uint64(head[1] & lengthBits)
	switch size {
	case length16:
		_, err = io.ReadFull(r, head[:2])
		size = uint64(binary.BigEndian.Uint16(head[:2]))
	case length64:
		_, err = io.ReadFull(r, head[:])
		size = binary.BigEndian.Uint64(head[:])
	}
	payload = make([]byte, 4+size)
	if err == nil {
		_, err = io.ReadFull(r, payload)
	}
	key, payload := payload[:4], payload[4:]
	for i := range payload {
		payload[i] ^= key[i%4]
	}
	return op, payload, err
}
