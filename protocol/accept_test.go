package protocol

import (
	"bufio"
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/gobwas/ws"
)

func accept(t *testing.T, head []byte) (string, *http.Response) {
	t.Helper()
	var h Handshake
	if r := h.Parse(head); r != nil {
		t.Fatal(r)
	}
	answer := h.AppendAccept(nil, 0)
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(answer)), nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer), resp
}

func TestRFC6455Section422Accept(t *testing.T) {
	_, resp := accept(t, head())
	if resp.StatusCode != 101 || resp.Header.Get("Sec-WebSocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" ||
		resp.Header.Get("Upgrade") != "websocket" || resp.Header.Get("Connection") != "Upgrade" || len(resp.Header) != 3 {
		t.Errorf("got %d %v", resp.StatusCode, resp.Header)
	}
}

func TestRFC6455Section422Subprotocol(t *testing.T) {
	for offer, want := range map[string]string{
		"momentum": "momentum", "momentum, secret.jwt.token": "momentum", "secret.jwt.token, momentum": "momentum", "chat,momentum": "momentum",
		"chat": "", "Momentum": "", "momentums": "",
	} {
		answer, resp := accept(t, head("+Sec-WebSocket-Protocol: "+offer))
		if got := resp.Header.Get("Sec-WebSocket-Protocol"); got != want {
			t.Errorf("%q was offered, %q was selected", offer, got)
		}
		if strings.Contains(answer, "secret") {
			t.Errorf("the token is repeated: %q", answer)
		}
	}
}

// TestLibraryUpgraderRefusesTwoConnectionHeaders records why the library does not do the negotiation: it refuses a request
// that RFC 9110 §5.3 allows. Its response to an accepted request is the same. See docs/adr/0002-handshake-parsing.md.
func TestLibraryUpgraderRefusesTwoConnectionHeaders(t *testing.T) {
	u := ws.Upgrader{Protocol: func(p []byte) bool { return string(p) == Subprotocol }}
	upgrade := func(head []byte) (string, error) {
		rw := &headReadWriter{in: head}
		_, err := u.Upgrade(rw)
		return string(rw.out), err
	}
	ours, _ := accept(t, []byte(request))
	if theirs, err := upgrade([]byte(request)); err != nil || ours != theirs {
		t.Errorf("ours %q, theirs %q %v", ours, theirs, err)
	}
	two := head("Connection: keep-alive", "+Connection: Upgrade")
	accept(t, two)
	if _, err := upgrade(two); err == nil {
		t.Error("the library now takes two Connection headers: reconsider the decision")
	}
}
