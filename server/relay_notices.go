package server

import (
	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/server/cluster"
)

// lostPost makes the post with which a reactor reports a loss: the messages of a channel from one number to another.
func lostPost(p channelPlace, from, to uint64) netpoll.Post {
	post := netpoll.Post{Op: opLost, Meta: netpoll.Meta{from, to}}
	if p.topic != nil {
		post.Ref = p.topic
	}
	return post
}

// postPosition posts the last number and the epoch of a channel to its reactors, after an epoch has changed. The reactors send them to the
// members.
func (r *relay) postPosition(p channelPlace, epoch uint32) {
	post := netpoll.Post{Op: opPosition, Meta: netpoll.Meta{p.Seq(), uint64(epoch)}}
	if p.topic != nil {
		post.Ref = p.topic
	}
	r.postAll(p, post)
}

// postPositions sends their positions to the users whose channels were joined before the broadcast.
func postPositions(r *relay) {
	r.hub.Each(func(user uuid.UUID) bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		c := cluster.DirectOf(user)
		r.with(c, func(p channelPlace) {
			if isIn(r, p, c) {
				r.postPosition(p, p.in.Epoch())
			}
		})
		return true
	})
}

// postAll posts, without a body, to the connections of a user's channel, the reactors with subscribers of a topic, or all reactors.
func (r *relay) postAll(p channelPlace, post netpoll.Post) {
	if p.user != nil {
		for h := range p.user.Connections {
			post.To = h
			r.group.Post(post, nil)
		}
		return
	}
	for reactor := range r.group.Reactors() {
		if p.topic == nil || p.topic.On(reactor) {
			r.group.PostTo(reactor, post, nil)
		}
	}
}
