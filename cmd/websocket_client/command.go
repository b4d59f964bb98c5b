package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

const help = `text WORDS           send a text to all other users online
notification WORDS   send a notification to all other users online
ping                 send a ping, which the server answers with a pong
json OBJECT          send this JSON object unchanged
help                 print these lines
quit                 close the connection and exit
`

// errQuit means that the user wants to quit.
var errQuit = errors.New("quit")

// parseLine returns the message that a line of input sends, or the text that it prints, or neither for an empty line.
func parseLine(line string, now time.Time) (payload []byte, shown string, err error) {
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
		err = fmt.Errorf("%q is not a command: help lists the commands", command)
	}
	return payload, "", err
}

// rawObject returns an error unless text is a JSON object: anything else is probably a typing error. Whether the object
// is a valid message is checked by the server.
func rawObject(text string) ([]byte, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &object); err != nil || object == nil {
		return nil, errors.New(`json needs an object: json {"message_type":"ping","data":{}}`)
	}
	return []byte(text), nil
}
