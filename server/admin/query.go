package admin

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"momentum/server"
)

// withQuery refuses a query that next would misread: with a parameter that next does not know, or with one that occurs
// twice. A name that ends in [] stands for a list.
func withQuery(next answer, known ...string) answer {
	return func(w http.ResponseWriter, r *http.Request) *fault {
		query, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil {
			return &fault{400, "bad_query", "the query is not percent-encoded correctly, or has a semicolon"}
		}
		for name, values := range query {
			switch {
			case !slices.Contains(known, name):
				return &fault{400, "unknown_parameter", strconv.Quote(name) + " is no parameter of this call; it takes: " + listed(known)}
			case len(values) > 1 && !strings.HasSuffix(name, "[]"):
				return &fault{400, "duplicate_parameter", strconv.Quote(name) + " occurs more than once: send every parameter once"}
			}
		}
		return next(w, r)
	}
}

// requestedLimit reads how many rows are requested.
func requestedLimit(r *http.Request) (limit int, refused *fault) { return limitOf(r, onlinePage) }

// limitOf reads how many rows are requested, or returns the usual number.
func limitOf(r *http.Request, usual int) (limit int, refused *fault) {
	text := r.URL.Query().Get("limit")
	if text == "" {
		return usual, nil
	}
	limit, err := strconv.Atoi(text)
	if err != nil || limit < 1 || limit > maxOnlinePage {
		return 0, &fault{400, "bad_limit", "limit must be from 1 to " + strconv.Itoa(maxOnlinePage)}
	}
	return limit, nil
}

// formatCursor writes a place in a list that each reactor has a part of: "REACTOR-PLACE", and in a cluster "REACTOR-PLACE-NODE".
func formatCursor(node string, reactor int, place uint64) string {
	text := fmt.Sprintf("%d-%d", reactor, place)
	if node != "" {
		text += "-" + node
	}
	return text
}

// parseCursor reads what formatCursor writes; "" is the beginning.
func parseCursor(text string) (node string, reactor int, place uint64, ok bool) {
	if text == "" {
		return "", 0, 0, true
	}
	first, rest, _ := strings.Cut(text, "-")
	second, node, _ := strings.Cut(rest, "-")
	number, err1 := strconv.ParseUint(first, 10, 8)
	place, err2 := strconv.ParseUint(second, 10, 64)
	return node, int(number), place, err1 == nil && err2 == nil
}

// reachOf returns the calls for all nodes of the cluster, or with ?scope=node for this one alone.
func reachOf(s *server.Server, r *http.Request) server.Reach {
	return s.Reach(r.URL.Query().Get("scope") == "node")
}

// scoped refuses a scope that there is not.
func scoped(next answer) answer {
	return func(w http.ResponseWriter, r *http.Request) *fault {
		if scope := r.URL.Query().Get("scope"); scope != "" && scope != "node" && scope != "cluster" {
			return &fault{400, "bad_scope", "scope must be node or cluster"}
		}
		return next(w, r)
	}
}
