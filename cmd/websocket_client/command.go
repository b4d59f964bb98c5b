package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

const help = `text WORDS           to every other user online
notification WORDS   the same, as a notification
ping                 the server answers with pong
json OBJECT          send this JSON object as it is
help                 these lines
quit                 close the connection and leave
`

// errQuit says that the user wants to leave.
var errQuit = errors.New("quit")

// payloadOf returns what a line of input sends, which may be nothing: help prints, and an empty line does not
// even do that.
func payloadOf(line string, now time.Time) (payload []byte, shown string, err error) {
	command, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	rest = strings.TrimSpace(rest)
	switch command {
	case "":
		return nil, "", nil
	case "help":
		return nil, help, nil
	case "quit":
		return nil, "", errQuit
	case "ping":
		_, payload, err = newMessage("ping", struct{}{}, now)
	case "text", "notification":
		if rest == "" {
			return nil, "", fmt.Errorf("%s needs words: %s Hello everyone!", command, command)
		}
		_, payload, err = newMessage(command, content{rest}, now)
	case "json":
		payload, err = rawObject(rest)
	default:
		err = fmt.Errorf("%q is not a command: help lists them", command)
	}
	return payload, "", err
}

// rawObject checks that text is a JSON object, for it is more likely mistyped than meant. What the server thinks
// of the object is the server's to say.
func rawObject(text string) ([]byte, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &object); err != nil || object == nil {
		return nil, errors.New(`json needs an object: json {"message_type":"ping","data":{}}`)
	}
	return []byte(text), nil
}
