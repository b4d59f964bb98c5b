package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"momentum/internal/commandline"
)

const help = `text WORDS           send a text to all other users online
notification WORDS   send a notification to all other users online
msg USER WORDS       send a text to one user, by name or id
who [TOPIC]          list the users online, or those subscribed to a topic
sub TOPIC            subscribe to a topic
unsub TOPIC          end the subscription to a topic
pub TOPIC WORDS      send a text to the subscribers of a topic
ping                 send a ping, which the server answers with a pong
json OBJECT          send this JSON object unchanged
help                 print these lines
quit                 close the connection and exit
`

// commands are the names of all commands. Each may begin with a slash.
var commands = []string{"help", "json", "msg", "notification", "ping", "pub", "quit", "sub", "text", "unsub", "who"}

// errQuit means that the user wants to quit.
var errQuit = errors.New("quit")

// command is a line of input.
type command struct {
	name  string // "" for an empty line
	first string // the user of msg, the topic of sub, unsub, pub and who
	rest  string // the words, or the object of json
}

// parseLine reads a line of input.
func parseLine(line string) (command, error) {
	name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	c := command{name: strings.TrimPrefix(name, "/"), rest: strings.TrimSpace(rest)}
	switch c.name {
	case "":
		return command{}, nil
	case "help", "quit", "ping":
		return c, nil
	case "text", "notification":
		return c, needs(c.rest != "", "%s needs words: %s Hello everyone!", c.name, c.name)
	case "json":
		return c, checkObject(c.rest)
	}
	c.first, c.rest, _ = strings.Cut(c.rest, " ")
	c.rest = strings.TrimSpace(c.rest)
	switch c.name {
	case "who":
		return c, needs(c.rest == "", "give who one topic: who room.7")
	case "sub", "unsub":
		return c, needs(c.first != "" && c.rest == "", "%s needs one topic: %s room.7", c.name, c.name)
	case "msg":
		return c, needs(c.rest != "", "msg needs a user and words: msg alice Hello!")
	case "pub":
		return c, needs(c.rest != "", "pub needs a topic and words: pub room.7 Hello!")
	}
	return command{}, unknownCommand(name)
}

func needs(given bool, format string, values ...any) error {
	if given {
		return nil
	}
	return fmt.Errorf(format, values...)
}

// checkObject returns an error unless text is a JSON object: anything else is probably a typing error. Whether the object
// is a valid message is checked by the server.
func checkObject(text string) error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &object); err != nil || object == nil {
		return errors.New(`json needs an object: json {"message_type":"ping","data":{}}`)
	}
	return nil
}

// unknownCommand names the most similar command, if one is similar.
func unknownCommand(name string) error {
	meant, best := "", 3
	for _, c := range commands {
		if d := commandline.Edits(strings.TrimPrefix(name, "/"), c); d < best && d < len(c) {
			meant, best = c, d
		}
	}
	if meant != "" {
		return fmt.Errorf("%q is not a command: help lists the commands. Did you mean %s?", name, meant)
	}
	return fmt.Errorf("%q is not a command: help lists the commands", name)
}
