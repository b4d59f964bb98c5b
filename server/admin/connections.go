package admin

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"momentum/server"
	"momentum/server/heavy"
)

var connectionsParameters = []string{"limit", "after", "scope", "sort", "window", "user", "address", "topic"}

// sorts are the measures by which the heaviest connections are sorted.
var sorts = map[string]heavy.Measure{"bytes_in": heavy.In, "bytes_out": heavy.Out, "queue": heavy.Queued, "refused": heavy.Refused}

// connectionsAnswer is the answer of GET /ws/connections.
type connectionsAnswer struct {
	Sort        string                 `json:"sort,omitempty"` // of the heaviest
	Window      int                    `json:"window_seconds"`
	Connections []server.ConnectionRow `json:"connections"`
	Next        string                 `json:"next,omitempty"` // pass it as after= for the next page
	server.Partial
}

// lister lists connections.
type lister struct{ server *server.Server }

// list answers with the heaviest connections, or with all those of a user, an address or a topic.
func (l lister) list(w http.ResponseWriter, r *http.Request) *fault {
	query := r.URL.Query()
	page := connectionsAnswer{Sort: query.Get("sort"), Window: shortWindow}
	switch query.Get("window") {
	case "", "10":
	case "60":
		page.Window = longWindow
	default:
		return &fault{400, "bad_window", "window must be 10 or 60, in seconds"}
	}
	filter, refused := requestedConnections(query)
	if refused != nil {
		return refused
	}
	ctx, cancel := context.WithTimeout(r.Context(), cleanupTimeout)
	defer cancel()
	if filter == (server.ConnectionFilter{}) {
		refused = l.heaviest(ctx, r, &page)
	} else {
		refused = l.selected(ctx, r, filter, &page)
	}
	if refused != nil {
		return refused
	}
	if page.Connections == nil {
		page.Connections = []server.ConnectionRow{}
	}
	respond(w, http.StatusOK, page)
	return nil
}

// heaviest makes the answer that has the heaviest connections.
func (l lister) heaviest(ctx context.Context, r *http.Request, page *connectionsAnswer) *fault {
	limit, refused := limitOf(r, heavy.Listed)
	if refused != nil {
		return refused
	}
	if page.Sort == "" {
		page.Sort = "bytes_out"
	}
	by, known := sorts[page.Sort]
	switch {
	case !known:
		return &fault{400, "bad_sort", "sort must be bytes_in, bytes_out, queue or refused"}
	case r.URL.Query().Get("after") != "":
		return &fault{400, "bad_after", "the heaviest connections have one page; after belongs to user, address or topic"}
	}
	var err error
	page.Connections, page.Partial, err = reachOf(l.server, r).Heaviest(ctx, by, page.Window, limit)
	if err != nil {
		return unanswered
	}
	return nil
}

// selected makes the answer that has a page of the connections of a user, an address or a topic.
func (l lister) selected(ctx context.Context, r *http.Request, f server.ConnectionFilter, page *connectionsAnswer) *fault {
	limit, refused := limitOf(r, heavy.Listed)
	if refused != nil {
		return refused
	}
	if page.Sort != "" {
		return &fault{400, "bad_sort", "sort is for the heaviest connections; those of a user, an address or a topic have no order"}
	}
	from, ok := parseConnection(r.URL.Query().Get("after"))
	if !ok {
		return badAfter
	}
	found, err := reachOf(l.server, r).Connections(ctx, f, from, page.Window, limit)
	if err != nil {
		return unanswered
	}
	page.Connections, page.Partial = found.Rows, found.Partial
	if found.More {
		page.Next = formatConnection(found.Next)
	}
	return nil
}

// requestedConnections reads which connections are requested; the zero value: the heaviest.
func requestedConnections(query url.Values) (f server.ConnectionFilter, refused *fault) {
	filters := 0
	for _, name := range []string{"user", "address", "topic"} {
		if query.Get(name) != "" {
			filters++
		}
	}
	if filters > 1 {
		return f, &fault{400, "bad_filter", "send only one of user, address and topic"}
	}
	if text := query.Get("user"); text != "" {
		f.User, refused = parseUserID("user", text)
		return f, refused
	}
	if f.Topic = query.Get("topic"); f.Topic != "" {
		if err := server.CheckPublish(f.Topic, "text"); err != nil {
			return f, &fault{400, "bad_topic", err.Error()}
		}
	}
	f.Address, refused = requestedAddress(query)
	return f, refused
}

// drop closes the connection that the path names.
func (l lister) drop(w http.ResponseWriter, r *http.Request) *fault {
	text := r.URL.Query().Get("reason")
	if !utf8.ValidString(text) || len(text) > server.MaxReasonBytes {
		return badReason
	}
	ctx, cancel := context.WithTimeout(r.Context(), evictionTimeout)
	defer cancel()
	closed, err := reachOf(l.server, r).Drop(ctx, strings.TrimPrefix(r.URL.Path, "/ws/connections/"), text)
	switch refused := notInForce(err); {
	case refused != nil:
		return refused
	case err != nil:
		return notClosedInTime
	case closed.Connections == 0 && !closed.Partial.Partial:
		return &fault{404, "no_such_connection", "it has ended, or its node was started again; GET /ws/connections lists those that there are"}
	}
	respond(w, http.StatusOK, closedAnswer{Success: true, Closed: closed})
	return nil
}

func formatConnection(c server.ConnectionCursor) string {
	return formatCursor(c.Node, c.Place.Reactor, c.Place.At)
}

func parseConnection(text string) (c server.ConnectionCursor, ok bool) {
	c.Node, c.Place.Reactor, c.Place.At, ok = parseCursor(text)
	return c, ok
}
