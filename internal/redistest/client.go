package redistest

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Refused is an error that the server has answered, such as "NOAUTH Authentication required.".
type Refused string

// Error returns the answer.
func (r Refused) Error() string { return string(r) }

// Conn is a connection to a server, for commands and for subscriptions. It speaks RESP 2.
type Conn struct {
	net.Conn
	in *bufio.Reader
}

// Dial connects to a URL, and logs in if the URL has a password. For rediss:// it trusts the roots.
func Dial(address string, roots *x509.CertPool) (*Conn, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: patience}
	var conn net.Conn
	if u.Scheme == "rediss" {
		conn, err = tls.DialWithDialer(dialer, "tcp", u.Host, &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12})
	} else {
		conn, err = dialer.Dial("tcp", u.Host)
	}
	if err != nil {
		return nil, err
	}
	c := &Conn{Conn: conn, in: bufio.NewReader(conn)}
	if password, ok := u.User.Password(); ok {
		login := []string{"AUTH", u.User.Username(), password}
		if login[1] == "" {
			login = []string{"AUTH", password}
		}
		if _, err := c.Do(login...); err != nil {
			conn.Close()
			return nil, err
		}
	}
	return c, nil
}

// Do runs a command. It returns a string, an int64, nil or a []any of these. An error that the server has answered is a
// Refused.
func (c *Conn) Do(args ...string) (any, error) {
	var request strings.Builder
	fmt.Fprintf(&request, "*%d\r\n", len(args))
	for _, arg := range args {
		fmt.Fprintf(&request, "$%d\r\n%s\r\n", len(arg), arg)
	}
	_ = c.SetWriteDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(c, request.String()); err != nil {
		return nil, err
	}
	return c.Receive(patience)
}

// Receive returns the next message, such as one of a subscription: a []any of "message", the channel and the text. The error
// of a time that is over is os.ErrDeadlineExceeded.
func (c *Conn) Receive(within time.Duration) (any, error) {
	_ = c.SetReadDeadline(time.Now().Add(within))
	value, err := c.value()
	if refused, ok := value.(Refused); ok && err == nil {
		return nil, refused
	}
	return value, err
}

// value reads one value. An error inside a list is a Refused in the list.
func (c *Conn) value() (any, error) {
	line, err := c.in.ReadString('\n')
	if err != nil {
		return nil, err
	}
	kind, text := line[0], strings.TrimSuffix(line[1:], "\r\n")
	switch kind {
	case '+':
		return text, nil
	case '-':
		return Refused(text), nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || kind == ':' {
		return n, err
	}
	switch {
	case kind != '$' && kind != '*':
		return nil, fmt.Errorf("%q is no RESP", line)
	case n < 0:
		return nil, nil
	case kind == '*':
		return c.list(int(n))
	}
	text = ""
	bulk := make([]byte, n+2) // with the line's end
	if _, err = io.ReadFull(c.in, bulk); err == nil {
		text = string(bulk[:n])
	}
	return text, err
}

func (c *Conn) list(n int) (any, error) {
	list := make([]any, n)
	for i := range list {
		var err error
		if list[i], err = c.value(); err != nil {
			return nil, err
		}
	}
	return list, nil
}
