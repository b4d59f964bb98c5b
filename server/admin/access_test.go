package admin

import (
	"strings"
	"testing"
)

func TestAccessWithoutToken(t *testing.T) {
	h := newSidecar(t, "")
	for name, c := range map[string]struct {
		call
		code string // of the refusal; empty: answered
	}{
		"local":                                {},
		"local by name":                        {call{host: "localhost:8001"}, ""},
		"local by IPv6":                        {call{local: "[::1]:8001", peer: "[::1]:5", host: "[::1]:8001"}, ""},
		"mapped IPv4":                          {call{peer: "[::ffff:127.0.0.1]:5"}, ""},
		"own page":                             {call{headers: header("Origin", "http://127.0.0.1:8001")}, ""},
		"another peer":                         {call{peer: "192.0.2.7:5555"}, "not_local"},
		"a wildcard bind, reached by loopback": {call{bind: "0.0.0.0:8001"}, "not_local"},
		"a public bind":                        {call{local: "192.0.2.1:8001"}, "not_local"},
		"X-Forwarded-For":                      {call{headers: header("X-Forwarded-For", "127.0.0.1")}, "forwarded"},
		"X-Forwarded-Proto":                    {call{headers: header("X-Forwarded-Proto", "https")}, "forwarded"},
		"Forwarded":                            {call{headers: header("Forwarded", "for=127.0.0.1")}, "forwarded"},
		"X-Real-IP":                            {call{headers: header("X-Real-IP", "127.0.0.1")}, "forwarded"},
		"DNS rebinding":                        {call{host: "evil.example:8001"}, "foreign_host"},
		"a name that looks loopback":           {call{host: "127.0.0.1.evil.example"}, "foreign_host"},
		"foreign origin":                       {call{headers: header("Origin", "https://evil.example")}, "foreign_origin"},
		"another program's page":               {call{headers: header("Origin", "http://127.0.0.1:3000")}, "foreign_origin"},
		"another site of this host":            {call{headers: header("Sec-Fetch-Site", "same-site")}, "foreign_origin"},
		"own page's script":                    {call{headers: header("Sec-Fetch-Site", "same-origin")}, ""},
		"typed into a browser":                 {call{headers: header("Sec-Fetch-Site", "none")}, ""},
		"no Host":                              {call{host: " "}, "foreign_host"},
		"Via":                                  {call{headers: header("Via", "1.1 proxy")}, "forwarded"},
		"null origin":                          {call{headers: header("Origin", "null")}, "foreign_origin"},
		"cross-site without origin":            {call{headers: header("Sec-Fetch-Site", "cross-site")}, "foreign_origin"},
		"a form's POST":                        {call{method: "POST", path: "/ws/cleanup", headers: header("Content-Type", "text/plain")}, "not_json"},
		"a form's empty POST":                  {call{method: "POST", path: "/ws/cleanup", headers: header("Content-Type", "application/x-www-form-urlencoded")}, "not_json"},
		"a script's bare POST":                 {call{method: "POST", path: "/ws/cleanup", headers: header("Content-Type", "")}, ""},
		"a bare POST of the own page":          {call{method: "POST", path: "/ws/cleanup", headers: map[string]string{"Content-Type": "", "Origin": "http://127.0.0.1:8001"}}, "not_json"},
		"a bare POST of another site":          {call{method: "POST", path: "/ws/cleanup", headers: map[string]string{"Content-Type": "", "Sec-Fetch-Site": "cross-site"}}, "foreign_origin"},
		"a body without a type":                {call{method: "POST", path: "/ws/cleanup", body: "{}", headers: header("Content-Type", "")}, "not_json"},
	} {
		t.Run(name, func(t *testing.T) { c.expect(t, h, c.code) })
	}
}

func TestAccessWithToken(t *testing.T) {
	h := newSidecar(t, "the admin's token")
	for name, c := range map[string]struct {
		call
		code string
	}{
		"right, from anywhere":       {call{peer: "192.0.2.7:5", local: "192.0.2.1:80", host: "x.example", headers: header("Authorization", "Bearer the admin's token")}, ""},
		"scheme in another case":     {call{headers: header("Authorization", "bearer the admin's token")}, ""},
		"none, from this host":       {call{}, "unauthorized"},
		"wrong":                      {call{headers: header("Authorization", "Bearer another token")}, "unauthorized"},
		"a prefix":                   {call{headers: header("Authorization", "Bearer the admin")}, "unauthorized"},
		"another scheme":             {call{headers: header("Authorization", "Basic the admin's token")}, "unauthorized"},
		"POST without a body":        {call{method: "POST", path: "/ws/cleanup", headers: map[string]string{"Authorization": "Bearer the admin's token", "Content-Type": ""}}, ""},
		"in the URL, where it leaks": {call{path: "/ws/stats?token=the+admin's+token"}, "unauthorized"},
	} {
		t.Run(name, func(t *testing.T) { c.expect(t, h, c.code) })
	}
	_, _, headers := call{}.on(t, h)
	if !strings.HasPrefix(headers.Get("WWW-Authenticate"), "Bearer") {
		t.Error("a 401 does not say how to authenticate")
	}
}

func TestEveryCallAppliesTheAccessRule(t *testing.T) {
	h := newSidecar(t, "token")
	for _, path := range []string{"/ws/online", "/ws/stats", "/ws/broadcast", "/ws/send", "/ws/cleanup", "/ws/disconnect", "/ws/revoke",
		"/ws/drain", "/metrics", "/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/profile", "/debug/consistency"} {
		for _, method := range []string{"GET", "POST", "PUT"} {
			if status, body, _ := (call{method: method, path: path}).on(t, h); status != 401 {
				t.Errorf("%s %s without the token: %d %s", method, path, status, body)
			}
		}
	}
	for _, path := range []string{"/livez", "/readyz"} {
		if status, _, _ := (call{path: path, peer: "192.0.2.7:5"}).on(t, h); status != 200 {
			t.Errorf("%s: %d, and probes have no token", path, status)
		}
	}
}
