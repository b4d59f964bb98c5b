package redistest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// authority is a certificate authority made for one server, and the paths of its files.
type authority struct {
	pool                  *x509.CertPool
	ca, certificate, keys string
}

// StartTLS is Start for a server that accepts TLS alone, and asks clients for no certificate.
func StartTLS(t testing.TB, directives ...string) *Server {
	t.Helper()
	s, err := create(standalone, directives)
	if err == nil {
		s.secure, err = newAuthority(s.dir)
	}
	return s.begin(t, err)
}

// CA returns the path of the certificate in PEM that a client must trust.
func (s *Server) CA() string { return s.secure.ca }

// Roots returns the certificate that a client must trust, or nil for a server without TLS.
func (s *Server) Roots() *x509.CertPool {
	if s.secure == nil {
		return nil
	}
	return s.secure.pool
}

// directives are those of a server at the port.
func (a *authority) directives(port string) []string {
	return []string{"port 0", "tls-port " + port, "tls-ca-cert-file " + a.ca, "tls-cert-file " + a.certificate, "tls-key-file " + a.keys,
		"tls-auth-clients no", "tls-replication yes"}
}

// newAuthority writes an authority's certificate, and a certificate for 127.0.0.1 that it has signed, into a folder.
func newAuthority(folder string) (*authority, error) {
	a := &authority{pool: x509.NewCertPool(), ca: filepath.Join(folder, "ca.pem"),
		certificate: filepath.Join(folder, "server.pem"), keys: filepath.Join(folder, "server.key")}
	issuerKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serverKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	issuer := template(1, "authority of a test")
	issuer.IsCA, issuer.BasicConstraintsValid, issuer.KeyUsage = true, true, x509.KeyUsageCertSign
	server := template(2, "Redis of a test")
	server.IPAddresses, server.DNSNames = []net.IP{net.IPv4(127, 0, 0, 1)}, []string{"localhost"}
	server.KeyUsage, server.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	issued, err := x509.CreateCertificate(rand.Reader, issuer, issuer, issuerKey.Public(), issuerKey)
	if err != nil {
		return nil, err
	}
	signed, err := x509.CreateCertificate(rand.Reader, server, issuer, serverKey.Public(), issuerKey)
	if err != nil {
		return nil, err
	}
	return a, a.write(issued, signed, serverKey)
}

// write writes the files, and adds the authority's certificate to the pool.
func (a *authority) write(issued, signed []byte, key *ecdsa.PrivateKey) error {
	root, err := x509.ParseCertificate(issued)
	if err != nil {
		return err
	}
	a.pool.AddCert(root)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return errors.Join(writePEM(a.ca, "CERTIFICATE", issued), writePEM(a.certificate, "CERTIFICATE", signed),
		writePEM(a.keys, "PRIVATE KEY", secret))
}

// template is a certificate that is valid for a day.
func template(serial int64, name string) *x509.Certificate {
	return &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour)}
}

func writePEM(path, kind string, der []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
