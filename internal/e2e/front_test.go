package e2e

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	coder "github.com/coder/websocket"
)

// frontHost is the name in the proxies' certificate.
const frontHost = "chat.example"

// front is a proxy before a server, with the configuration in deploy/.
type front struct {
	plain, secure string // host:port
	trusted       *x509.CertPool
	folder        string // its certificate and its logs
	*process
}

// newFront makes the proxy's certificate and picks its ports.
func newFront(t *testing.T) *front {
	t.Helper()
	f := &front{plain: freeAddr(t), secure: freeAddr(t), trusted: x509.NewCertPool(), folder: t.TempDir()}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: frontHost}, DNSNames: []string{frontHost}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	made, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	chain := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made})
	private := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
	f.trusted.AppendCertsFromPEM(chain)
	f.write(t, "fullchain.pem", string(chain))
	f.write(t, "privkey.pem", string(private))
	f.write(t, "momentum.pem", string(chain)+string(private))
	return f
}

func (f *front) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(f.folder, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (f *front) read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(f.folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fitted returns a configuration of deploy/ with each of the old texts replaced by a new one: ports, paths and numbers of this
// test. Each old text must occur.
func fitted(t *testing.T, file string, changes ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../deploy", file))
	if err != nil {
		t.Fatal(err)
	}
	fit := string(text)
	for i := 0; i+1 < len(changes); i += 2 {
		if !strings.Contains(fit, changes[i]) {
			t.Fatalf("deploy/%s has no %q", file, changes[i])
		}
		fit = strings.ReplaceAll(fit, changes[i], changes[i+1])
	}
	return fit
}

// answers waits until the proxy forwards a request to the server.
func (f *front) answers(t *testing.T) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(patience); ; <-again.C {
		response, err := f.client("127.0.0.1").Get("https://" + frontHost + "/ws")
		if err == nil {
			response.Body.Close()
		}
		if err == nil && response.StatusCode == 401 { // the server's answer to an inquiry without a token
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the proxy does not answer: %v, %v", response, err)
		}
	}
}

// client is an HTTP client with one of this host's addresses. It connects to the proxy whatever host a URL names.
func (f *front) client(from string) *http.Client {
	dial := func(to string) func(context.Context, string, string) (net.Conn, error) {
		return func(ctx context.Context, _, _ string) (net.Conn, error) {
			local := &net.TCPAddr{IP: net.ParseIP(from)}
			return (&net.Dialer{LocalAddr: local}).DialContext(ctx, "tcp", to)
		}
	}
	return &http.Client{Timeout: patience, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext:       dial(f.plain),
		DialTLSContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := dial(f.secure)(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			secured := tls.Client(c, &tls.Config{RootCAs: f.trusted, ServerName: frontHost, NextProtos: []string{"http/1.1"}})
			return secured, secured.HandshakeContext(ctx)
		},
	}}
}

// connect opens a WebSocket connection through the proxy from an address of this host, with the token in the query, which
// proxies usually log.
func (f *front) connect(t *testing.T, scheme, from, token string, header http.Header) (*coder.Conn, *http.Response, error) {
	t.Helper()
	client := f.client(from)
	client.Timeout = 0 // the library requires the timeout of the context instead
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	c, response, err := coder.Dial(ctx, scheme+"://"+frontHost+"/ws?token="+token, &coder.DialOptions{HTTPClient: client, HTTPHeader: header})
	if err == nil {
		t.Cleanup(func() { _ = c.CloseNow() })
	}
	return c, response, err
}

func (f *front) mustConnect(t *testing.T, scheme, from, token string) *coder.Conn {
	t.Helper()
	c, _, err := f.connect(t, scheme, from, token, nil)
	if err != nil {
		t.Fatalf("%s from %s: %v", scheme, from, err)
	}
	return c
}

// hearFrom reads until a message has the text.
func hearFrom(t *testing.T, c *coder.Conn, text string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	for {
		_, message, err := c.Read(ctx)
		if err != nil {
			t.Fatalf("%q did not arrive: %v", text, err)
		}
		if strings.Contains(string(message), text) {
			return
		}
	}
}

func sayTo(t *testing.T, c *coder.Conn, text string) {
	t.Helper()
	message := fmt.Sprintf(`{"message_type":"text","data":{"content":%q}}`, text)
	if err := c.Write(t.Context(), coder.MessageText, []byte(message)); err != nil {
		t.Fatal(err)
	}
}

// converses has two clients, one with TLS and one without, send to each other through the proxy.
func (f *front) converses(t *testing.T) (alice, bob *coder.Conn) {
	t.Helper()
	alice = f.mustConnect(t, "ws", "127.0.0.2", signFor(t, "alice"))
	bob = f.mustConnect(t, "wss", "127.0.0.3", signFor(t, "bob"))
	sayTo(t, alice, "to the one with TLS")
	hearFrom(t, bob, "to the one with TLS")
	sayTo(t, bob, "to the one without")
	hearFrom(t, alice, "to the one without")
	return alice, bob
}

// countsAddresses checks that the server counts the clients of one proxy by their own addresses. Each address may have two
// connections, and one from 127.0.0.2 and one from 127.0.0.3 are open. An address that the client itself claims in a header
// does not count.
func (f *front) countsAddresses(t *testing.T) {
	t.Helper()
	f.mustConnect(t, "wss", "127.0.0.2", signFor(t, "alice"))
	for _, header := range []http.Header{nil, {"X-Forwarded-For": {"192.0.2.9"}}} {
		_, response, err := f.connect(t, "wss", "127.0.0.2", signFor(t, "alice"), header)
		if err == nil || response == nil || response.StatusCode != 429 {
			t.Errorf("a third connection from 127.0.0.2 that claims %v: %v, %v, want 429", header, response, err)
			continue
		}
		body, _ := io.ReadAll(response.Body)
		if !strings.Contains(string(body), "address_full") || response.Header.Get("Retry-After") == "" {
			t.Errorf("a third connection reads %s, %v", body, response.Header)
		}
	}
	f.mustConnect(t, "ws", "127.0.0.3", signFor(t, "bob"))
}

// get requests a path through the proxy, with TLS.
func (f *front) get(t *testing.T, path, token string) (int, string) {
	t.Helper()
	request, err := http.NewRequest("GET", "https://"+frontHost+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := f.client("127.0.0.1").Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}
