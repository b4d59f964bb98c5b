package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"momentum/server"
)

// topicMessage is one message of POST /ws/publish.
type topicMessage struct {
	id, topic, kind string
	data            json.RawMessage
}

// listAnswer is the outcome of a list of messages.
type listAnswer struct {
	Success bool         `json:"success"` // of all of them
	Results []sentAnswer `json:"results"`
}

// publish publishes one message to a topic, or each of a list. It publishes none of a list in which one is not valid.
func (c *sidecar) publish(w http.ResponseWriter, r *http.Request) *fault {
	body, fault := readBody(w, r, maxListBytes)
	if fault != nil {
		return fault
	}
	if !bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")) {
		m, fault := parseTopicMessage(body)
		if fault != nil {
			return fault
		}
		receipt, err := c.server.PublishOnce(m.id, m.topic, m.kind, m.data)
		respondSent(w, receipt, err)
		return nil
	}
	messages, fault := parseTopicMessages(body)
	if fault != nil {
		return fault
	}
	all := listAnswer{Success: true, Results: make([]sentAnswer, len(messages))}
	worst := http.StatusOK
	for i, m := range messages {
		receipt, err := c.server.PublishOnce(m.id, m.topic, m.kind, m.data)
		status, sent := sentOutcome(receipt, err)
		all.Results[i], worst = sent, max(worst, status)
		all.Success = all.Success && sent.Success
	}
	respond(w, worst, all)
	return nil
}

func parseTopicMessages(body []byte) ([]topicMessage, *fault) {
	var list []json.RawMessage
	if err := json.Unmarshal(body, &list); err != nil {
		return nil, &fault{400, "bad_json", "the body must be one JSON object, or a list of them: " + err.Error()}
	}
	if len(list) == 0 || len(list) > maxListed {
		return nil, &fault{400, "bad_list", "send 1 to " + strconv.Itoa(maxListed) + " messages in one list"}
	}
	messages := make([]topicMessage, len(list))
	for i, one := range list {
		var refused *fault
		if messages[i], refused = parseTopicMessage(one); refused != nil {
			refused.message = fmt.Sprintf("message %d of the list: %s", i+1, refused.message)
			return nil, refused
		}
	}
	return messages, nil
}

func parseTopicMessage(body []byte) (m topicMessage, refused *fault) {
	if len(body) > maxBodyBytes {
		return m, &fault{413, "too_large", "a message may have at most " + strconv.Itoa(maxBodyBytes) + " bytes"}
	}
	var call fields
	if body != nil {
		if call, refused = parse(body, []string{"id", "topic", "message_type", "data"}); refused != nil {
			return m, &fault{refused.status, refused.code, refused.message}
		}
	}
	if m.id, refused = call.messageID(); refused != nil {
		return m, refused
	}
	if m.topic, refused = call.text("topic"); refused != nil {
		return m, refused
	}
	if m.kind, refused = call.text("message_type"); refused != nil {
		return m, refused
	}
	if err := server.CheckPublish(m.topic, m.kind); err != nil {
		_, sent := sentOutcome(server.Receipt{}, err)
		return m, &fault{400, sent.Error, err.Error()}
	}
	m.data = call["data"]
	return m, nil
}

// topicsAnswer is a page of GET /ws/topics.
type topicsAnswer struct {
	Subscriptions int               `json:"subscriptions"` // of all topics
	Topics        []server.TopicRow `json:"topics"`
	Next          string            `json:"next,omitempty"` // pass it as after= for the next page
	server.Partial
}

func (c *sidecar) topics(w http.ResponseWriter, r *http.Request) *fault {
	limit, fault := requestedLimit(r)
	if fault != nil {
		return fault
	}
	found, err := c.reach(r).Topics(r.Context(), r.URL.Query().Get("after"), limit)
	if err != nil {
		return unanswered
	}
	page := topicsAnswer{Subscriptions: found.Count, Topics: found.Rows, Partial: found.Partial}
	if last := len(found.Rows) - 1; found.More && last >= 0 {
		page.Next = found.Rows[last].Topic
	}
	if page.Topics == nil {
		page.Topics = []server.TopicRow{}
	}
	respond(w, http.StatusOK, page)
	return nil
}

// subscribersAnswer is a page of GET /ws/topics/NAME.
type subscribersAnswer struct {
	Topic       string              `json:"topic"`
	Subscribers []server.Subscriber `json:"subscribers"`
	Next        string              `json:"next,omitempty"` // pass it as after= for the next page
	server.Partial
}

func (c *sidecar) subscribers(w http.ResponseWriter, r *http.Request) *fault {
	limit, refused := requestedLimit(r)
	if refused != nil {
		return refused
	}
	name := strings.TrimPrefix(r.URL.Path, "/ws/topics/")
	if err := server.CheckPublish(name, "text"); err != nil {
		return &fault{400, "bad_topic", err.Error()}
	}
	from, ok := parseSubscriberCursor(r.URL.Query().Get("after"))
	if !ok {
		return badAfter
	}
	ctx, cancel := context.WithTimeout(r.Context(), cleanupTimeout)
	defer cancel()
	found, err := c.reach(r).Subscribers(ctx, name, from, limit)
	if err != nil {
		return unanswered
	}
	page := subscribersAnswer{Topic: name, Subscribers: found.Rows, Partial: found.Partial}
	if found.More {
		page.Next = formatSubscriberCursor(found.Next)
	}
	if page.Subscribers == nil {
		page.Subscribers = []server.Subscriber{}
	}
	respond(w, http.StatusOK, page)
	return nil
}

func formatSubscriberCursor(c server.SubscriberCursor) string {
	return formatCursor(c.Node, c.Place.Reactor, uint64(c.Place.Index))
}

func parseSubscriberCursor(text string) (c server.SubscriberCursor, ok bool) {
	node, reactor, index, ok := parseCursor(text)
	c.Node, c.Place = node, server.TopicCursor{Reactor: reactor, Index: int(index)}
	return c, ok && c.Place.Index >= 0
}
