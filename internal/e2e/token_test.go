package e2e

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	coder "github.com/coder/websocket"

	"momentum/server/auth"
)

// signClaims signs a token with a secret.
func signClaims(t *testing.T, secret string, c auth.Claims) string {
	t.Helper()
	token, err := auth.Sign([]byte(secret), c)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// dying returns an expired token with a leeway that ends in some seconds, which ends its connection.
func dying(t *testing.T, name string, seconds int) string {
	end := time.Now().Add(time.Duration(seconds)*time.Second - auth.Leeway)
	return signClaims(t, testSecret, auth.Claims{UserID: auth.UserID(name), Username: name, ExpiresAt: end.Unix()})
}

// hearOf reads until a message of a type arrives, and returns its data.
func hearOf(t *testing.T, c *coder.Conn, kind string) (data map[string]any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		_, text, err := c.Read(ctx)
		if err != nil {
			t.Fatalf("waiting for %s: %v", kind, err)
		}
		var m struct {
			Type string         `json:"message_type"`
			Data map[string]any `json:"data"`
		}
		if err := json.Unmarshal(text, &m); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if m.Type == kind {
			return m.Data
		}
	}
}

// wantAlive fails the test unless the connection still answers.
func wantAlive(t *testing.T, c *coder.Conn) {
	t.Helper()
	if err := c.Write(t.Context(), coder.MessageText, []byte(`{"id":"alive","message_type":"ping","data":{}}`)); err != nil {
		t.Fatal(err)
	}
	hearOf(t, c, "pong")
}

func refresh(t *testing.T, c *coder.Conn, token string) {
	t.Helper()
	text := fmt.Sprintf(`{"id":"r","message_type":"refresh","data":{"token":%q}}`, token)
	if err := c.Write(t.Context(), coder.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// TestTokensExpireUnlessTheyAreRefreshed has three clients with tokens that are about to expire. One refreshes its token in time,
// one does not, and one is websocket_client, which prints a warning.
func TestTokensExpireUnlessTheyAreRefreshed(t *testing.T) {
	t.Parallel()
	const seconds = 6
	s := serve(t)
	late := start(t, nil, filepath.Join(bin, "websocket_client"), "--url", "ws://"+s.ws+"/ws", "--token", dying(t, "carol", seconds))
	alice, bob := s.mustEnter(t, dying(t, "alice", seconds)), s.mustEnter(t, dying(t, "bob", seconds))
	if data := hearOf(t, alice, "token_expiring"); data["expires_at"] == nil || data["seconds"] == nil {
		t.Errorf("token_expiring has %v", data)
	}
	refresh(t, alice, signFor(t, "bob"))
	if data := hearOf(t, alice, "error"); data["code"] != "refresh_refused" {
		t.Errorf("another user's token: %v", data)
	}
	refresh(t, alice, signFor(t, "alice"))
	hearOf(t, alice, "refreshed")
	hearOf(t, bob, "token_expiring")
	if end := ended(t, bob); end.Code != 4001 {
		t.Errorf("bob is closed with %v", end)
	}
	late.expect("token_expiring: the connection ends in")
	late.expect("4001 token expired")
	if code := late.exit(); code != 1 {
		t.Errorf("a client whose token has expired exits with %d", code)
	}
	wantAlive(t, alice)
}

// pair is a key pair with an id that its tokens name.
type pair struct {
	name   string
	public ed25519.PublicKey
	signer *auth.Signer
}

func newPair(t *testing.T, name string) pair {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := auth.PEMSigner(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	if err != nil {
		t.Fatal(err)
	}
	signer.KeyID = name
	return pair{name, public, signer}
}

// token signs a token that is valid for an hour.
func (p pair) token(t *testing.T) string {
	t.Helper()
	token, err := p.signer.Sign(auth.Claims{UserID: auth.UserID(p.name), Username: p.name, ExpiresAt: time.Now().Add(time.Hour).Unix()})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// file writes the public key into a PEM file.
func (p pair) file(t *testing.T) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(p.public)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// set is the public key as an issuer publishes it.
func (p pair) set() string {
	return fmt.Sprintf(`{"keys":[{"kty":"OKP","crv":"Ed25519","use":"sig","kid":%q,"x":%q}]}`, p.name, base64.RawURLEncoding.EncodeToString(p.public))
}

// TestKeysChangeWithoutClosingConnections replaces a secret by a new one, with a time in which both are valid, and then one key file by
// another. Connections that were opened with any of them stay open.
func TestKeysChangeWithoutClosingConnections(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	settings, keys := filepath.Join(dir, "momentum.yaml"), filepath.Join(dir, "keys.pem")
	const secondSecret = "the second secret of the end-to-end tests, long enough"
	claims := auth.Claims{UserID: auth.UserID("alice"), Username: "alice", ExpiresAt: time.Now().Add(time.Hour).Unix()}
	before, after := newPair(t, "before"), newPair(t, "after")
	tokens := []string{signClaims(t, testSecret, claims), signClaims(t, secondSecret, claims), before.token(t), after.token(t)}
	const node = "port: 0\nadmin-addr: 127.0.0.1:0\nlog-format: json\njwt-public-key-file: "
	var s *serving
	var inside []*coder.Conn
	for i, step := range []struct {
		secrets string
		keys    pair
		good    [4]bool
	}{
		{"jwt-secret: " + testSecret, before, [4]bool{true, false, true, false}},
		{"jwt-secret: " + secondSecret + "\njwt-secret-previous: " + testSecret, before, [4]bool{true, true, true, false}},
		{"jwt-secret: " + secondSecret, after, [4]bool{false, true, false, true}},
	} {
		rewrite(t, keys, step.keys.file(t))
		rewrite(t, settings, node+keys+"\n"+step.secrets+"\n")
		if s == nil {
			s = locate(start(t, []string{"MOMENTUM_CONFIG=" + settings}, filepath.Join(bin, "momentum")))
		} else {
			s.signal(syscall.SIGHUP)
			eventually(t, "a reload", func() bool { return strings.Count(s.text(), `"msg":"settings reloaded"`) == i })
		}
		for n, token := range tokens {
			e := s.enter(t, token)
			if step.good[n] != (e.status == 101) || e.status != 101 && e.status != 401 {
				t.Errorf("step %d: token %d is answered %d %s", i, n, e.status, e.body)
			}
			if e.status == 101 {
				inside = append(inside, e.conn)
			}
		}
	}
	if len(inside) != 7 {
		t.Errorf("%d connections are open", len(inside))
	}
	for _, c := range inside {
		wantAlive(t, c)
	}
}

// TestAnIssuerRotatesItsKeys has a server fetch keys from a real issuer, which stops and comes back with another key.
func TestAnIssuerRotatesItsKeys(t *testing.T) {
	t.Parallel()
	before, after := newPair(t, "before"), newPair(t, "after")
	var shown atomic.Pointer[string]
	var asked atomic.Int64
	show := func(text string) { shown.Store(&text) }
	show(before.set())
	issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		_, _ = w.Write([]byte(*shown.Load()))
	}))
	t.Cleanup(issuer.Close)
	s := locate(start(t, []string{"JWKS_URL=" + issuer.URL + "/keys", "PORT=0", "ADMIN_ADDR=127.0.0.1:0", "LOG_FORMAT=json"}, filepath.Join(bin, "momentum")))
	c := s.mustEnter(t, before.token(t))
	show(after.set())
	for range 20 {
		s.wantRefused(t, after.token(t), 401, "token_key_unknown")
	}
	if n := asked.Load(); n > 2 {
		t.Errorf("the keys were fetched %d times at once", n)
	}
	eventually(t, "the new key is accepted", func() bool { return s.enter(t, after.token(t)).status == 101 })
	s.wantRefused(t, before.token(t), 401, "token_key_unknown")
	wantAlive(t, c)
	if n := asked.Load(); n > 3 {
		t.Errorf("the keys were fetched %d times", n)
	}
}
