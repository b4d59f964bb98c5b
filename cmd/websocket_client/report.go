package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	momentum "momentum/client"
)

// reporter prints what arrives: as lines for people, or as lines of JSON.
type reporter struct {
	out, err io.Writer
	asJSON   bool
	names    bool // a person reads: users are named, not identified
	known    *people
	lost     time.Time // when the connection was lost; zero: it is open
}

// line is an event as a line of JSON. Its other fields depend on the event.
type line struct {
	Event   string          `json:"event"`
	At      time.Time       `json:"at"`
	Message json.RawMessage `json:"message,omitempty"` // of message, as the server sent it
	State   string          `json:"state,omitempty"`
	Why     string          `json:"why,omitempty"`
	Until   *time.Time      `json:"until,omitempty"`
	Error   string          `json:"error,omitempty"`
	ID      string          `json:"id,omitempty"` // of delivered and not_delivered
	Ack     *momentum.Ack   `json:"ack,omitempty"`
	Resumed *bool           `json:"resumed,omitempty"`
	Missed  int             `json:"missed,omitempty"`
	Reason  string          `json:"reason,omitempty"`
	Away    float64         `json:"away,omitempty"` // seconds
	Topic   string          `json:"topic,omitempty"`
	Users   []momentum.User `json:"users,omitempty"`
	Count   *int            `json:"count,omitempty"`
}

func (r *reporter) json(l line) {
	if l.At.IsZero() {
		l.At = time.Now()
	}
	text, err := json.Marshal(l)
	if err != nil { // the server's message is not JSON
		l.Message, l.Error = nil, err.Error()
		text, _ = json.Marshal(l)
	}
	fmt.Fprintf(r.out, "%s\n", text)
}

// message prints a message of the server.
func (r *reporter) message(m received, latency string) {
	if r.asJSON {
		r.json(line{Event: "message", At: m.at, Message: m.payload})
		return
	}
	fmt.Fprintln(r.out, describeTo(r.names, m.payload, m.at, time.Local)+latency)
}

// event prints a change of the connection.
func (r *reporter) event(m received) {
	switch e := m.event.(type) {
	case momentum.State:
		r.state(e, m.at)
	case momentum.Resumed:
		r.resumed(e, m.at)
	}
}

func (r *reporter) state(s momentum.State, at time.Time) {
	if s.Phase == momentum.Waiting && r.lost.IsZero() {
		r.lost = at
	}
	if r.asJSON {
		l := line{Event: "state", At: at, State: string(s.Phase), Why: s.Why}
		if s.Phase == momentum.Waiting {
			l.Until, l.Error = &s.Until, errorText(s.Err)
		}
		r.json(l)
		return
	}
	switch s.Phase {
	case momentum.Waiting:
		report, _, _ := strings.Cut(closeReport(s.Err), ": reconnect")
		fmt.Fprintf(r.err, "%s. Trying again in %.1f s\n", report, max(0, s.Until.Sub(at)).Seconds())
	case momentum.Open:
		fmt.Fprintf(r.err, "Connected again after %.1f s\n", at.Sub(r.lost).Seconds())
	}
	if s.Phase == momentum.Open {
		r.lost = time.Time{}
	}
}

// resumed prints what was missed. For a topic, people read it in the server's answer to the subscription, or in its position.
func (r *reporter) resumed(e momentum.Resumed, at time.Time) {
	switch {
	case r.asJSON:
		r.json(line{Event: "resumed", At: at, Topic: e.Topic, Resumed: &e.Resumed, Missed: e.Missed, Reason: e.Reason, Away: e.Away.Seconds()})
	case e.Topic != "":
	case !e.Resumed:
		fmt.Fprintf(r.err, "Messages may be missing: %s\n", whyMissing(e.Reason))
	case e.Missed == 1:
		fmt.Fprintln(r.err, "1 missed message")
	default:
		fmt.Fprintf(r.err, "%d missed messages\n", e.Missed)
	}
}

// whyMissing says in words why a client could not resume. A reason that a newer server may have stays a code.
func whyMissing(reason string) string {
	switch reason {
	case "epoch":
		return "the messages are numbered anew (epoch)"
	case "expired":
		return "the connection was away for too long (expired)"
	case "too_many":
		return "there were more than the server keeps (too_many)"
	case "unknown":
		return "the server does not know the last position (unknown)"
	}
	return oneLine(reason)
}

// end prints why there is no connection any more.
func (r *reporter) end(err error) {
	if r.asJSON {
		r.json(line{Event: "state", State: string(momentum.Closed), Error: errorText(err)})
	}
	fmt.Fprintln(r.err, closeReport(err))
}

// delivered prints what has become of a message, if that matters.
func (r *reporter) delivered(m momentum.Outgoing, ack momentum.Ack, err error) {
	switch {
	case r.asJSON && err == nil:
		r.json(line{Event: "delivered", ID: m.ID, Ack: &ack})
	case r.asJSON:
		r.json(line{Event: "not_delivered", ID: m.ID, Error: err.Error()})
	case err != nil:
		fmt.Fprintln(r.err, "not delivered:", oneLine(err.Error()))
	case m.ToUserID != "" && !ack.Online && ack.Stored:
		fmt.Fprintln(r.err, "the user is not online; the message is kept")
	case m.ToUserID != "" && !ack.Online:
		fmt.Fprintln(r.err, "the user is not online; the message is lost")
	case m.Topic != "" && !ack.Online:
		fmt.Fprintln(r.err, "the topic has no subscribers")
	}
}

// users prints the answer to who.
func (r *reporter) users(topic string, users []momentum.User, count int, err error) {
	if err != nil {
		fmt.Fprintln(r.err, "the server does not say who is online:", oneLine(err.Error()))
		return
	}
	r.known.add(users...)
	if r.asJSON {
		r.json(line{Event: "users", Topic: topic, Users: users, Count: &count})
		return
	}
	for _, u := range users {
		fmt.Fprintf(r.out, "%s (%s)\n", oneLine(u.Name), oneLine(u.ID))
	}
	fmt.Fprintf(r.out, "%d online\n", count)
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
