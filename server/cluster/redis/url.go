package redis

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
)

// target says where Redis is, as REDIS_URL has it.
type target struct {
	user, password string
	addresses      []string // host:port; those of the sentinels if sentinel is set
	database       int
	sentinel       string // the name that the sentinels have for the primary
	secure         bool
	authority      string // a file of certificates that the server's is checked against; "": those of the host
}

// CheckURL returns an error that says how to correct a URL of Redis, or nil.
func CheckURL(text string) error {
	_, err := parseURL(text)
	return err
}

// parseURL reads redis://[user:password@]host:port[,host:port…][/database][?sentinel=NAME], or rediss:// with ?ca=FILE. No error
// has the password.
func parseURL(text string) (t target, err error) {
	scheme, rest, found := strings.Cut(text, "://")
	if !found || scheme != "redis" && scheme != "rediss" {
		return t, errors.New("the URL of Redis must begin with redis:// or rediss://")
	}
	t.secure = scheme == "rediss"
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	hosts, tail := rest[:end], rest[end:]
	if at := strings.LastIndexByte(hosts, '@'); at >= 0 {
		if t.user, t.password, err = credentials(hosts[:at]); err != nil {
			return t, err
		}
		hosts = hosts[at+1:]
	}
	if t.addresses, err = addresses(hosts); err != nil {
		return t, err
	}
	u, err := url.Parse(tail)
	if err != nil || u.Fragment != "" {
		return t, fmt.Errorf("the end of the URL of Redis, %q, is no path and query", tail)
	}
	if t.database, err = database(u.Path); err != nil {
		return t, err
	}
	return t, t.query(u)
}

func credentials(text string) (user, password string, err error) {
	user, password, _ = strings.Cut(text, ":")
	if user, err = url.PathUnescape(user); err == nil {
		password, err = url.PathUnescape(password)
	}
	if err != nil {
		return "", "", errors.New("the user or the password in the URL of Redis has a wrong escape: write % as %25")
	}
	if user != "" && password == "" {
		return "", "", errors.New("the URL of Redis has a user without a password: write user:password@, or :password@ for the default user")
	}
	return user, password, nil
}

func addresses(hosts string) ([]string, error) {
	list := strings.Split(hosts, ",")
	for i, a := range list {
		host, port, err := net.SplitHostPort(a)
		if err != nil { // no port
			host, port = strings.Trim(a, "[]"), "6379"
		}
		n, err := strconv.Atoi(port)
		if host == "" || err != nil || n < 1 || n > 65535 {
			return nil, fmt.Errorf("the URL of Redis has the address %q: write host:port, with commas between several", a)
		}
		list[i] = net.JoinHostPort(host, port)
	}
	return list, nil
}

func database(path string) (int, error) {
	path = strings.Trim(path, "/")
	if path == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(path)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("the URL of Redis has the database %q: it must be a number", path)
	}
	return n, nil
}

func (t *target) query(u *url.URL) error {
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return fmt.Errorf("the URL of Redis has a wrong query: %w", err)
	}
	for name, v := range values {
		switch {
		case len(v) > 1 || v[0] == "":
			return fmt.Errorf("the URL of Redis must have one value for %q", name)
		case name == "sentinel":
			t.sentinel = v[0]
		case name == "ca" && t.secure:
			t.authority = v[0]
		case name == "ca":
			return errors.New("the URL of Redis has a ca, but no TLS: begin it with rediss://")
		default:
			return fmt.Errorf("the URL of Redis has the unknown option %q: there are sentinel and ca", name)
		}
	}
	return nil
}

// tls returns the settings of the connections, or nil for those without TLS.
func (t *target) tls() (*tls.Config, error) {
	if !t.secure {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if t.authority == "" {
		return c, nil
	}
	text, err := os.ReadFile(t.authority)
	if err != nil {
		return nil, fmt.Errorf("the ca in the URL of Redis: %w", err)
	}
	c.RootCAs = x509.NewCertPool()
	if !c.RootCAs.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("the ca in the URL of Redis, %s, has no certificate", t.authority)
	}
	return c, nil
}
