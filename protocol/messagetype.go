package protocol

// MessageType is the "message_type" of a message.
type MessageType uint8

// The message types. The zero value is not one of them.
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
	Welcome
	Gap
	Ack
	Subscribe
	Subscribed
	Unsubscribe
	Unsubscribed
	Position
	Who
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
	Welcome:       "welcome",
	Gap:           "gap",
	Ack:           "ack",
	Subscribe:     "subscribe",
	Subscribed:    "subscribed",
	Unsubscribe:   "unsubscribe",
	Unsubscribed:  "unsubscribed",
	Position:      "position",
	Who:           "who",
}

// longestTypeName is the length in bytes of the longest name.
const longestTypeName = len("system_message")

// String returns the name as messages have it.
func (t MessageType) String() string {
	if t >= messageTypes {
		return messageTypeNames[UnknownType]
	}
	return messageTypeNames[t]
}

// Numbered reports whether the messages of this type have a number in their channel. The others are about the connection.
func (t MessageType) Numbered() bool { return t == Text || t == Notification || t == SystemMessage }

// ParseMessageType returns the type with that name, or UnknownType.
func ParseMessageType(name []byte) MessageType {
	for t := Text; t < messageTypes; t++ {
		if string(name) == messageTypeNames[t] {
			return t
		}
	}
	return UnknownType
}
