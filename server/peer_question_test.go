package server

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// TestAQuestionOutOfItsBoundsIsRefused puts questions as a node of another version, or a faulty one, may put them. Without their check,
// most of them make this node panic.
func TestAQuestionOutOfItsBoundsIsRefused(t *testing.T) {
	w := newWorld(t, 1, nil)
	w.join("alice").text(`{"message_type":"subscribe","data":{"topics":["news"]}}`)
	w.net.Settle()
	alice := userID("alice").String()
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // no question waits for a reactor
	for _, q := range []struct{ kind, text string }{
		{"heaviest", `{"by":4,"limit":1}`}, {"heaviest", `{"by":200,"limit":1}`}, {"heaviest", `{"limit":-1}`},
		{"heaviest", `{"limit":9000000000000000000}`}, {"heaviest", `{"limit":1,"seconds":-60}`},
		{"connections", `{"filter":{"user":"` + alice + `"}}`}, {"connections", `{"filter":{"user":"` + alice + `"},"limit":-1}`},
		{"connections", `{"filter":{"topic":"news"},"limit":9000000000000000000}`},
		{"connections", `{"filter":{"topic":"news"},"limit":1,"from":{"reactor":-1}}`},
		{"connections", `{"filter":{"topic":"news"},"limit":1,"seconds":-60}`},
		{"ends", `{"limit":-2}`}, {"ends", `{"limit":9223372036854775807}`},
		{"subscribers", `{"topic":"news","limit":1,"from":{"Reactor":-1}}`}, {"subscribers", `{"topic":"news","limit":1,"from":{"Seat":-1}}`},
		{"subscribers", `{"topic":"news","limit":9000000000000000000}`},
		{"online", `{"after":"` + alice + `","limit":-2}`}, {"online", `{"after":"` + alice + `","limit":9223372036854775807}`},
		{"topics", `{"limit":-2}`}, {"topics", `{"limit":9223372036854775807}`}, {"bans", `{"limit":-2}`}, {"revocations", `{"limit":9223372036854775807}`},
		{"revoke", `{"TokenID":"` + strings.Repeat("x", 129) + `"}`}, {"lift", `{"TokenID":"` + strings.Repeat("x", 129) + `"}`},
	} {
		if _, err := w.server.peers.answers[q.kind](ctx, json.RawMessage(q.text)); !errors.Is(err, errBadQuestion) {
			t.Errorf("%s %.100s: %v", q.kind, q.text, err)
		}
	}
}
