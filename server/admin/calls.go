package admin

import (
	"context"
	"errors"
	"net/http"

	"github.com/google/uuid"

	"momentum/server"
)

// onlineAnswer is a page of GET /ws/online.
type onlineAnswer struct {
	Count int                 `json:"count"` // users online
	Users []server.OnlineUser `json:"users"`
	Next  *uuid.UUID          `json:"next,omitempty"` // pass it as after= for the next page
	server.Partial
}

func (c *sidecar) online(w http.ResponseWriter, r *http.Request) *fault {
	limit, after, fault := requestedPage(r)
	if fault != nil {
		return fault
	}
	found, err := c.reach(r).Online(r.Context(), after, limit)
	if err != nil {
		return unanswered
	}
	page := onlineAnswer{Count: found.Count, Users: found.Rows, Partial: found.Partial}
	if last := len(found.Rows) - 1; found.More && last >= 0 {
		page.Next = &found.Rows[last].UserID
	}
	if page.Users == nil {
		page.Users = []server.OnlineUser{}
	}
	respond(w, http.StatusOK, page)
	return nil
}

// requestedPage reads which page of the list is requested.
func requestedPage(r *http.Request) (limit int, after uuid.UUID, refused *fault) {
	if limit, refused = requestedLimit(r); refused != nil {
		return 0, uuid.Nil, refused
	}
	if text := r.URL.Query().Get("after"); text != "" {
		after, refused = parseUserID("after", text)
	}
	return limit, after, refused
}

func (c *sidecar) stats(w http.ResponseWriter, r *http.Request) *fault {
	found, err := c.reach(r).Stats(r.Context())
	if err != nil {
		return unanswered
	}
	respond(w, http.StatusOK, found)
	return nil
}

func (c *sidecar) broadcast(w http.ResponseWriter, r *http.Request) *fault {
	call, fault := readFields(w, r, "id", "message_type", "data")
	if fault != nil {
		return fault
	}
	id, fault := call.messageID()
	if fault != nil {
		return fault
	}
	kind, fault := call.text("message_type")
	if fault != nil {
		return fault
	}
	receipt, err := c.server.BroadcastOnce(id, kind, call["data"])
	respondSent(w, receipt, err)
	return nil
}

func (c *sidecar) send(w http.ResponseWriter, r *http.Request) *fault {
	call, fault := readFields(w, r, "id", "to_user_id", "message_type", "data")
	if fault != nil {
		return fault
	}
	id, fault := call.messageID()
	if fault != nil {
		return fault
	}
	to, fault := call.userID("to_user_id")
	if fault != nil {
		return fault
	}
	kind, fault := call.text("message_type")
	if fault != nil {
		return fault
	}
	receipt, err := c.server.SendOnce(id, to, kind, call["data"])
	respondSent(w, receipt, err)
	return nil
}

// sentAnswer is the outcome of an administrator's message.
type sentAnswer struct {
	Success     bool   `json:"success"`
	ID          string `json:"id,omitempty"`
	Connections int    `json:"connections"`
	Nodes       int    `json:"nodes,omitempty"`
	Online      bool   `json:"online"`
	Seq         uint64 `json:"seq,omitempty"`
	Stored      bool   `json:"stored"`
	Unknown     bool   `json:"outcome_unknown,omitempty"`
	Error       string `json:"error,omitempty"`
	Message     string `json:"message,omitempty"`
}

func respondSent(w http.ResponseWriter, r server.Receipt, err error) {
	status, sent := sentOutcome(r, err)
	respond(w, status, sent)
}

// sentOutcome returns the answer to one message, and its status.
func sentOutcome(r server.Receipt, err error) (status int, sent sentAnswer) {
	status, sent = http.StatusOK, sentAnswer{Success: err == nil, ID: r.ID, Connections: r.Connections, Nodes: r.Nodes, Online: r.Connections+r.Nodes > 0, Seq: r.Seq, Stored: r.Stored}
	if err != nil {
		sent.Message = err.Error()
	}
	switch {
	case errors.Is(err, server.ErrNotOnline):
		status, sent.Error = http.StatusNotFound, "user_not_online"
		if r.Stored {
			sent.Message += "; the message is kept for HISTORY_AGE"
		} else {
			sent.ID = "" // no receiver will see it
		}
	case errors.Is(err, server.ErrNotAllowedType):
		status, sent.Error = http.StatusBadRequest, "bad_message_type"
	case errors.Is(err, server.ErrBadTopic):
		status, sent.Error = http.StatusBadRequest, "bad_topic"
	case errors.Is(err, server.ErrBusUnavailable):
		status, sent.Error = http.StatusServiceUnavailable, "bus_unavailable"
		sent.Unknown = errors.Is(err, server.ErrOutcomeUnknown)
	case err != nil:
		status, sent.Error = http.StatusServiceUnavailable, "overloaded"
	}
	return status, sent
}

// cleanupAnswer is the outcome of POST /ws/cleanup.
type cleanupAnswer struct {
	server.CleanupCount
	server.Partial
}

func (c *sidecar) cleanup(w http.ResponseWriter, r *http.Request) *fault {
	if _, fault := readFields(w, r); fault != nil {
		return fault
	}
	ctx, cancel := context.WithTimeout(r.Context(), cleanupTimeout)
	defer cancel()
	count, missed, err := c.reach(r).Cleanup(ctx)
	if err != nil {
		return unanswered
	}
	respond(w, http.StatusOK, cleanupAnswer{count, missed})
	return nil
}
