package e2e

import (
	"path/filepath"
	"testing"
)

// TestWebsocketClientReturns has a client ask for users and topics, lose its node, and come back to the next one with its subscription.
func TestWebsocketClientReturns(t *testing.T) {
	s := serve(t, "TOPICS_DEFAULT=all")
	alice := start(t, []string{"JWT_SECRET=" + testSecret}, filepath.Join(bin, "websocket_client"),
		"--url", "ws://"+s.ws+"/ws", "--username", "alice", "--email", "alice@example.com", "--reconnect")
	alice.expect("Connected")
	bob := s.chatter(t, "bob")
	alice.say("/sub news")
	alice.expect("subscribed: news")
	alice.say("who")
	alice.expect("bob (")
	alice.expect("2 online")
	alice.say("msg bob psst")
	bob.expect("text to you from")
	bob.say("pub news first edition")
	alice.expect("first edition")
	s = s.restart(t, "TOPICS_DEFAULT=all")
	alice.expect("Trying again in")
	alice.expect("Connected again after")
	alice.expect("subscribed: news (messages may be missing: the messages are numbered anew (epoch))")
	carol := s.chatter(t, "carol")
	carol.say("pub news second edition")
	alice.expect("text in news from")
	alice.expect("second edition")
	alice.say("text hello from the other side")
	carol.expect("hello from the other side")
	alice.say(`json {"id":"w1","message_type":"who"}`)
	alice.expect(`"users":[`)
	alice.say("quit")
	if code := alice.exit(); code != 0 {
		t.Errorf("quit exits with %d", code)
	}
}
