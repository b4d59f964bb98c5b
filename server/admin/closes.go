package admin

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"momentum/server"
	"momentum/server/ends"
)

var closesParameters = []string{"limit", "after", "scope", "user", "address", "code", "reason", "side", "kind", "since"}

// closesAnswer is a page of GET /ws/closes.
type closesAnswer struct {
	Count  int             `json:"count"` // ends that the filters select
	Closes []server.EndRow `json:"closes"`
	Next   string          `json:"next,omitempty"` // pass it as after= for the next page
	server.Partial
}

// closes answers with the last ends of connections.
func closes(s *server.Server) answer {
	return func(w http.ResponseWriter, r *http.Request) *fault {
		limit, refused := requestedLimit(r)
		if refused != nil {
			return refused
		}
		query := r.URL.Query()
		filter, refused := requestedEnds(query, s.Now())
		if refused != nil {
			return refused
		}
		after, ok := parsePlace(query.Get("after"))
		if !ok {
			return badAfter
		}
		ctx, cancel := context.WithTimeout(r.Context(), cleanupTimeout)
		defer cancel()
		found, err := reachOf(s, r).Ends(ctx, filter, after, limit)
		if err != nil {
			return unanswered
		}
		page := closesAnswer{Count: found.Count, Closes: found.Rows, Partial: found.Partial}
		if last := len(found.Rows) - 1; found.More && last >= 0 {
			page.Next = formatPlace(found.Rows[last].Place())
		}
		if page.Closes == nil {
			page.Closes = []server.EndRow{}
		}
		respond(w, http.StatusOK, page)
		return nil
	}
}

var badAfter = &fault{400, "bad_after", "after must be the next of the page before"}

// requestedEnds reads which ends are requested.
func requestedEnds(query url.Values, now time.Time) (f server.EndFilter, refused *fault) {
	if text := query.Get("user"); text != "" {
		if f.User, refused = parseUserID("user", text); refused != nil {
			return f, refused
		}
	}
	if text := query.Get("code"); text != "" {
		code, err := strconv.ParseUint(text, 10, 16)
		if err != nil || code < 100 || code > 4999 {
			return f, &fault{400, "bad_code", "code must be a close code, such as 1006, or an HTTP status"}
		}
		f.Code = uint16(code)
	}
	f.Reason, f.Side, f.Kind = query.Get("reason"), ends.Side(query.Get("side")), ends.Kind(query.Get("kind"))
	switch {
	case f.Reason != "" && !ends.KnownReason(f.Reason):
		return f, &fault{400, "bad_reason", "reason must be one of those in docs/OPERATIONS.md, such as slow"}
	case f.Side != "" && f.Side != ends.Client && f.Side != ends.Network && f.Side != ends.Node:
		return f, &fault{400, "bad_side", "side must be client, network or node"}
	case f.Kind != "" && f.Kind != ends.Session && f.Kind != ends.Handshake:
		return f, &fault{400, "bad_kind", "kind must be session or handshake"}
	}
	if f.Address, refused = requestedAddress(query); refused != nil {
		return f, refused
	}
	f.Since, refused = requestedSince(query, now)
	return f, refused
}

// requestedAddress reads a client's address; of IPv6, any of its /64.
func requestedAddress(query url.Values) (a netip.Addr, refused *fault) {
	text := query.Get("address")
	if text == "" {
		return a, nil
	}
	a, err := netip.ParseAddr(strings.TrimSuffix(text, "/64"))
	if err != nil || a.Zone() != "" {
		return a, &fault{400, "bad_address", "address must be an IP address, or a /64 as the answers have it"}
	}
	return a, nil
}

// requestedSince reads a time, or how long ago it was.
func requestedSince(query url.Values, now time.Time) (at time.Time, refused *fault) {
	text := query.Get("since")
	if text == "" {
		return at, nil
	}
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, &fault{400, "bad_since", "since must be a time such as 2024-01-01T12:00:00Z, or how long ago, such as 5m"}
	}
	return at, nil
}

// placeTime is the form of the time in a cursor; it has no hyphen.
const placeTime = "20060102T150405.000000000Z"

// formatPlace writes a place in the list of ends: "TIME-REACTOR-KIND-NUMBER-NODE".
func formatPlace(p server.EndPlace) string {
	return fmt.Sprintf("%s-%d-%s-%d-%s", p.At.UTC().Format(placeTime), p.Reactor, p.Kind, p.Number, p.Node)
}

// parsePlace reads what formatPlace writes; "" is the beginning.
func parsePlace(text string) (p server.EndPlace, ok bool) {
	if text == "" {
		return p, true
	}
	parts := strings.SplitN(text, "-", 5)
	if len(parts) != 5 {
		return p, false
	}
	at, err1 := time.Parse(placeTime, parts[0])
	reactor, err2 := strconv.ParseUint(parts[1], 10, 8)
	number, err3 := strconv.ParseUint(parts[3], 10, 64)
	p = server.EndPlace{At: at, Node: parts[4], Reactor: uint8(reactor), Kind: ends.Kind(parts[2]), Number: number}
	return p, err1 == nil && err2 == nil && err3 == nil && (p.Kind == ends.Session || p.Kind == ends.Handshake)
}
