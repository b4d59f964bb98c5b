package server

import (
	"testing"

	"momentum/server/cluster"
)

func TestChannelsOfAudiences(t *testing.T) {
	user := userID("alice")
	for _, tt := range []struct {
		to   audience
		want cluster.Channel
		but  bool
	}{
		{everybodyBut(user), cluster.Channel{}, true},
		{onlyTo(user), cluster.DirectOf(user), false},
		{subscribersBut([]byte("news"), user), cluster.TopicOf("news"), true},
	} {
		if got := channelOf(tt.to); got != tt.want || (tt.to.excluded() == user) != tt.but {
			t.Errorf("%+v: %+v, without %v", tt.to, got, tt.to.excluded())
		}
	}
}
