package server

import (
	"github.com/google/uuid"

	"momentum/server/cluster"
)

// audience is the set of a message's receivers: one user's connections, a topic's subscribers, or the connections of all users. A
// message to a topic or to all may exclude the connections of one user, such as its sender.
type audience struct {
	direct bool
	user   uuid.UUID // direct: the receiving user; otherwise the excluded user, or zero to exclude nobody
	topic  []byte    // the topic whose subscribers they are; nil: it is not for a topic
	asked  bool      // topic: only those that have asked for presence
}

func subscribersBut(topic []byte, user uuid.UUID) audience { return audience{topic: topic, user: user} }

func askersBut(topic []byte, user uuid.UUID) audience {
	return audience{topic: topic, user: user, asked: true}
}

func everybodyBut(user uuid.UUID) audience { return audience{user: user} }

func onlyTo(user uuid.UUID) audience { return audience{direct: true, user: user} }

// channelOf returns the channel of an audience.
func channelOf(to audience) cluster.Channel {
	switch {
	case to.direct:
		return cluster.DirectOf(to.user)
	case to.topic != nil:
		return cluster.TopicOf(string(to.topic))
	}
	return cluster.Channel{}
}

// excluded returns the user that is not in an audience; zero: nobody is excluded.
func (a audience) excluded() uuid.UUID {
	if a.direct {
		return uuid.Nil
	}
	return a.user
}
