package admin

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
)

func TestDemoPageHasAContentSecurityPolicy(t *testing.T) {
	status, body, headers := call{path: "/demo/", peer: "192.0.2.7:5", host: "chat.example"}.on(t, newSidecar(t, "token"))
	if status != 200 || !strings.Contains(body, "<html") {
		t.Fatalf("%d %.80s", status, body)
	}
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"} {
		if policy := headers.Get("Content-Security-Policy"); !strings.Contains(policy, want) {
			t.Errorf("the page's policy %q lacks %q", policy, want)
		}
	}
}

// guestOf returns a sidecar that takes guests, and refuses the name "".
func guestOf(t *testing.T, adminToken string) *Handler {
	t.Helper()
	s, _ := newNode(t)
	return NewHandler(s, Options{Token: adminToken, Port: 8000, Log: slog.New(slog.DiscardHandler), Guest: func(name string) (string, error) {
		if name == "" {
			return "", errors.New("it is empty")
		}
		return "token of " + name, nil
	}})
}

func TestAGuestGetsATokenInDevelopmentMode(t *testing.T) {
	h := guestOf(t, "")
	status, body, _ := call{method: "POST", path: "/demo/guest", body: `{"username":"ann"}`}.on(t, h)
	if status != 200 || body != `{"token":"token of ann"}`+"\n" {
		t.Errorf("%d %s", status, body)
	}
	if _, body, _ := (call{path: "/demo/server.json"}).on(t, h); !strings.Contains(body, `"guests":true`) {
		t.Errorf("the page is told %s", body)
	}
	for what, c := range map[string]call{
		"no name":          {body: `{}`},
		"a name of nobody": {body: `{"username":""}`},
		"another field":    {body: `{"username":"ann","sub":"x"}`},
	} {
		c.method, c.path = "POST", "/demo/guest"
		if status, body, _ := c.on(t, h); status != 400 {
			t.Errorf("%s: %d %s", what, status, body)
		}
	}
}

func TestOnlyThisHostsOwnPageIsAGuest(t *testing.T) {
	for what, c := range map[string]call{
		"another host":         {peer: "192.0.2.7:5"},
		"a page elsewhere":     {headers: map[string]string{"Origin": "https://evil.example"}},
		"a name of elsewhere":  {host: "evil.example"},
		"a proxy":              {headers: map[string]string{"X-Forwarded-For": "192.0.2.7"}},
		"a form":               {headers: map[string]string{"Content-Type": "text/plain"}},
		"every interface":      {bind: "0.0.0.0:8001"},
		"a public destination": {local: "192.0.2.1:8001"},
	} {
		c.method, c.path, c.body = "POST", "/demo/guest", `{"username":"ann"}`
		if status, body, _ := c.on(t, guestOf(t, "")); status == 200 {
			t.Errorf("%s gets %s", what, body)
		}
	}
	for what, h := range map[string]*Handler{"with an admin token": guestOf(t, "token")} {
		if status, body, _ := (call{method: "POST", path: "/demo/guest", body: `{"username":"ann"}`}).on(t, h); status == 200 {
			t.Errorf("%s: %s", what, body)
		}
		if _, body, _ := (call{path: "/demo/server.json"}).on(t, h); !strings.Contains(body, `"guests":false`) {
			t.Errorf("%s the page is told %s", what, body)
		}
	}
}

func TestThereAreNoGuestsWithoutDevelopmentMode(t *testing.T) {
	if status, _, _ := (call{method: "POST", path: "/demo/guest", body: `{"username":"ann"}`}).on(t, newSidecar(t, "")); status == 200 {
		t.Error("a guest gets a token")
	}
}
