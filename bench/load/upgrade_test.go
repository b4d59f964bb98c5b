package load

import (
	"encoding/base64"
	"strings"
	"testing"
)

// The key and its answer are the example of RFC 6455 §1.3.
const (
	exampleKey    = "dGhlIHNhbXBsZSBub25jZQ=="
	exampleAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
)

const switching = "HTTP/1.1 101 Switching Protocols\r\n"

// answer101 is a correct answer, with more header fields.
func answer101(more ...string) string {
	return switching + strings.Join(append([]string{"Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: " + exampleAccept}, more...), "\r\n") + "\r\n\r\n"
}

func TestSection4_1_The101IsChecked(t *testing.T) {
	const upgrade, connection, accept = "Upgrade: websocket\r\n", "Connection: Upgrade\r\n", "Sec-WebSocket-Accept: " + exampleAccept + "\r\n"
	for name, c := range map[string]struct {
		answer string
		want   *fault
	}{
		"right":                          {switching + upgrade + connection + accept, nil},
		"in another order and case":      {switching + "sec-websocket-accept:\t" + exampleAccept + " \r\nCONNECTION: keep-alive , UPGRADE\r\nupgrade:WebSocket\r\n", nil},
		"without a reason":               {"HTTP/1.1 101\r\n" + upgrade + connection + accept, nil},
		"with other header fields":       {switching + upgrade + "Date: now\r\nX-Empty:\r\n" + connection + accept + "Server: a:b\r\n", nil},
		"Connection twice":               {switching + upgrade + "Connection: keep-alive\r\n" + connection + accept, nil},
		"empty lists of extensions":      {switching + upgrade + connection + accept + "Sec-WebSocket-Extensions:\r\nSec-WebSocket-Protocol: \r\n", nil},
		"HTTP/1.0":                       {"HTTP/1.0 101 Switching Protocols\r\n" + upgrade + connection + accept, wrongVersion},
		"no Upgrade":                     {switching + connection + accept, wrongUpgrade},
		"another Upgrade":                {switching + "Upgrade: h2c\r\n" + connection + accept, wrongUpgrade},
		"two Upgrades":                   {switching + upgrade + "Upgrade: h2c\r\n" + connection + accept, wrongUpgrade},
		"Upgrade with letters that fold": {switching + "Upgrade: web\u017focket\r\n" + connection + accept, wrongUpgrade},
		"no Connection":                  {switching + upgrade + accept, wrongConnection},
		"another Connection":             {switching + upgrade + "Connection: close, upgrades\r\n" + accept, wrongConnection},
		"no accept":                      {switching + upgrade + connection, wrongAccept},
		"the accept in another header":   {switching + upgrade + connection + "X-Accept: " + exampleAccept + "\r\n", wrongAccept},
		"the accept in lower case":       {switching + upgrade + connection + strings.ToLower(accept), wrongAccept},
		"more than the accept":           {switching + upgrade + connection + "Sec-WebSocket-Accept: x" + exampleAccept + "\r\n", wrongAccept},
		"the accept twice":               {switching + upgrade + connection + accept + accept, wrongAccept},
		"an extension":                   {switching + upgrade + connection + accept + "Sec-WebSocket-Extensions: permessage-deflate\r\n", wrongExtension},
		"a subprotocol":                  {switching + upgrade + connection + accept + "Sec-WebSocket-Protocol: chat\r\n", wrongSubprotocol},
		"a line without a colon":         {switching + upgrade + connection + accept + "nonsense\r\n", wrongHeader},
		"a blank before the colon":       {switching + "Upgrade : websocket\r\n" + connection + accept, wrongHeader},
		"a folded line":                  {switching + upgrade + " and more: of it\r\n" + connection + accept, wrongHeader},
		"a header without a name":        {switching + upgrade + connection + accept + ": x\r\n", wrongHeader},
	} {
		const frames = "\x81\x00"
		size, bad := read101([]byte(c.answer+"\r\n"+frames), key([]byte(exampleKey)))
		if bad != c.want || bad == nil && size != len(c.answer)+2 {
			t.Errorf("%s: %d bytes, %v, want %v", name, size, bad, c.want)
		}
	}
}

// Nothing is reported before the header is complete, and another status is not a 101.
func TestAnIncompleteOrOtherAnswerIsNoFault(t *testing.T) {
	good := answer101()
	for n := range good {
		if size, bad := read101([]byte(good[:n]), key([]byte(exampleKey))); size != 0 || bad != nil {
			t.Errorf("%d bytes of it: %d, %v", n, size, bad)
		}
	}
	for _, other := range []string{"HTTP/1.1 401 Unauthorized\r\n\r\n", "HTTP/1.1 1010 x\r\n\r\n", "HTTP/1.1 200 101\r\n\r\n", "SSH-2.0 101\r\n\r\n", "\r\n\r\n", "HTTP/1.1\r\n\r\n"} {
		if size, bad := read101([]byte(other), key([]byte(exampleKey))); size != 0 || bad != nil {
			t.Errorf("%q: %d, %v", other, size, bad)
		}
	}
}

func TestEveryAttemptHasAKeyOfItsOwn(t *testing.T) {
	seen := map[key]bool{}
	for _, seed := range []uint64{0, 1} {
		u := newUpgrade(&target{host: "h", path: "/"}, seed)
		for connection := range 100 {
			for attempt := range int32(3) {
				k := u.key(connection, attempt)
				if nonce, err := base64.StdEncoding.DecodeString(string(k[:])); err != nil || len(nonce) != 16 {
					t.Fatalf("%s: %v", k, err)
				}
				if k != u.key(connection, attempt) {
					t.Fatal("the key of an attempt changes before its answer has arrived")
				}
				seen[k] = true
			}
		}
	}
	if len(seen) != 600 {
		t.Errorf("%d different keys in 600 attempts", len(seen))
	}
}

// BenchmarkHandshake is the work of this tool for one handshake, without the system calls.
func BenchmarkHandshake(b *testing.B) {
	u := newUpgrade(&target{host: "127.0.0.1:8000", path: "/ws"}, 1)
	token := strings.Repeat("t", 300)
	k := key([]byte(exampleKey))
	answer := []byte(answer101())
	var request []byte
	b.ReportAllocs()
	for i := range b.N {
		request = u.appendRequest(request[:0], u.key(i, 1), token)
		if size, bad := read101(answer, k); size != len(answer) || bad != nil {
			b.Fatal(bad)
		}
	}
}
