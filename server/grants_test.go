package server

import (
	"testing"

	"github.com/google/uuid"

	"momentum/server/auth"
	"momentum/server/presence"
)

func TestGrantsAreTheTokensOrTheDefault(t *testing.T) {
	b := &base{rules: &Rules{}}
	g := grants{b}
	s := &session{user: &presence.User{ID: uuid.UUID{1}}}
	if g.maySubscribe(s, "news") || g.mayPublish(s, []byte("news")) {
		t.Error("without a default and a claim, a topic is allowed")
	}
	b.rules.TopicsDefault = &auth.Topics{Subscribe: []string{"*"}}
	if !g.maySubscribe(s, "news") || g.mayPublish(s, []byte("news")) {
		t.Error("the default is not followed")
	}
	s.token.topics = &auth.Topics{Publish: []string{"room.*"}, Join: []string{"inbox.${user_id}"}}
	if g.maySubscribe(s, "news") || !g.mayPublish(s, []byte("room.7")) || g.mayPublish(s, []byte("news")) {
		t.Error("the claim does not replace the default")
	}
	if !g.maySubscribe(s, "inbox."+s.user.ID.String()) {
		t.Error("a topic that is joined may not be subscribed to")
	}
}
