package server

import (
	"encoding/base64"
	"encoding/binary"
	"math/rand/v2"

	"momentum/server/history"
	"momentum/server/presence"
	"momentum/server/topics"
)

// Limits returns the limits of a user's channel or a topic's, and those of the broadcast.
func (h History) Limits() (each, broadcast history.Limits) {
	return history.Limits{Messages: h.Messages, Bytes: h.Bytes, Age: h.Age},
		history.Limits{Messages: h.Messages * broadcastMessages, Bytes: h.Bytes * broadcastBytes, Age: h.Age}
}

// remember makes the node's channels, its receipts, and its epoch. The histories are empty, and keep as much as h allows.
func (n *node) remember(h History) {
	each, all := h.Limits()
	n.broadcast.store = history.NewStore(all, all.Bytes)
	n.broadcast.channel = n.broadcast.store.Open()
	n.hub = presence.NewHub(each, h.Room)
	n.topics = topics.New(n.options.Reactors, each, h.Room, n.options.MaxSubscriptions, rand.NewPCG(n.options.Seed, topicsStream).Uint64())
	n.receipts = history.NewReceipts(h.Age, h.Room/receiptShare)
	var epoch [8]byte
	binary.BigEndian.PutUint64(epoch[:], rand.NewPCG(n.options.Seed, epochStream).Uint64())
	n.epoch = base64.RawURLEncoding.EncodeToString(epoch[:epochBytes])
}
