package server

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"momentum/server/auth"
)

// adminVerbs are the administrator's calls in a golden conversation: "admin VERB REST". Each returns the answer.
var adminVerbs = map[string]func(w *world, rest string) (answer string){
	"broadcast":  adminBroadcast, // TYPE DATA
	"send":       adminSend,      // NAME TYPE DATA
	"online":     adminOnline,
	"drain":      adminDrain,
	"cleanup":    adminCleanup,
	"refused":    adminRefused,   // how many handshakes were refused, by reason
	"inquiries":  adminInquiries, // how many were answered, by the refusal
	"closed":     adminClosed,    // how many connections were closed, by reason
	"audit":      adminAudit,
	"stats":      adminStats,      // a field of /ws/stats
	"deactivate": adminDeactivate, // NAME
	"disconnect": adminDisconnect, // NAME BAN REASON
	"revoke":     adminRevoke,     // the ID of a token, or "NAME's older than DURATION"

	"closes":      adminCloses,      // reason=R user=NAME kind=K limit=N
	"connections": adminConnections, // sort=S window=SECONDS, or user=NAME, address=A or topic=T
	"drop":        adminDrop,        // NAME REASON: the user's first connection
	"dropped":     adminDropAgain,   // the connection of the last drop, again
	"bans":        adminBans,
	"revocations": adminRevocations,
	"lift":        adminLift, // ban NAME, token ID or user NAME
}

func (w *world) administer(what string) string {
	verb, rest, _ := strings.Cut(what, " ")
	do, ok := adminVerbs[verb]
	if !ok {
		w.t.Fatalf("an administrator cannot %q", verb)
	}
	if answer := do(w, rest); answer != "" {
		return "admin: " + answer
	}
	return ""
}

func adminBroadcast(w *world, rest string) string {
	kind, data, _ := strings.Cut(rest, " ")
	receipt, err := w.server.Broadcast(kind, json.RawMessage(data))
	return fmt.Sprintf("%d connections, error %v", receipt.Connections, err)
}

func adminSend(w *world, rest string) string {
	name, rest, _ := strings.Cut(rest, " ")
	kind, data, _ := strings.Cut(rest, " ")
	receipt, err := w.server.Send(userID(name), kind, json.RawMessage(data))
	return fmt.Sprintf("%d connections, error %v", receipt.Connections, err)
}

func adminOnline(w *world, _ string) string {
	count, users := w.server.Online(uuid.Nil, 100)
	return fmt.Sprintf("%d %s", count, marshaled(users))
}

func adminDrain(w *world, _ string) string {
	w.server.StartDrain()
	return ""
}

func adminCleanup(w *world, _ string) string {
	sweep := w.server.startSweep(0)
	w.net.Settle()
	return fmt.Sprintf("%d cleaned, %d remain", sweep.closed.Load(), sweep.left.Load())
}

func adminRefused(w *world, _ string) string { return marshaled(w.server.Stats().Refused) }

func adminInquiries(w *world, _ string) string { return marshaled(w.server.Stats().Inquiries) }

func adminClosed(w *world, _ string) string { return marshaled(w.server.Stats().Closed) }

func adminAudit(w *world, _ string) string { return fmt.Sprint(w.audit()) }

func adminStats(w *world, field string) string {
	var all map[string]json.RawMessage
	_ = json.Unmarshal([]byte(marshaled(w.server.Stats())), &all)
	return field + " " + strconv.Quote(string(all[field]))
}

func adminDeactivate(w *world, name string) string {
	w.deactivate(name)
	return ""
}

func adminDisconnect(w *world, rest string) string {
	words := strings.SplitN(rest, " ", 3)
	until := int64(0)
	if ban := w.duration(words[1]); ban > 0 {
		until = w.net.Now().Add(ban).Unix()
	}
	e, err := w.server.Disconnect(userID(words[0]), strings.Join(words[2:], ""), until)
	if e == nil {
		return fmt.Sprintf("error %v", err)
	}
	w.net.Settle()
	closed, late := e.Wait(w.t.Context())
	return fmt.Sprintf("%d closed, errors %v, %v", closed, err, late)
}

func adminRevoke(w *world, rest string) string {
	r := auth.Revocation{TokenID: rest, Until: w.net.Now().Add(5 * time.Minute).Unix()}
	if name, age, ofUser := strings.Cut(rest, "'s older than "); ofUser {
		r = auth.Revocation{UserID: userID(name), IssuedBefore: w.net.Now().Add(-w.duration(age)).Unix(), Until: r.Until}
	}
	return fmt.Sprintf("%d closed", w.revoke(r))
}

func marshaled(value any) string {
	text, _ := json.Marshal(value)
	return string(text)
}
