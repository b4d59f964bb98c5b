package admin

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"momentum/server"
)

// onlineAnswer is a page of GET /ws/online.
type onlineAnswer struct {
	Count int                 `json:"count"` // users online
	Users []server.OnlineUser `json:"users"`
	Next  *uuid.UUID          `json:"next,omitempty"` // pass it as after= for the next page
}

func (c *sidecar) online(w http.ResponseWriter, r *http.Request) {
	limit, after := onlinePage, uuid.Nil
	var err error
	if text := r.URL.Query().Get("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > maxOnlinePage {
			(&fault{400, "bad_limit", "limit must be from 1 to " + strconv.Itoa(maxOnlinePage)}).write(w)
			return
		}
	}
	if text := r.URL.Query().Get("after"); text != "" {
		if after, err = uuid.Parse(text); err != nil {
			(&fault{400, "bad_after", "after must be the user_id that next gave"}).write(w)
			return
		}
	}
	count, users := c.server.Online(after, limit+1)
	answer := onlineAnswer{Count: count, Users: users[:min(limit, len(users))]}
	if len(users) > limit {
		answer.Next = &users[limit-1].UserID
	}
	if answer.Users == nil {
		answer.Users = []server.OnlineUser{}
	}
	respond(w, http.StatusOK, answer)
}

func (c *sidecar) stats(w http.ResponseWriter, _ *http.Request) {
	respond(w, http.StatusOK, c.server.Stats())
}

// broadcastCall is the body of POST /ws/broadcast.
type broadcastCall struct {
	Type string          `json:"message_type"`
	Data json.RawMessage `json:"data"`
}

func (c *sidecar) broadcast(w http.ResponseWriter, r *http.Request) {
	var call broadcastCall
	if fault := decode(w, r, &call); fault != nil {
		fault.write(w)
		return
	}
	receipt, err := c.server.Broadcast(call.Type, call.Data)
	c.answer(w, receipt, err)
}

// sendCall is the body of POST /ws/send.
type sendCall struct {
	To   *uuid.UUID      `json:"to_user_id"`
	Type string          `json:"message_type"`
	Data json.RawMessage `json:"data"`
}

func (c *sidecar) send(w http.ResponseWriter, r *http.Request) {
	var call sendCall
	if fault := decode(w, r, &call); fault != nil {
		fault.write(w)
		return
	}
	if call.To == nil {
		(&fault{400, "missing_field", "to_user_id must be there: the user's UUID"}).write(w)
		return
	}
	receipt, err := c.server.Send(*call.To, call.Type, call.Data)
	c.answer(w, receipt, err)
}

// sentAnswer says what became of an administrator's message.
type sentAnswer struct {
	Success     bool   `json:"success"`
	ID          string `json:"id,omitempty"`
	Connections int    `json:"connections"`
	Error       string `json:"error,omitempty"`
	Message     string `json:"message,omitempty"`
}

func (c *sidecar) answer(w http.ResponseWriter, receipt server.Receipt, err error) {
	status, answer := http.StatusOK, sentAnswer{Success: err == nil, ID: receipt.ID, Connections: receipt.Connections}
	switch {
	case errors.Is(err, server.ErrNotOnline):
		status, answer.Error = http.StatusNotFound, "user_not_online"
	case errors.Is(err, server.ErrNotAllowedType):
		status, answer.Error = http.StatusBadRequest, "bad_message_type"
	case err != nil:
		status, answer.Error = http.StatusServiceUnavailable, "overloaded"
	}
	if err != nil {
		answer.Message = err.Error()
	}
	respond(w, status, answer)
}

// cleanupAnswer says what POST /ws/cleanup did.
type cleanupAnswer struct {
	Cleaned   int `json:"cleaned_connections"`
	Remaining int `json:"remaining_connections"`
}

func (c *sidecar) cleanup(w http.ResponseWriter, r *http.Request) {
	if fault := decode(w, r, &struct{}{}); fault != nil {
		fault.write(w)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), cleanupTimeout)
	defer cancel()
	cleaned, remaining, err := c.server.Cleanup(ctx)
	if err != nil {
		(&fault{503, "overloaded", "the reactors did not answer in time; look at /ws/stats"}).write(w)
		return
	}
	respond(w, http.StatusOK, cleanupAnswer{cleaned, remaining})
}
