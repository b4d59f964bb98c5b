package protocol

// MessageType is what a message is for: its "message_type".
type MessageType uint8

// The message types. The zero value is none of them.
const (
	UnknownType MessageType = iota
	Text
	Notification
	SystemMessage
	Ping
	Pong
	UserJoined
	UserLeft
	Presence
	Error
	Refresh
	Refreshed
	TokenExpiring
	messageTypes
)

var messageTypeNames = [messageTypes]string{
	UnknownType:   "unknown",
	Text:          "text",
	Notification:  "notification",
	SystemMessage: "system_message",
	Ping:          "ping",
	Pong:          "pong",
	UserJoined:    "user_joined",
	UserLeft:      "user_left",
	Presence:      "presence",
	Error:         "error",
	Refresh:       "refresh",
	Refreshed:     "refreshed",
	TokenExpiring: "token_expiring",
}

// longestTypeName is the length in bytes of the longest name.
const longestTypeName = len("system_message")

// String returns the name as it stands in a message.
func (t MessageType) String() string {
	if t >= messageTypes {
		return messageTypeNames[UnknownType]
	}
	return messageTypeNames[t]
}

// ParseMessageType returns the type of that name, UnknownType if there is none.
func ParseMessageType(name []byte) MessageType {
	for t := Text; t < messageTypes; t++ {
		if string(name) == messageTypeNames[t] {
			return t
		}
	}
	return UnknownType
}
