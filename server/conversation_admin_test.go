package server

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"
)

// adminVerbs are what an administrator does in a golden conversation: "admin VERB REST". Each returns the answer.
var adminVerbs = map[string]func(w *world, rest string) (answer string){
	"broadcast": adminBroadcast, // TYPE DATA
	"send":      adminSend,      // NAME TYPE DATA
	"online":    adminOnline,
	"drain":     adminDrain,
	"cleanup":   adminCleanup,
	"refused":   adminRefused, // how many handshakes were refused, by reason
	"closed":    adminClosed,  // how many connections were closed, by reason
	"audit":     adminAudit,
}

func (w *world) administer(what string) string {
	verb, rest, _ := strings.Cut(what, " ")
	if do, ok := adminVerbs[verb]; ok {
		if answer := do(w, rest); answer != "" {
			return "admin: " + answer
		}
		return ""
	}
	answer, ok := w.banish(verb, rest)
	if !ok {
		w.t.Fatalf("an administrator cannot %q", verb)
	}
	return answer
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

func adminClosed(w *world, _ string) string { return marshaled(w.server.Stats().Closed) }

func adminAudit(w *world, _ string) string { return fmt.Sprint(w.audit()) }

func marshaled(value any) string {
	text, _ := json.Marshal(value)
	return string(text)
}
