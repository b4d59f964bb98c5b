package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"momentum/server/auth"
)

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

func TestInvalidKeyFilesAreRefused(t *testing.T) {
	_, ed := edPair(t)
	_, public := keyFiles(t, ed)
	for _, file := range []string{public, filepath.Join(t.TempDir(), "none.pem"), os.DevNull, t.TempDir(), "/dev/zero"} {
		if out, complaints, exit := said(t, nil, "token", "--key-file", file); exit != exitSettings || out != "" || !strings.Contains(complaints, "--key-file") {
			t.Errorf("%s: exit %d, %q, %q", file, exit, out, complaints)
		}
	}
}

func TestTokenIsSignedWithTheSecretOfAFile(t *testing.T) {
	path := write(t, "a secret of more than thirty-two bytes\n")
	alone(t, map[string]string{"JWT_SECRET_FILE": path})
	var stdout, stderr strings.Builder
	if code := run([]string{"token"}, &stdout, &stderr, func(int) {}); code != 0 || strings.Count(stdout.String(), ".") != 2 {
		t.Errorf("exit code %d: %q %q", code, stdout.String(), stderr.String())
	}
}

// TestTokensSayTheTopics signs tokens with the claim topics, and refuses claims that a server would not take.
func TestTokensSayTheTopics(t *testing.T) {
	env := map[string]string{"JWT_SECRET": strings.Repeat("s", 64)}
	n, err := started(t, env)
	if err != nil {
		t.Fatal(err)
	}
	token, complaints, exit := said(t, env, "token", "--topics", `{"subscribe":["news","room.*"],"join":["inbox.${user_id}"]}`)
	if exit != 0 {
		t.Fatal(complaints)
	}
	claims, fault := n.verifier.Verify([]byte(token))
	if fault != nil || claims.Topics == nil || fmt.Sprint(*claims.Topics) != "{[news room.*] [] [inbox.${user_id}]}" {
		t.Errorf("the claim is %+v, %v", claims.Topics, fault)
	}
	for _, topics := range []string{"news", `{"subscribes":["news"]}`, `{"subscribe":["a b"]}`} {
		if out, complaints, exit := said(t, env, "token", "--topics", topics); exit != exitSettings || out != "" || !strings.Contains(complaints, "--topics") {
			t.Errorf("%s: exit %d, %q, %q", topics, exit, out, complaints)
		}
	}
}

func TestTokenIsPrintedAsJSON(t *testing.T) {
	out, complaints, code := said(t, map[string]string{"JWT_SECRET": strings.Repeat("s", 64)}, "token", "--json", "--username", "bob", "--ttl", "60")
	var answer struct {
		Token   string
		UserID  string `json:"user_id"`
		Expires time.Time
	}
	if err := json.Unmarshal([]byte(out), &answer); err != nil || code != 0 || strings.Count(answer.Token, ".") != 2 || answer.UserID != auth.UserID("bob@example.com").String() {
		t.Errorf("code %d: %s%s", code, out, complaints)
	}
	if left := time.Until(answer.Expires); left > time.Minute || left < 0 {
		t.Errorf("it expires in %v", left)
	}
}
