package admin

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/server"
	"momentum/server/auth"
)

var secret = []byte("secret")

// newNode returns a real node that nobody is connected to, and the address of its WebSocket port.
func newNode(t *testing.T) (*server.Server, net.Addr) {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	s, err := server.New(server.Options{
		Rules: server.Rules{
			MaxConnections: 100, MaxMessageBytes: 1 << 16,
			HeartbeatInterval: time.Minute, HeartbeatTimeout: time.Minute, ConnectionTimeout: time.Hour,
			CleanupInterval: time.Hour, DrainWindow: time.Millisecond,
		},
		Reactors: 1, MaxSockets: 100,
		Verifier: auth.NewVerifier(auth.Secret(secret), auth.Options{Now: time.Now}),
		HandOff:  func(int, []byte, bool, func()) bool { return false },
		Log:      quiet, NetLog: quiet, Now: time.Now, NewID: uuid.New, Outbound: netpoll.DefaultOutbound,
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := s.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = l.Stop(context.Background())
		s.Close()
	})
	return s, l.Addr()
}

func handlerOf(s *server.Server, token string) http.Handler {
	return NewHandler(s, Options{Token: token, Port: 8000, Log: slog.New(slog.DiscardHandler), Metrics: http.NotFoundHandler()})
}

func newSidecar(t *testing.T, token string) http.Handler {
	t.Helper()
	s, _ := newNode(t)
	return handlerOf(s, token)
}

// call is one request, local and harmless unless a test changes it.
type call struct {
	method, path, body      string
	local, peer, host, bind string
	headers                 map[string]string
}

func (c call) on(t *testing.T, h http.Handler) (int, string, http.Header) {
	t.Helper()
	r := httptest.NewRequest(cmp.Or(c.method, "GET"), cmp.Or(c.path, "/ws/stats"), strings.NewReader(c.body))
	r.RemoteAddr, r.Host = cmp.Or(c.peer, "127.0.0.1:5555"), cmp.Or(c.host, "127.0.0.1:8001")
	if r.Method == "POST" {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range c.headers {
		if r.Header.Set(name, value); value == "" {
			r.Header.Del(name)
		}
	}
	local, err := net.ResolveTCPAddr("tcp", cmp.Or(c.local, "127.0.0.1:8001"))
	if err != nil {
		t.Fatal(err)
	}
	bind, err := net.ResolveTCPAddr("tcp", cmp.Or(c.bind, c.local, "127.0.0.1:8001"))
	if err != nil {
		t.Fatal(err)
	}
	r = r.WithContext(context.WithValue(withBind(bind), http.LocalAddrContextKey, net.Addr(local)))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String(), w.Header()
}

func header(name, value string) map[string]string { return map[string]string{name: value} }

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

func (c call) expect(t *testing.T, h http.Handler, code string) {
	t.Helper()
	status, body, _ := c.on(t, h)
	var answer struct{ Error, Message string }
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatalf("%d %q: %v", status, body, err)
	}
	if answer.Error != code || (status < 300) != (code == "") || code != "" && answer.Message == "" {
		t.Fatalf("answered %d %s, want %q", status, body, code)
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

func TestEveryCallIsBehindTheRule(t *testing.T) {
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

func TestBadCalls(t *testing.T) {
	h := newSidecar(t, "")
	id := uuid.NewString()
	post := func(path, body string) call { return call{method: "POST", path: path, body: body} }
	for name, c := range map[string]struct {
		call
		code string
	}{
		"no body":              {post("/ws/broadcast", ""), "missing_field"},
		"not JSON":             {post("/ws/broadcast", "hello"), "bad_json"},
		"an array":             {post("/ws/broadcast", "[]"), "bad_json"},
		"null":                 {post("/ws/broadcast", "null"), "bad_json"},
		"not UTF-8":            {post("/ws/broadcast", "{\"message_type\":\"text\",\"data\":\"\xff\"}"), "bad_json"},
		"half a value":         {post("/ws/broadcast", `{"message_type":"text","data":{`), "bad_json"},
		"data that is no JSON": {post("/ws/broadcast", `{"message_type":"text","data":nan}`), "bad_json"},
		"something behind":     {post("/ws/broadcast", `{"message_type":"text"} {}`), "bad_json"},
		"a number as type":     {post("/ws/broadcast", `{"message_type":1}`), "wrong_type"},
		"null as type":         {post("/ws/broadcast", `{"message_type":null}`), "wrong_type"},
		"unknown field":        {post("/ws/broadcast", `{"message_type":"text","payload":1}`), "unknown_field"},
		"a field in capitals":  {post("/ws/broadcast", `{"MESSAGE_TYPE":"text"}`), "unknown_field"},
		"unknown type":         {post("/ws/broadcast", `{"message_type":"shout","data":1}`), "bad_message_type"},
		"the server's type":    {post("/ws/broadcast", `{"message_type":"user_joined","data":1}`), "bad_message_type"},
		"too large":            {post("/ws/broadcast", `{"message_type":"text","data":"`+strings.Repeat("x", maxBodyBytes)+`"}`), "too_large"},
		"nobody to send to":    {post("/ws/send", `{"message_type":"text","data":1}`), "missing_field"},
		"no type to send":      {post("/ws/send", `{"to_user_id":"`+id+`"}`), "missing_field"},
		"a name for an id":     {post("/ws/send", `{"to_user_id":"bob","message_type":"text"}`), "bad_user_id"},
		"an id as a URN":       {post("/ws/send", `{"to_user_id":"urn:uuid:`+id+`","message_type":"text"}`), "bad_user_id"},
		"somebody not online":  {post("/ws/send", `{"to_user_id":"`+id+`","message_type":"text","data":1}`), "user_not_online"},
		"a field twice":        {post("/ws/send", `{"to_user_id":"`+id+`","message_type":"text","to_user_id":"`+id+`"}`), "duplicate_field"},
		"once in escapes":      {post("/ws/broadcast", `{"message_type":"text","message\u005ftype":"notification"}`), "duplicate_field"},
		"data twice":           {post("/ws/broadcast", `{"data":1,"message_type":"text","data":{}}`), "duplicate_field"},
		"a user twice":         {post("/ws/disconnect", `{"user_id":"`+id+`","user_id":"`+uuid.NewString()+`"}`), "duplicate_field"},
		"a token twice":        {post("/ws/revoke", `{"token_id":"a","token_id":"a"}`), "duplicate_field"},
		"cleanup with fields":  {post("/ws/cleanup", `{"all":true}`), "unknown_field"},
		"a limit of 0":         {call{path: "/ws/online?limit=0"}, "bad_limit"},
		"a limit beyond":       {call{path: "/ws/online?limit=10001"}, "bad_limit"},
		"after nobody":         {call{path: "/ws/online?after=bob"}, "bad_user_id"},
		"an unknown parameter": {call{path: "/ws/online?user_id=" + id}, "unknown_parameter"},
		"a limit twice":        {call{path: "/ws/online?limit=1&limit=2"}, "duplicate_parameter"},
		"a broken query":       {call{path: "/ws/online?limit=%zz"}, "bad_query"},
		"no upgrade":           {call{path: "/ws?token=abc"}, "bad_upgrade"},
		"no such path":         {call{path: "/ws/onlin"}, "not_found"},
		"no such page":         {call{path: "/demo/nothing.js"}, "not_found"},
		"out of the demo":      {call{path: "/demo/..%2fembed.go"}, "not_found"},
	} {
		t.Run(name, func(t *testing.T) { c.expect(t, h, c.code) })
	}
}

// TestNoCallPassesOverAParameter sends each call a parameter that it does not know. The refusal names those that it knows.
func TestNoCallPassesOverAParameter(t *testing.T) {
	h := newSidecar(t, "")
	for path, known := range map[string]string{
		"GET /ws/online": "limit, after", "GET /ws/stats": "none", "GET /metrics": "name[]", "GET /debug/consistency": "none",
		"GET /debug/pprof/": "seconds, debug, gc", "GET /debug/pprof/heap": "seconds, debug, gc",
		"POST /ws/broadcast": "none", "POST /ws/send": "none", "POST /ws/cleanup": "none", "POST /ws/disconnect": "none",
		"POST /ws/revoke": "none", "POST /ws/drain": "none",
	} {
		method, path, _ := strings.Cut(path, " ")
		status, body, _ := (call{method: method, path: path + "?dry_run=true"}).on(t, h)
		if status != 400 || !strings.Contains(body, `"unknown_parameter"`) || !strings.Contains(body, "it takes: "+known+`"`) {
			t.Errorf("%s %s with a parameter that it does not know: %d %s", method, path, status, body)
		}
	}
	for _, path := range []string{"/readyz?from=balancer", "/debug/pprof/symbol?0x1+0x2", "/metrics?name[]=a&name[]=b"} {
		if status, body, _ := (call{path: path}).on(t, h); status == 400 {
			t.Errorf("%s: %s", path, body)
		}
	}
}

func TestWrongMethodNamesTheRightOne(t *testing.T) {
	h := newSidecar(t, "")
	for path, allowed := range map[string]string{
		"/ws/online": "GET, HEAD", "/ws/stats": "GET, HEAD", "/livez": "GET, HEAD", "/readyz": "GET, HEAD", "/demo/": "GET, HEAD", "/docs/openapi.yaml": "GET, HEAD",
		"/ws": "GET, HEAD", "/ws/broadcast": "POST", "/ws/send": "POST", "/ws/cleanup": "POST",
		"/ws/disconnect": "POST", "/ws/revoke": "POST",
		"/ws/drain": "POST", "/debug/pprof/": "GET, HEAD",
	} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE"} {
			status, body, headers := (call{method: method, path: path}).on(t, h)
			if right := strings.Contains(allowed, method); right == (status == 405) {
				t.Errorf("%s %s: %d", method, path, status)
			}
			if status == 405 && (headers.Get("Allow") != allowed || !strings.Contains(body, `"error":"method_not_allowed"`)) {
				t.Errorf("%s %s: Allow %q, %s", method, path, headers.Get("Allow"), body)
			}
		}
	}
}

// A refusal that does not name the field leaves the caller to guess.
func TestRefusalsNameTheField(t *testing.T) {
	h := newSidecar(t, "")
	for body, field := range map[string]string{
		`{"message_type":"text"}`:                     "to_user_id",
		`{"to_user_id":7,"message_type":"text"}`:      "to_user_id",
		`{"to_user_id":"bob","message_type":"text"}`:  "to_user_id",
		`{"to_user_id":"` + uuid.NewString() + `"}`:   "message_type",
		`{"message_type":"text","colour":"#fff"}`:     "colour",
		`{"message_type":"text","To_User_ID":"bob" }`: "To_User_ID",
	} {
		var refusal struct{ Message string }
		_, answered, _ := (call{method: "POST", path: "/ws/send", body: body}).on(t, h)
		if err := json.Unmarshal([]byte(answered), &refusal); err != nil || !strings.Contains(refusal.Message, field) {
			t.Errorf("%s: %q does not name %s", body, refusal.Message, field)
		}
	}
}

func TestGoodCalls(t *testing.T) {
	h := newSidecar(t, "")
	for _, c := range []struct {
		call
		want string
	}{
		{call{path: "/ws/online"}, `{"count":0,"users":[]}`},
		{call{path: "/ws/stats"}, `{"total_connections":0,"unique_users":0,"server_uptime":`},
		{call{method: "POST", path: "/ws/cleanup"}, `{"cleaned_connections":0,"remaining_connections":0}`},
		{call{method: "POST", path: "/ws/broadcast", body: `{"message_type":"text","data":{"a":1}}`}, `{"success":true,"id":"`},
		{call{method: "POST", path: "/ws/broadcast", body: `{"message_type":"text","data":{"a":1,"a":2}}`}, `{"success":true,"id":"`}, // data is the caller's
		{call{path: "/demo/server.json"}, `{"port":8000,"page_port":8001}`},
		{call{path: "/readyz"}, `{"status":"ok","parts":{`},
	} {
		if status, body, headers := c.on(t, h); status != 200 || !strings.HasPrefix(body, c.want) || headers.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s, Cache-Control %q", c.path, status, body, headers.Get("Cache-Control"))
		}
	}
}

func TestDemoPageIsShutIn(t *testing.T) {
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

func TestCheckBind(t *testing.T) {
	for addr, ok := range map[string]bool{
		"127.0.0.1:8001": true, "127.8.9.1:1": true, "localhost:8001": true, "[::1]:8001": true, "[::ffff:127.0.0.1]:1": true,
		"0.0.0.0:8001": false, ":8001": false, "[::]:8001": false, "192.0.2.1:8001": false, "host.example:8001": false, "8001": false,
	} {
		if err := CheckBind(addr, ""); (err == nil) != ok {
			t.Errorf("%s without a token: %v", addr, err)
		}
		if err := CheckBind(addr, "token"); err != nil {
			t.Errorf("%s with a token: %v", addr, err)
		}
	}
}
