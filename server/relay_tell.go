package server

import (
	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/server/cluster"
)

// lostPost says that messages of a channel are missing.
func lostPost(p channelPlace, from, to uint64) netpoll.Post {
	post := netpoll.Post{Op: opLost, Meta: netpoll.Meta{from, to}}
	if p.topic != nil {
		post.Ref = p.topic
	}
	return post
}

// tellPosition tells the reactors the numbers of a channel after it got another epoch, and through them the members.
func (r *relay) tellPosition(p channelPlace, epoch uint32) {
	post := netpoll.Post{Op: opPosition, Meta: netpoll.Meta{p.Seq(), uint64(epoch)}}
	if p.topic != nil {
		post.Ref = p.topic
	}
	r.postAll(p, post)
}

// tellPositions tells the users whose channels were joined before the broadcast their positions.
func tellPositions(r *relay) {
	r.hub.Each(func(user uuid.UUID) bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		c := cluster.DirectOf(user)
		r.with(c, func(p channelPlace) {
			if isIn(r, p, c) {
				r.tellPosition(p, p.in.Epoch())
			}
		})
		return true
	})
}

// postAll posts something without a body to the connections of a user, to the reactors with subscribers of a topic, or to all.
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
