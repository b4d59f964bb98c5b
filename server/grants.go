package server

import "momentum/server/auth"

// grants says which topics the tokens of a reactor's sessions allow.
type grants struct{ *base }

// of returns the topics that a session's token allows; those of the node's default if it does not say.
func (g *grants) of(s *session) *auth.Topics {
	switch {
	case s.token.topics != nil:
		return s.token.topics
	case g.rules.TopicsDefault != nil:
		return g.rules.TopicsDefault
	}
	return &noTopics
}

// noTopics allows nothing.
var noTopics auth.Topics

func (g *grants) mayPublish(s *session, topic []byte) bool {
	return auth.Matches(g.of(s).Publish, string(topic), s.user.ID)
}

func (g *grants) maySubscribe(s *session, topic string) bool {
	allowed := g.of(s)
	if auth.Matches(allowed.Subscribe, topic, s.user.ID) {
		return true
	}
	for _, join := range allowed.Join {
		if auth.Expand(join, s.user.ID) == topic {
			return true
		}
	}
	return false
}
