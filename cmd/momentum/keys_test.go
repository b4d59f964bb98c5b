package main

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"momentum/internal/config"
	"momentum/server/auth"
	"momentum/server/metrics"
)

// keyFiles writes a private key and its public half to files.
func keyFiles(t *testing.T, private crypto.Signer) (privateFile, publicFile string) {
	t.Helper()
	write := func(name, kind string, der []byte, err error) string {
		file := filepath.Join(t.TempDir(), name)
		if err == nil {
			err = os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	privateFile = write("private.pem", "PRIVATE KEY", der, err)
	der, err = x509.MarshalPKIXPublicKey(private.Public())
	return privateFile, write("public.pem", "PUBLIC KEY", der, err)
}

func edPair(t *testing.T) (ed25519.PublicKey, ed25519.PrivateKey) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return public, private
}

// said runs a command as main does and returns its output.
func said(t *testing.T, env map[string]string, args ...string) (stdout, stderr string, exit int) {
	t.Helper()
	alone(t, env)
	var out, complaints bytes.Buffer
	exit = run(args, &out, &complaints, func(int) {})
	return strings.TrimSpace(out.String()), complaints.String(), exit
}

// started returns the verifier of a node with this environment.
func started(t *testing.T, env map[string]string) (*node, error) {
	t.Helper()
	c, err := parse(t, env)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	n := &node{}
	t.Cleanup(n.dismiss)
	return n, n.startKeys(c, 1, slog.New(slog.DiscardHandler))
}

// TestTokensOfTheCommandAreGood holds that a server accepts the tokens of "momentum token" with the same settings,
// and refuses them with others.
func TestTokensOfTheCommandAreGood(t *testing.T) {
	rsaPair, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecPair, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, ed := edPair(t)
	secret := strings.Repeat("s", 64)
	type side struct {
		env  map[string]string
		args []string
	}
	signers, servers := map[string]side{}, map[string]map[string]string{}
	for _, algorithm := range []string{"HS256", "HS384", "HS512"} {
		env := map[string]string{"JWT_SECRET": secret, "JWT_ALGORITHM": algorithm}
		signers[algorithm], servers[algorithm] = side{env, nil}, env
	}
	for name, private := range map[string]crypto.Signer{"RS256": rsaPair, "ES256": ecPair, "EdDSA": ed} {
		privateFile, publicFile := keyFiles(t, private)
		signers[name] = side{map[string]string{"JWT_ISSUER": "me", "JWT_AUDIENCE": "us"}, []string{"--key-file", privateFile, "--kid", "k"}}
		servers[name] = map[string]string{"JWT_PUBLIC_KEY_FILE": publicFile, "JWT_ISSUER": "me", "JWT_AUDIENCE": "us"}
	}
	tokens := map[string]string{}
	for name, s := range signers {
		token, complaints, exit := said(t, s.env, append([]string{"token", "--username", "alice"}, s.args...)...)
		if exit != 0 {
			t.Fatal(name, complaints)
		}
		tokens[name] = token
	}
	for name, env := range servers {
		n, err := started(t, env)
		if err != nil {
			t.Fatal(err)
		}
		for signed, token := range tokens {
			if _, fault := n.verifier.Verify([]byte(token)); (fault == nil) != (signed == name) {
				t.Errorf("a token signed with %s, keys for %s: %v", signed, name, fault)
			}
		}
		if slow := env["JWT_PUBLIC_KEY_FILE"] != ""; n.verifier.Slow() != slow {
			t.Errorf("%s: slow is %v", name, !slow)
		}
	}
}

func TestKeyFilesThatTokenRefuses(t *testing.T) {
	_, ed := edPair(t)
	_, public := keyFiles(t, ed)
	for _, file := range []string{public, filepath.Join(t.TempDir(), "none.pem"), os.DevNull, t.TempDir(), "/dev/zero"} {
		if out, complaints, exit := said(t, nil, "token", "--key-file", file); exit != exitSettings || out != "" || !strings.Contains(complaints, "--key-file") {
			t.Errorf("%s: exit %d, %q, %q", file, exit, out, complaints)
		}
	}
}

func TestKeysFromAURL(t *testing.T) {
	public, private := edPair(t)
	issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":"`+base64.RawURLEncoding.EncodeToString(public)+`"}]}`)
	}))
	privateFile, _ := keyFiles(t, private)
	token, complaints, exit := said(t, nil, "token", "--key-file", privateFile, "--kid", "k")
	if exit != 0 {
		t.Fatal(complaints)
	}
	n, err := started(t, map[string]string{"JWKS_URL": issuer.URL})
	if err != nil {
		t.Fatal(err)
	}
	if _, fault := n.verifier.Verify([]byte(token)); fault != nil {
		t.Error(fault)
	}
	if f := n.keyFigures(); f != (metrics.Keys{InUse: 1, Fetches: 1}) {
		t.Errorf("the figures of keys are %+v", f)
	}
	if admissionWorkers(slowKeys(&config.Config{}, n.verifier), 3) != 3 {
		t.Error("no workers for keys that are slow")
	}
	issuer.Close()
	if _, err := started(t, map[string]string{"JWKS_URL": issuer.URL}); err == nil || !strings.Contains(err.Error(), "JWKS_URL (--jwks-url)") {
		t.Errorf("without any key: %v", err)
	}
	n, err = started(t, map[string]string{"JWKS_URL": issuer.URL, "JWT_SECRET": strings.Repeat("s", 32)})
	if err != nil || n.verifier.Slow() || admissionWorkers(slowKeys(&config.Config{JWKSURL: issuer.URL}, n.verifier), 3) != 3 {
		t.Errorf("with a secret: %v", err)
	}
	if out, _, exit := said(t, map[string]string{"JWKS_URL": issuer.URL}, "check", "--addr=127.0.0.1:0", "--admin-addr=127.0.0.1:0"); exit != exitFailed || !strings.Contains(out, "error: JWKS_URL (--jwks-url)") {
		t.Errorf("check says %d:\n%s", exit, out)
	}
	env := map[string]string{"JWKS_URL": issuer.URL, "JWT_SECRET": strings.Repeat("s", 32)}
	if out, _, exit := said(t, env, "check", "--addr=127.0.0.1:0", "--admin-addr=127.0.0.1:0"); exit != 0 || !strings.Contains(out, "warning: JWKS_URL (--jwks-url)") {
		t.Errorf("with a secret, check says %d:\n%s", exit, out)
	}
	if admissionWorkers(slowKeys(good(t), auth.NewVerifier(nil, auth.Options{})), 3) != 0 {
		t.Error("workers for secrets")
	}
}
