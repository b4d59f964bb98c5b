package auth

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"
)

func certificatePEM(t *testing.T, private crypto.Signer) []byte {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Unix(1, 0)} // of a certificate the key counts
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	return toPEM(t, "CERTIFICATE", der, err)
}

func TestPublicKeysInAFile(t *testing.T) {
	p := keyPairs(t)
	pkcs1 := toPEM(t, "RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&p.rsa.PublicKey), nil)
	for name, tt := range map[string]struct {
		text []byte
		want []Algorithm
	}{
		"RSA":            {publicPEM(t, p.rsa.Public()), []Algorithm{RS256}},
		"RSA, PKCS #1":   {pkcs1, []Algorithm{RS256}},
		"P-256":          {publicPEM(t, p.ec.Public()), []Algorithm{ES256}},
		"Ed25519":        {publicPEM(t, p.ed.Public()), []Algorithm{EdDSA}},
		"a certificate":  {certificatePEM(t, p.ec), []Algorithm{ES256}},
		"several":        {slices.Concat(publicPEM(t, p.ed.Public()), []byte("# the old one\n"), certificatePEM(t, p.rsa)), []Algorithm{EdDSA, RS256}},
		"text before it": {append([]byte("made in spring\n"), pkcs1...), []Algorithm{RS256}},
		"DOS line ends":  {bytes.ReplaceAll(pkcs1, []byte("\n"), []byte("\r\n")), []Algorithm{RS256}},
	} {
		keys, err := ParsePEM(tt.text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []Algorithm
		for _, k := range keys {
			got = append(got, k.Algorithm())
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

func TestPublicKeyFilesThatAreRefused(t *testing.T) {
	p := keyPairs(t)
	good := publicPEM(t, p.ec.Public())
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for want, text := range map[string][]byte{
		"no PEM block":          []byte("ssh-ed25519 AAAA"),
		"openssl pkey -pubout":  privatePEM(t, p.rsa),
		"a private key":         slices.Concat(good, toPEM(t, "EC PRIVATE KEY", []byte{1}, nil)),
		"of 2 PEM blocks 1 can": append(good, good[:len(good)-10]...),
		"on P-384":              publicPEM(t, p384.Public()),
		"1024 bits":             publicPEM(t, weak.Public()),
		"neither a public key":  toPEM(t, "X509 CRL", []byte{1}, nil),
		"17 keys":               bytes.Repeat(good, 17),
		"block 2 (PUBLIC KEY)":  slices.Concat(good, toPEM(t, "PUBLIC KEY", []byte{1}, nil)),
	} {
		if keys, err := ParsePEM(text); err == nil || keys != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestThePublicKeyVerifiesWhatThePrivateKeySigned(t *testing.T) {
	p := keyPairs(t)
	ecDER, err := x509.MarshalECPrivateKey(p.ec)
	files := map[string][]byte{
		"RSA": privatePEM(t, p.rsa), "P-256": privatePEM(t, p.ec), "Ed25519": privatePEM(t, p.ed),
		"RSA, PKCS #1": toPEM(t, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(p.rsa), nil),
		"P-256, SEC 1": append(toPEM(t, "EC PARAMETERS", []byte{6, 1, 1}, nil), toPEM(t, "EC PRIVATE KEY", ecDER, err)...),
	}
	v := NewVerifier(Keys{publicKey(t, "k", p.rsa), publicKey(t, "k", p.ec), publicKey(t, "k", p.ed)},
		Options{Now: testClock, Issuer: "me", Audience: "us"})
	c := Claims{UserID("alice@example.com"), "alice", "alice@example.com", "j-1", testNow, testNow + 60, nil}
	for name, text := range files {
		s, err := PEMSigner(text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		s.KeyID, s.Issuer, s.Audience = "k", "me", "us"
		token, err := s.Sign(c)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got, fault := v.Verify([]byte(token)); fault != nil || got != c {
			t.Errorf("%s: %+v, %v", name, got, fault)
		}
	}
}

func TestPrivateKeyFilesThatAreRefused(t *testing.T) {
	p := keyPairs(t)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for want, text := range map[string][]byte{
		"no private key":  publicPEM(t, p.ec.Public()),
		"no PEM block":    []byte("secret"),
		"encrypted":       toPEM(t, "ENCRYPTED PRIVATE KEY", []byte{1}, nil),
		"one private key": append(privatePEM(t, p.ec), privatePEM(t, p.ed)...),
		"P-256":           privatePEM(t, p384),
	} {
		if s, err := PEMSigner(text); err == nil || s != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestSecretsSignWithTheirAlgorithm(t *testing.T) {
	c := Claims{UserID: UserID("bob@example.com"), Username: "bob", ExpiresAt: testNow + 60}
	for _, algorithm := range secretAlgorithms {
		s, err := SecretSigner(algorithm, testSecret)
		if err != nil {
			t.Fatal(err)
		}
		token, err := s.Sign(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, other := range secretAlgorithms {
			if code := codeOf(verifierOf(secretKey(t, other, string(testSecret))), token); (code == "") != (other == algorithm) {
				t.Errorf("%s for %s: %q", algorithm, other, code)
			}
		}
	}
	if _, err := SecretSigner(RS256, testSecret); err == nil {
		t.Error("RS256 with a secret")
	}
}
