package client

import (
	"encoding/json"
	"time"
)

// Event is a Message, State, Resumed, Gap, Presence or *Error; with Options.Raw, it may be a Raw.
type Event interface{ event() }

// Message is a message of the server. Data is JSON as its sender wrote it.
type Message struct {
	ID           string          `json:"id"`
	Type         string          `json:"message_type"`
	Data         json.RawMessage `json:"data"`
	Timestamp    string          `json:"timestamp"`
	FromUserID   string          `json:"from_user_id"`
	FromUsername string          `json:"from_username"`
	ToUserID     string          `json:"to_user_id"` // of a direct message
	Topic        string          `json:"topic"`      // of a topic's message
	Seq          uint64          `json:"seq"`        // its number in its channel; 0: none
}

// Resumed is an event of each connection but the first, after its State, and of each topic that is subscribed again. If it is not
// resumed, messages may be missing, and the program should fetch the present state from its application.
type Resumed struct {
	Topic   string // empty: the messages to everybody and to the user
	Resumed bool
	Missed  int           // messages that follow because they were missed
	Reason  string        // why it is not resumed
	Away    time.Duration // how long there was no connection
}

// Gap is an event: the messages From to To of a channel will not come.
type Gap struct {
	Channel string `json:"channel"` // "broadcast", "direct" or "topic"
	Topic   string `json:"topic"`
	From    uint64 `json:"from"`
	To      uint64 `json:"to"`
}

// User is a user as presence names it.
type User struct {
	ID   string `json:"user_id"`
	Name string `json:"username"`
}

// Presence is an event: users have come or gone. With many users, Joined and Left are samples.
type Presence struct {
	Topic  string // empty: of the server
	Joined []User
	Left   []User
	Online int // how many are there; 0 if the server has not said it
}

// Raw is a message of the server as it came.
type Raw struct {
	At      time.Time
	Payload []byte // nil: a pong frame, the answer to Ping
}

// Error is an error of the server, or the client's reason not to send a message: its code is then "closed", "expired", "too_many" or
// "too_long". As an event it concerns no message that waits for an answer.
type Error struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	RefID   string `json:"ref_id"` // the id of the message that caused it
	Topic   string `json:"-"`      // the topic of the subscription that has ended
}

// Error returns the code and the message.
func (e *Error) Error() string {
	if e.Message == "" {
		return e.Code
	}
	return e.Code + ": " + e.Message
}

func (Message) event()  {}
func (State) event()    {}
func (Resumed) event()  {}
func (Gap) event()      {}
func (Presence) event() {}
func (Raw) event()      {}
func (*Error) event()   {}
