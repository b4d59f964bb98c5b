package siege

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// answerPatience is how long a sender waits for an ack before it takes its connection for dead.
const answerPatience = 10 * time.Second

// lane is what a sender sends to one channel. One message at a time has no ack, so that a message which is sent again stays in order.
type lane struct {
	prefix string // of the ids
	to     string // the user; "": everybody
	next   int    // the number of the message that is sent next
	last   int    // the number after the last one

	since time.Time // when the next message was first sent; zero: it was not
}

func (l *lane) id() string { return fmt.Sprintf("%s%d.%s", l.prefix, l.next, l.to) }

func (l *lane) message() []byte {
	to := ""
	if l.to != "" {
		to = `,"to_user_id":"` + l.to + `"`
	}
	return fmt.Appendf(nil, `{"id":%q,"message_type":"text","ack":true,"data":{"content":"a message of a rolling restart"},"timestamp":%q%s}`,
		l.id(), l.since.UTC().Format(time.RFC3339Nano), to)
}

// sender sends with ack, at an even pace. What has no ack when its connection ends is sent again with the same id, perhaps to
// another node, before anything else: only the acknowledgements of a sender's last messages are remembered. What is refused is sent again later.
type sender struct {
	url, token string
	begun      time.Time
	length     time.Duration // from begun to the last message

	idle    []*lane // may send
	waiting map[string]*lane
	sent    int // without those that are sent again
	all     int

	again   int            // messages that were sent again
	refused map[string]int // by code
	lives   int            // connections
}

func newSender(url, token string, lanes []*lane, length time.Duration) *sender {
	s := &sender{url: url, token: token, length: length, idle: lanes, waiting: make(map[string]*lane), refused: make(map[string]int)}
	for _, l := range lanes {
		s.all += l.last - l.next
	}
	return s
}

// run sends everything. A connection that ends is replaced.
func (s *sender) run(ctx context.Context) error {
	s.begun = time.Now()
	for ctx.Err() == nil {
		err := s.live(ctx)
		if err == nil {
			return nil
		}
		s.again += len(s.waiting)
		s.sent -= len(s.waiting)
		s.idle = append(slices.Collect(maps.Values(s.waiting)), s.idle...)
		clear(s.waiting)
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
	return ctx.Err()
}

// live sends through one connection. It returns nil after the last ack.
func (s *sender) live(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	dialing, enough := context.WithTimeout(ctx, patience)
	defer enough()
	conn, _, err := websocket.Dial(dialing, s.url, &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer " + s.token}}})
	if err != nil {
		return err
	}
	defer func() { _ = conn.CloseNow() }()
	s.lives++
	answers, ended := make(chan []byte, 1024), make(chan error, 1)
	go func() {
		for {
			_, text, err := conn.Read(ctx)
			if err != nil {
				ended <- err
				return
			}
			answers <- text
		}
	}()
	return s.converse(ctx, conn, answers, ended)
}

func (s *sender) converse(ctx context.Context, conn *websocket.Conn, answers <-chan []byte, ended <-chan error) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	heard := time.Now()
	for s.sent < s.all || len(s.waiting) > 0 || len(s.idle) > 0 {
		select {
		case err := <-ended:
			return err
		case text := <-answers:
			heard = time.Now()
			s.answered(text)
		case now := <-tick.C:
			if len(s.waiting) == 0 {
				heard = now
			}
			if now.Sub(heard) > answerPatience {
				return errors.New("the node does not answer")
			}
			if err := s.send(ctx, conn, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// send sends what is due. A message that is sent again is not counted a second time.
func (s *sender) send(ctx context.Context, conn *websocket.Conn, now time.Time) error {
	due := int(min(1, now.Sub(s.begun).Seconds()/s.length.Seconds()) * float64(s.all))
	for s.sent < due && len(s.idle) > 0 {
		l := s.idle[0]
		s.idle = s.idle[1:]
		s.waiting[l.id()] = l
		s.sent++
		if l.since.IsZero() {
			l.since = now
		}
		if err := conn.Write(ctx, websocket.MessageText, l.message()); err != nil {
			return err
		}
	}
	return nil
}

// answered takes an ack or a refusal.
func (s *sender) answered(text []byte) {
	var m struct {
		ID   string `json:"id"`
		Type string `json:"message_type"`
		Data struct {
			Code  string
			RefID string `json:"ref_id"`
			Seq   uint64
		}
	}
	if !strings.Contains(string(text), `"ack"`) && !strings.Contains(string(text), `"error"`) || json.Unmarshal(text, &m) != nil {
		return
	}
	id := m.ID
	if m.Type == "error" {
		id = m.Data.RefID
	}
	l := s.waiting[id]
	if l == nil {
		return
	}
	delete(s.waiting, id)
	switch {
	case m.Type == "ack" && m.Data.Seq > 0:
		l.since = time.Time{}
		if l.next++; l.next == l.last {
			return
		}
	case m.Type == "ack": // dropped: the node does not know the user
		m.Data.Code = "dropped"
		fallthrough
	default:
		s.refused[m.Data.Code]++
		s.again++
		s.sent--
	}
	s.idle = append(s.idle, l)
}
