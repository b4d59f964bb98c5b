package main

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
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
