package server

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"momentum/server/auth"
	"momentum/server/ends"
	"momentum/server/heavy"
)

// The administrator's calls about what goes on in a node, and what has. Each answer has a line for each row.

// parameters reads "name=value name=value".
func parameters(rest string) map[string]string {
	all := map[string]string{}
	for word := range strings.FieldsSeq(rest) {
		name, value, _ := strings.Cut(word, "=")
		all[name] = value
	}
	return all
}

// rowsOf writes a count and rows.
func rowsOf[R any](count int, rows []R) string {
	lines := []string{strconv.Itoa(count)}
	for _, r := range rows {
		lines = append(lines, marshaled(r))
	}
	return strings.Join(lines, "\n  ")
}

func adminCloses(w *world, rest string) string {
	asked := parameters(rest)
	f := EndFilter{Reason: asked["reason"], Kind: ends.Kind(asked["kind"])}
	if asked["user"] != "" {
		f.User = userID(asked["user"])
	}
	limit, err := strconv.Atoi(asked["limit"])
	if err != nil {
		limit = 100
	}
	p := answered(w, func() (Page[EndRow], error) { return w.server.Reach(false).Ends(w.t.Context(), f, EndPlace{}, limit) })
	return rowsOf(p.Count, p.Rows)
}

func adminConnections(w *world, rest string) string {
	asked := parameters(rest)
	var f ConnectionFilter
	if asked["user"] != "" {
		f.User = userID(asked["user"])
	}
	if asked["address"] != "" {
		f.Address = netip.MustParseAddr(asked["address"])
	}
	f.Topic = asked["topic"]
	var rows []ConnectionRow
	if f != (ConnectionFilter{}) {
		rows = w.selected(f, 2)
	} else {
		by := map[string]heavy.Measure{"bytes_in": heavy.In, "bytes_out": heavy.Out, "queue": heavy.Queued, "refused": heavy.Refused}[asked["sort"]]
		seconds, _ := strconv.Atoi(asked["window"])
		rows = w.heaviest(by, seconds, 100)
	}
	for i := range rows {
		rows[i].ID = strings.Replace(rows[i].ID, w.server.epoch, "<epoch>", 1)
	}
	return strings.ReplaceAll(rowsOf(len(rows), rows), `\u003cepoch\u003e`, "<epoch>")
}

// drop closes a connection.
func (w *world) drop(id, text string) string {
	e, err := finder{&w.server.node}.drop(id, text)
	if err != nil {
		return fmt.Sprintf("error %v", err)
	}
	w.net.Settle()
	closed, late := e.Wait(w.t.Context())
	return fmt.Sprintf("%d closed, error %v", closed, late)
}

func adminDrop(w *world, rest string) string {
	name, text, _ := strings.Cut(rest, " ")
	w.dropped = w.selected(ConnectionFilter{User: userID(name)}, 1)[0].ID
	return w.drop(w.dropped, text)
}

func adminDropAgain(w *world, text string) string { return w.drop(w.dropped, text) }

func adminBans(w *world, _ string) string {
	p := answered(w, func() (Page[Revocation], error) { return w.server.Reach(false).Bans(w.t.Context(), "", 100) })
	return named(p)
}

func adminRevocations(w *world, _ string) string {
	p := answered(w, func() (Page[Revocation], error) { return w.server.Reach(false).Revocations(w.t.Context(), "", 100) })
	return named(p)
}

// named writes revocations without their times, which depend on the date.
func named(p Page[Revocation]) string {
	names := []string{}
	for _, r := range p.Rows {
		names = append(names, r.Name())
	}
	return rowsOf(p.Count, names)
}

func adminLift(w *world, rest string) string {
	kind, of, _ := strings.Cut(rest, " ")
	one := map[string]auth.Revocation{"ban": auth.Ban(userID(of), 0), "token": {TokenID: of}, "user": {UserID: userID(of)}}[kind]
	l := answered(w, func() (Lifted, error) { return w.server.Reach(false).Lift(w.t.Context(), one, true) })
	return fmt.Sprintf("in force %v", l.InForce)
}
