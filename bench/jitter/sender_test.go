package jitter

import (
	"encoding/json"
	"testing"
)

func TestMessagesNameTheirChannelAndNumber(t *testing.T) {
	for text, id := range map[string]string{string(broadcast(17)): "b17", string(direct(3, "someone")): "d3"} {
		var m struct {
			message
			To string `json:"to_user_id"`
		}
		if err := json.Unmarshal([]byte(text), &m); err != nil || m.ID != id || m.Type != "text" || (m.To == "someone") != (id == "d3") {
			t.Errorf("%s: %+v, %v", text, m, err)
		}
	}
}
