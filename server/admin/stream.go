package admin

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"momentum/server"
	"momentum/server/view"
)

// stream answers GET /ws/stream: the last fifteen minutes, and then a view of the node each second. It hands the connection over to the
// feed, so that no goroutine waits for each viewer. The stream ends if the feed has ended since the access rule of this handler began.
func stream(s *server.Server) answer {
	term := s.Views.Term()
	return func(w http.ResponseWriter, r *http.Request) *fault {
		past, refused := wantsHistory(r)
		if refused != nil {
			return refused
		}
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("X-Accel-Buffering", "no") // nginx sends each event on at once
		if r.Method == http.MethodHead {
			return nil
		}
		viewer, err := s.Views.Enter(doorOf(r), term)
		switch {
		case errors.Is(err, view.ErrStopped):
			return &fault{503, "stopping", "the node stops: ask another node, or again when it has started"}
		case err != nil:
			return &fault{503, "too_many_viewers", "there are as many viewers on this port as may be: close another dashboard; GET /ws/stats has the same counters"}
		}
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			viewer.Leave()
			return &fault{505, "no_stream", "a stream needs HTTP/1.1"}
		}
		_ = conn.SetDeadline(time.Time{}) // those of a request
		viewer.Serve(conn, beginning(s, callerOf(r), w.Header(), past))
		return nil
	}
}

// wantsHistory reads whether the history is wanted.
func wantsHistory(r *http.Request) (wanted bool, refused *fault) {
	switch r.URL.Query().Get("history") {
	case "", "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, &fault{400, "bad_history", "history must be true or false"}
}

// doorOf returns the port of a request. Few plain HTTP connections have a place on the WebSocket port.
func doorOf(r *http.Request) view.Door {
	if r.Context().Value(handedOverKey{}) != nil {
		return view.PublicPort
	}
	return view.AdminPort
}

// beginning returns the head of the answer and the first events. The body ends with the connection, which every version of HTTP knows.
func beginning(s *server.Server, by caller, header http.Header, past bool) []byte {
	var all bytes.Buffer
	header.Set("Connection", "close")
	all.WriteString("HTTP/1.1 200 OK\r\n")
	_ = header.Write(&all) // a buffer takes everything
	all.WriteString("\r\n")
	text, _ := json.Marshal(by) // texts and numbers: it cannot fail
	all.Write(view.Event("caller", text))
	if past {
		text, _ = json.Marshal(s.Views.History())
		all.Write(view.Event("history", text))
	}
	if now := s.Views.Last(); !now.At.IsZero() { // in its first second, a node has no view
		text, _ = json.Marshal(&now)
		all.Write(view.Event("view", text))
	}
	return all.Bytes()
}
