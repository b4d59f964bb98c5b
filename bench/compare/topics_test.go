package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// topicServer sends each message to the other members of its topic, and answers subscriptions.
type topicServer struct {
	mu     sync.Mutex
	topics map[string][]*websocket.Conn
}

func (s *topicServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer c.CloseNow()
	for {
		kind, text, err := c.Read(r.Context())
		if err != nil {
			return
		}
		var m struct {
			Topic string
			Data  struct{ Topics []string }
		}
		if err := json.Unmarshal(text, &m); err != nil {
			return
		}
		s.mu.Lock()
		for _, name := range m.Data.Topics {
			s.topics[name] = append(s.topics[name], c)
		}
		to := s.topics[m.Topic]
		if m.Topic == "" {
			to = []*websocket.Conn{c}
		}
		for _, member := range to {
			if member != c || m.Topic == "" {
				_ = member.Write(r.Context(), kind, text)
			}
		}
		s.mu.Unlock()
	}
}

func TestMessagesThroughTopicsAreCounted(t *testing.T) {
	for _, j := range []job{topic(5, 4), topics("three topics of four", 6, 3, 2)} {
		p := here(t, &topicServer{topics: map[string][]*websocket.Conn{}})
		f, err := newFleet(p.addr, p.dialect)
		if err != nil {
			t.Fatal(err)
		}
		defer f.close()
		m, err := p.do(f, j, 100*time.Millisecond)
		if err != nil || m.Count == 0 || m.CPUMicros <= 0 {
			t.Errorf("%s: %+v, %v", j.Name, m, err)
		}
	}
}

func TestEachConnectionSubscribesToItsTopics(t *testing.T) {
	members := map[string]int{}
	j := topics("three topics of four", 6, 3, 2)
	for client := range j.Connections {
		var m struct{ Data struct{ Topics []string } }
		text := unframed(j.subscription(client))
		if err := json.Unmarshal(text, &m); err != nil || len(m.Data.Topics) != 2 || m.Data.Topics[0] == m.Data.Topics[1] {
			t.Fatalf("%s, %v", text, err)
		}
		for _, name := range m.Data.Topics {
			members[name]++
		}
	}
	if len(members) != 3 || members[topicName(0)] != 4 {
		t.Errorf("%v", members)
	}
}

// unframed returns the text of a client's frame.
func unframed(f []byte) []byte {
	header := 2 + len(maskKey)
	if f[1]&0x7f == 126 {
		header += 2
	}
	text := bytes.Clone(f[header:])
	for i := range text {
		text[i] ^= maskKey[i%4]
	}
	return text
}

func TestAPublicationNamesItsTopic(t *testing.T) {
	var m struct{ ID, Topic string }
	if err := json.Unmarshal(unframed(publication('C', 7)), &m); err != nil || m.Topic != "topic.7" || m.ID != tagged('C') {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestAMessageOfATopicMayNotComeTwice(t *testing.T) {
	w := newTopicsLoad(topics("one", 1, 1, 1))
	c := &conn{}
	c.stream.tag = firstTag
	w.due = 1
	if err := w.received(nil, c, time.Now()); err != nil {
		t.Error(err)
	}
	if err := w.received(nil, c, time.Now()); err == nil {
		t.Error("the second one is no error")
	}
}
