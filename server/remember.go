package server

import (
	"encoding/base64"
	"encoding/binary"
	"math/rand/v2"
	"time"

	"momentum/server/history"
	"momentum/server/presence"
)

// History says which messages the node keeps for clients that come back. If one of the first three is 0, it keeps none.
type History struct {
	Messages int           // of a user's channel or a topic's; the broadcast keeps broadcastMessages times as many
	Bytes    int           // likewise; the broadcast keeps broadcastBytes times as many
	Age      time.Duration // of a message
	Room     int           // bytes for all direct messages together
}

func (h History) limits() history.Limits {
	return history.Limits{Messages: h.Messages, Bytes: h.Bytes, Age: h.Age}
}

// remember makes the node's channels, which are empty, and their epoch.
func (s *Server) remember(h History) {
	all := h.limits()
	all.Messages *= broadcastMessages
	all.Bytes *= broadcastBytes
	s.broadcast.store = history.NewStore(all, all.Bytes)
	s.broadcast.channel = s.broadcast.store.Open()
	s.hub = presence.NewHub(h.limits(), h.Room)
	s.receipts = history.NewReceipts(h.Age, h.Room/receiptShare)
	var epoch [8]byte
	binary.BigEndian.PutUint64(epoch[:], rand.NewPCG(s.options.Seed, epochStream).Uint64())
	s.epoch = base64.RawURLEncoding.EncodeToString(epoch[:epochBytes])
}
