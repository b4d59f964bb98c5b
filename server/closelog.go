package server

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"momentum/protocol"
	"momentum/server/history"
	"momentum/server/presence"
	"momentum/server/reason"
)

// closeLog limits the log lines that name clients which the node has closed for their behavior (see reason.Named): an
// operator wants to find such a client, and a thousand of them must not fill the log.
type closeLog struct {
	mu         sync.Mutex
	begun      time.Time // of the present second
	lines      int       // in it
	suppressed int       // connections that were not named in it
}

// allow reports whether one more connection may be named in this second.
func (l *closeLog) allow() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lines < closesNamed {
		l.lines++
		return true
	}
	l.suppressed++
	return false
}

// tick begins another second when it is time, and returns how many connections were not named in the last one.
func (l *closeLog) tick(now time.Time) (suppressed int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.begun) < time.Second {
		return 0
	}
	suppressed = l.suppressed
	l.begun, l.lines, l.suppressed = now, 0, 0
	return suppressed
}

// reportSuppressed logs how many connections were not named in the last second. The ticker calls it.
func (s *Server) reportSuppressed(now time.Time) {
	if n := s.closeLog.tick(now); n > 0 {
		s.options.Log.Info("more connections were closed for their clients' behavior; level debug names each", "connections", n)
	}
}

// logEnd logs the end of a session: at level info if an operator may want to find the client, otherwise at level
// debug.
func (sh *shard) logEnd(s *session, why reason.Reason, code protocol.StatusCode) {
	level := slog.LevelDebug
	if why.Named() && sh.server.closeLog.allow() {
		level = slog.LevelInfo
	}
	log := sh.server.options.Log
	if !log.Enabled(context.Background(), level) {
		return
	}
	log.Log(context.Background(), level, "connection closed", "reason", why, "code", int(code), "connection", s.handle(),
		"user_id", s.user.ID, "username", sh.nameOf(s), "address", s.client,
		"messages", s.messages, "refused", s.refused, "received_bytes", s.received, "queued_bytes", s.conn.Queued())
}

// nameOf returns the name of a live session's user.
func (sh *shard) nameOf(s *session) (name string) {
	sh.server.hub.With(s.user.ID, func(u *presence.User, _ *history.Store) { name = u.Name() })
	return name
}
