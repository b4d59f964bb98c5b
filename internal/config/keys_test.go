package config

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
	"time"

	"momentum/server/auth"
)

func TestSecretsAreRotatedWithoutARestart(t *testing.T) {
	c := good(t)
	c.JWTSecret = "the first secret, of 32 bytes and"
	verify := func(v *auth.Verifier, secret string) bool {
		token, err := auth.Sign([]byte(secret), auth.Claims{UserID: auth.UserID("a"), Username: "a", ExpiresAt: time.Now().Unix() + 60})
		if err != nil {
			t.Fatal(err)
		}
		_, fault := v.Verify([]byte(token))
		return fault == nil
	}
	keys, err := c.Keys()
	if err != nil {
		t.Fatal(err)
	}
	v := auth.NewVerifier(keys, auth.Options{Now: time.Now})
	first := c.JWTSecret
	c.JWTSecret, c.JWTSecretPrevious = "the second secret, of 32 bytes too", first
	_, c.JWTPublicKeyFile = keyFiles(t)
	if keys, err = c.Keys(); err != nil {
		t.Fatal(err)
	}
	v.SetKeys(keys)
	if !verify(v, first) || !verify(v, c.JWTSecret) || !v.Slow() {
		t.Error("not both secrets and the file")
	}
	c.JWTSecretPrevious = ""
	if keys, err = c.Keys(); err != nil {
		t.Fatal(err)
	}
	v.SetKeys(keys)
	if verify(v, first) || !verify(v, c.JWTSecret) {
		t.Error("the first secret is still good")
	}
}

func TestSecretsAreAsLongAsTheirAlgorithmWants(t *testing.T) {
	c := good(t)
	c.JWTAlgorithm, c.JWTSecretPrevious = "HS512", "short"
	text := strings.Join(c.Warnings(), "\n")
	wantWords(t, fmt.Errorf("%s", text), "JWT_SECRET (--jwt-secret) has 32 bytes", "fewer than 64", "JWT_SECRET_PREVIOUS (--jwt-secret-previous) has 5 bytes")
	c = good(t)
	c.JWTSecretPrevious = c.JWTSecret
	wantWords(t, fmt.Errorf("%s", strings.Join(c.Warnings(), "\n")), "JWT_SECRET_PREVIOUS", "the same")
}

func TestOneKindOfKeyIsEnough(t *testing.T) {
	private, public := keyFiles(t)
	for _, env := range []map[string]string{
		{"JWT_PUBLIC_KEY_FILE": public}, {"JWKS_URL": "https://issuer.example/jwks"}, {"JWT_SECRET": "s", "JWKS_URL": "http://localhost:1/jwks"},
	} {
		c, err := parse(t, env)
		if err != nil || c.Validate() != nil {
			t.Errorf("%v: %v, %v", env, err, c.Validate())
		}
	}
	c, err := parse(t, map[string]string{"JWT_PUBLIC_KEY_FILE": private})
	if err != nil {
		t.Fatal(err)
	}
	wantWords(t, c.Validate(), "JWT_PUBLIC_KEY_FILE (--jwt-public-key-file)", private, "openssl pkey -pubout")
}

// keyFiles writes a new private key and its public half to files.
func keyFiles(t *testing.T) (privateFile, publicFile string) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	file := func(kind string, der []byte, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return write(t, string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})))
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	privateFile = file("PRIVATE KEY", der, err)
	der, err = x509.MarshalPKIXPublicKey(public)
	return privateFile, file("PUBLIC KEY", der, err)
}
