package server

import (
	"context"
	"log/slog"

	"momentum/protocol"
	"momentum/server/reason"
)

// logEnd logs the end of a session: at level info if an operator may want to find the client, otherwise at level
// debug.
func logEnd(n *node, s *session, why reason.Reason, code protocol.StatusCode) {
	level := slog.LevelDebug
	if why.Named() && n.closeLog.allow() {
		level = slog.LevelInfo
	}
	log := n.options.Log
	if !log.Enabled(context.Background(), level) {
		return
	}
	log.Log(context.Background(), level, "connection closed", "reason", why, "code", int(code), "connection", s.handle(),
		"user_id", s.user.ID, "username", nameOf(n, s), "address", s.origin.client,
		"messages", s.traffic.messages, "refused", s.traffic.refused, "received_bytes", s.traffic.received, "queued_bytes", s.conn.Queued())
}

// nameOf returns the name of a live session's user.
func nameOf(n *node, s *session) string { return n.hub.Name(s.user) }
