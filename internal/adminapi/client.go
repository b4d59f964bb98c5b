// Package adminapi calls the admin API of a running node, for the commands of an operator.
package adminapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

const (
	// patience limits the wait for an answer. A node answers within milliseconds, or within a second if it asks others.
	patience = 10 * time.Second

	// largestAnswer is several times the largest page of a list.
	largestAnswer = 64 << 20
)

// Client calls one node.
type Client struct {
	base  string
	token string
	http  http.Client
}

// New returns a client for an address as ADMIN_ADDR has it. An unspecified address stands for this host. The token may be empty.
func New(addr, token string) *Client {
	return &Client{
		base: "http://" + Reachable(addr), token: token,
		http: http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true, Proxy: nil}},
	}
}

// Reachable returns the address at which a listener on addr can be reached from its host: loopback if it listens on all addresses.
func Reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	switch ip := net.ParseIP(host); {
	case host == "", ip != nil && ip.IsUnspecified() && ip.To4() != nil:
		host = "127.0.0.1"
	case ip != nil && ip.IsUnspecified():
		host = "::1"
	}
	return net.JoinHostPort(host, port)
}

// Refusal is an answer of the node that is no success.
type Refusal struct {
	Status  int
	Code    string `json:"error"`
	Message string `json:"message"`
}

// Error returns the answer of the node.
func (r *Refusal) Error() string {
	return fmt.Sprintf("the node refuses it: %d %s: %s", r.Status, r.Code, r.Message)
}

// IsRefused reports whether the node has answered with an error of this code.
func IsRefused(err error, code string) bool {
	var refused *Refusal
	return errors.As(err, &refused) && refused.Code == code
}

// IsDenied reports whether the node does not let the caller make the call: the token is wrong, is missing, or may only read.
func IsDenied(err error) bool {
	var refused *Refusal
	return errors.As(err, &refused) && (refused.Status == http.StatusUnauthorized || refused.Status == http.StatusForbidden)
}

// Call makes a call and decodes the answer into a value. Its error is a *Refusal if the node has answered.
func (c *Client) Call(ctx context.Context, method, path string, into any) error {
	request, err := c.request(ctx, method, path)
	if err != nil {
		return err
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return c.unanswered(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, largestAnswer))
	if err != nil {
		return fmt.Errorf("the answer of %s has been cut off: %w", c.base, err)
	}
	if answer.StatusCode != http.StatusOK {
		return refusal(answer.StatusCode, text)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s is no node of momentum: it answers %.60q", c.base, bytes.TrimSpace(text))
	}
	return nil
}

// request returns a request without a body, with the token.
func (c *Client) request(ctx context.Context, method, path string) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, http.NoBody)
	if err == nil && c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	return request, err
}

func (c *Client) unanswered(err error) error {
	return fmt.Errorf("no node answers on %s (ADMIN_ADDR, --admin-addr): %w", c.base, errors.Unwrap(err))
}

func refusal(status int, text []byte) *Refusal {
	said := &Refusal{}
	if json.Unmarshal(text, said) != nil || said.Code == "" {
		said.Code, said.Message = "unknown", strings.TrimSpace(fmt.Sprintf("%.200s", text))
	}
	said.Status = status
	return said
}
