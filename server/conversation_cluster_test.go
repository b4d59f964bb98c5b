package server

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"momentum/server/auth"
)

// TestConversationsOfTwoNodes runs the golden conversations in testdata/cluster, in which two nodes share a bus. An event of one node, or of a client
// that connects to it, begins with the node: "n0: join alice", "n1: alice > {}". "advance" concerns both.
func TestConversationsOfTwoNodes(t *testing.T) {
	files, _ := filepath.Glob("testdata/cluster/*.txt")
	if len(files) == 0 {
		t.Fatal("no conversations in testdata/cluster")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			holdConversation(t, file, func(script string) string { return converseInCluster(t, script) })
		})
	}
}

// converseInCluster runs a script and returns it with the messages that arrived.
func converseInCluster(t *testing.T, script string) string {
	c := &clusterTalk{joinedWorlds: newCluster(t, 1, 2, 100)}
	for line := range strings.SplitSeq(strings.TrimRight(script, "\n"), "\n") {
		if strings.HasPrefix(line, "  ") {
			continue
		}
		c.out.WriteString(line + "\n")
		if line == "mute presence" {
			c.muted = true
		} else if line != "" && line[0] != '#' {
			c.happen(line)
			c.listen()
		}
	}
	return c.out.String()
}

// clusterTalk is a conversation of two nodes.
type clusterTalk struct {
	*joinedWorlds
	out   strings.Builder
	muted bool
}

// happen executes one line of a script.
func (c *clusterTalk) happen(line string) {
	for _, one := range slices.Concat(c.nodes[0].clients, c.nodes[1].clients) {
		line = strings.ReplaceAll(line, "<"+one.name+">", userID(one.name).String())
	}
	subject, rest, _ := strings.Cut(line, " ")
	node := slices.Index([]string{"n0:", "n1:"}, subject)
	switch {
	case subject == "advance":
		c.pass(c.nodes[0].duration(rest))
	case node < 0:
		w, client := c.find(subject)
		w.act(client, rest)
	case clusterVerb(rest) != nil:
		verb, words, _ := strings.Cut(rest, " ")
		answer := clusterVerbs[verb](c, node, words)
		c.out.WriteString(strings.TrimRight("  admin: "+c.readable(answer), " ") + "\n")
	default:
		c.nodes[node].happen(rest)
	}
	c.settle()
}

func clusterVerb(line string) func(c *clusterTalk, node int, rest string) string {
	verb, _, _ := strings.Cut(line, " ")
	return clusterVerbs[verb]
}

// clusterVerbs are the calls of an administrator of one node that concern all, and the faults of its connection to the bus. Each returns the answer.
var clusterVerbs = map[string]func(c *clusterTalk, node int, rest string) (answer string){
	"online":     everybodyOnline,
	"send":       sendAnywhere,       // NAME TYPE DATA
	"disconnect": disconnectAnywhere, // NAME BAN REASON
	"cut":        func(c *clusterTalk, node int, _ string) string { c.engine.Buses()[node].Cut(); return "cut off" },
	"heal":       func(c *clusterTalk, node int, _ string) string { c.engine.Buses()[node].Heal(); return "connected" },
}

func everybodyOnline(c *clusterTalk, node int, _ string) string {
	return call(c.joinedWorlds, func() string {
		p, err := c.nodes[node].server.Reach(false).Online(context.Background(), uuid.Nil, 100)
		return fmt.Sprintf("%s, error %v", marshaled(p), err)
	})
}

func sendAnywhere(c *clusterTalk, node int, rest string) string {
	words := strings.SplitN(rest, " ", 3)
	return call(c.joinedWorlds, func() string {
		r, err := c.nodes[node].server.Send(userID(words[0]), words[1], json.RawMessage(words[2]))
		return fmt.Sprintf("%d nodes, number %d, error %v", r.Nodes, r.Seq, err)
	})
}

func disconnectAnywhere(c *clusterTalk, node int, rest string) string {
	words, w := strings.SplitN(rest, " ", 3), c.nodes[node]
	until, r := int64(0), w.server.Reach(false)
	if ban := w.duration(words[1]); ban > 0 {
		until = w.net.Now().Add(ban).Unix()
	}
	return call(c.joinedWorlds, func() string {
		closed, err := r.Disconnect(context.Background(), userID(words[0]), words[2], until)
		if err == nil && until > 0 {
			err = r.Record(context.Background(), auth.Ban(userID(words[0]), until))
		}
		return fmt.Sprintf("%s, error %v", marshaled(closed), err)
	})
}

// find returns the connection of a name that has begun last, and its node.
func (c *clusterTalk) find(name string) (*world, *client) {
	for _, w := range c.nodes {
		for _, one := range slices.Backward(w.clients) {
			if one.name == name && !one.told {
				return w, one
			}
		}
	}
	c.t.Fatalf("no client is called %q", name)
	return nil, nil
}

// listen writes down the messages that have arrived.
func (c *clusterTalk) listen() {
	for i, w := range c.nodes {
		for _, one := range w.clients {
			for _, message := range one.received() {
				if !c.muted || !isPresence(message) {
					fmt.Fprintf(&c.out, "  n%d: %s < %s\n", i, one.name, c.readable(message))
				}
			}
		}
	}
}

// readable writes users' names for their ids.
func (c *clusterTalk) readable(s string) string {
	for _, w := range c.nodes {
		s = w.readable(s)
	}
	return s
}
