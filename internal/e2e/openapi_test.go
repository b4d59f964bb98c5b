package e2e

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"momentum/server/auth"
)

// described is docs/openapi.yaml, with a record of the answers that were seen.
type described struct {
	doc  *openapi3.T
	seen map[string]bool // "GET /ws/online 200"
}

func describedCalls(t *testing.T) *described {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile("../../docs/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"text/html", "text/javascript", "application/typescript", "text/event-stream"} { // the library does not check them
		openapi3filter.RegisterBodyDecoder(kind, openapi3filter.FileBodyDecoder)
	}
	return &described{doc: doc, seen: make(map[string]bool)}
}

// asked is a request and the expected status.
type asked struct {
	method, path, body string
	header             []string
	status             int
}

// check makes a request and validates the answer, and the request as well if it is a valid one.
func (d *described) check(t *testing.T, base string, a asked) {
	t.Helper()
	request, err := http.NewRequest(a.method, base+a.path, strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	if a.body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(a.header); i += 2 {
		request.Header.Set(a.header[i], a.header[i+1])
	}
	client := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != a.status {
		t.Errorf("%s %s: %d %.300s, want %d", a.method, a.path, response.StatusCode, body, a.status)
		return
	}
	request.Body = io.NopCloser(strings.NewReader(a.body))
	d.judge(t, request, response, body)
}

func (d *described) judge(t *testing.T, request *http.Request, response *http.Response, body []byte) {
	t.Helper()
	path, parameters := request.URL.Path, map[string]string{}
	if profile, ok := strings.CutPrefix(path, "/debug/pprof/"); ok {
		path, parameters["profile"] = "/debug/pprof/{profile}", profile
	}
	for _, named := range []string{"/ws/connections/{id}", "/ws/bans/{user}", "/ws/revocations/token/{token}", "/ws/revocations/user/{user}"} {
		before, name, _ := strings.Cut(named, "{")
		if id, ok := strings.CutPrefix(path, before); ok {
			path, parameters[strings.TrimSuffix(name, "}")] = named, id
		}
	}
	if topic, ok := strings.CutPrefix(path, "/ws/topics/"); ok {
		path, parameters["topic"] = "/ws/topics/{topic}", topic
	}
	item := d.doc.Paths.Find(path)
	if item == nil || item.GetOperation(request.Method) == nil {
		t.Errorf("docs/openapi.yaml has no %s %s", request.Method, path)
		return
	}
	input := &openapi3filter.RequestValidationInput{
		Request: request, PathParams: parameters,
		Route: &routers.Route{Spec: d.doc, Path: path, PathItem: item, Method: request.Method, Operation: item.GetOperation(request.Method)},
		Options: &openapi3filter.Options{
			IncludeResponseStatus: true, MultiError: true,
			AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
		},
	}
	if response.StatusCode < 300 {
		if err := openapi3filter.ValidateRequest(t.Context(), input); err != nil {
			t.Errorf("%s %s has an answer but no description: %v", request.Method, request.URL.Path, err)
		}
	}
	answer := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: response.StatusCode, Header: response.Header, Options: input.Options,
		Body: io.NopCloser(bytes.NewReader(body)),
	}
	if err := openapi3filter.ValidateResponse(t.Context(), answer); err != nil {
		t.Errorf("%s %s answers %d %.300s, which does not match the description: %v", request.Method, request.URL.Path, response.StatusCode, body, err)
	}
	d.seen[request.Method+" "+path+" "+http.StatusText(response.StatusCode)] = true
}

// unseen are the answers that this test does not cause, by call and status, each with the test that does.
var unseen = map[string]string{
	"GET /ws Switching Protocols":                              "every other test",
	"GET /ws Request Timeout":                                  "takes 5 s: server/refusal_test.go",
	"GET /ws Request Entity Too Large":                         "64 KiB of early frames: server",
	"POST /ws/broadcast Service Unavailable":                   "a node that is overloaded: server",
	"POST /ws/send Service Unavailable":                        "a node that is overloaded: server",
	"POST /ws/publish Service Unavailable":                     "a node that is overloaded: server",
	"GET /ws/topics/{topic} Service Unavailable":               "reactors that do not answer: server",
	"GET /ws/closes Service Unavailable":                       "reactors that do not answer: server",
	"GET /ws/connections Service Unavailable":                  "reactors that do not answer: server",
	"DELETE /ws/connections/{id} OK":                           "server/admin",
	"DELETE /ws/connections/{id} Service Unavailable":          "reactors that do not answer: server",
	"POST /ws/cleanup Service Unavailable":                     "reactors that do not answer: server",
	"DELETE /ws/drain Conflict":                                "a process that is about to end: server/admin",
	"GET /livez Service Unavailable":                           "reactors that stand still: server",
	"GET /metrics Service Unavailable":                         "more scrapes at once than there may be",
	"GET /debug/consistency Service Unavailable":               "reactors that do not answer: server",
	"DELETE /ws/bans/{user} Service Unavailable":               "a database that lifts no ban: server/admin",
	"DELETE /ws/revocations/token/{token} Service Unavailable": "likewise",
	"DELETE /ws/revocations/user/{user} Service Unavailable":   "likewise",
	"POST /ws/disconnect Service Unavailable":                  "a database that takes no ban: server/admin",
	"POST /ws/revoke Service Unavailable":                      "a database that takes no revocation: server/admin",
}

// TestOpenAPI makes every call of docs/openapi.yaml to a served node, and validates the answers. A described answer that does not
// occur fails the test, too.
func TestOpenAPI(t *testing.T) {
	const adminToken = "open sesame"
	d := describedCalls(t)
	open, closed := serve(t), serve(t, "ADMIN_TOKEN="+adminToken)
	full := serve(t, "WS_MAX_CONNECTIONS_PER_USER=1", "WS_MAX_CONNECTIONS=1")
	for name := range d.doc.Paths.Map() {
		for method := range d.doc.Paths.Value(name).Operations() {
			d.refusals(t, open, closed, method, name)
		}
	}
	d.answers(t, open)
	d.lifts(t, open)
	d.streams(t, open)
	d.handshakes(t, open, full)
	d.drained(t)
	for name, item := range d.doc.Paths.Map() {
		for method, operation := range item.Operations() {
			for status := range operation.Responses.Map() {
				key := method + " " + name + " " + statusText(t, status)
				if !d.seen[key] && unseen[key] == "" {
					t.Errorf("%s %s was never answered with %s", method, name, status)
				}
			}
		}
	}
}

// statusText is the reason phrase of a status in digits.
func statusText(t *testing.T, digits string) string {
	t.Helper()
	status, err := strconv.Atoi(digits)
	if err != nil {
		t.Fatal(err)
	}
	return http.StatusText(status)
}

// refusals makes a call in each way that is refused: without the token, from another host, with another method, and with
// bodies that are too long, not JSON or not an object.
func (d *described) refusals(t *testing.T, open, closed *serving, method, path string) {
	t.Helper()
	if path == "/ws" {
		return
	}
	responses := d.doc.Paths.Value(path).GetOperation(method).Responses
	path = strings.NewReplacer("{profile}", "goroutine", "{topic}", "news", "{user}", "00000000-0000-0000-0000-000000000001", "{token}", "t").Replace(path)
	if status, body := ask(t, "PUT", "http://"+open.admin+path, ""); status != 405 || !strings.Contains(body, "method_not_allowed") {
		t.Errorf("PUT %s: %d %s", path, status, body)
	}
	if responses.Value("401") != nil {
		d.check(t, "http://"+closed.admin, asked{method: method, path: path, status: 401})
		d.check(t, "http://"+closed.ws, asked{method: method, path: path, status: 401, header: []string{"Authorization", "Bearer a guess"}})
		d.check(t, "http://"+open.admin, asked{method: method, path: path, status: 403, header: []string{"X-Forwarded-For", "192.0.2.1", "Content-Type", "application/json"}})
	}
	if method == "POST" {
		long := `{"data":"` + strings.Repeat("x", 64<<10) + `"}`
		d.check(t, "http://"+open.admin, asked{method: method, path: path, body: long, status: 413})
		d.check(t, "http://"+open.admin, asked{method: method, path: path, body: "{}", header: []string{"Content-Type", "text/plain"}, status: 415})
		for _, body := range []string{"[]", "{", `{"colour":1}`} {
			d.check(t, "http://"+open.admin, asked{method: method, path: path, body: body, status: 400})
		}
	}
}

// answers makes the calls that succeed, and those with wrong arguments.
func (d *described) answers(t *testing.T, s *serving) {
	t.Helper()
	for _, name := range []string{"alice", "bob", "mallory"} {
		s.chatter(t, name)
	}
	bob, mallory := auth.UserID("bob@example.com").String(), auth.UserID("mallory@example.com").String()
	const stranger = "00000000-0000-0000-0000-000000000001"
	for _, a := range []asked{
		{"GET", "/ws/online", "", nil, 200},
		{"GET", "/ws/online?limit=1", "", nil, 200}, // with a next page
		{"GET", "/ws/online?limit=1&after=" + bob, "", nil, 200},
		{"GET", "/ws/online?limit=0", "", nil, 400},
		{"GET", "/ws/online?after=bob", "", nil, 400},
		{"GET", "/ws/online?user_id=" + bob, "", nil, 400},
		{"GET", "/ws/stats", "", nil, 200},
		{"GET", "/ws/stats?scope=planet", "", nil, 400},
		{"POST", "/ws/broadcast", `{"message_type":"text","data":[1,"two"]}`, nil, 200},
		{"POST", "/ws/broadcast", `{"message_type":"text","message_type":"notification"}`, nil, 400},
		{"POST", "/ws/broadcast", `{"message_type":"system_message"}`, nil, 200},
		{"POST", "/ws/broadcast", `{"message_type":"ping"}`, nil, 400},
		{"POST", "/ws/send", `{"to_user_id":"` + bob + `","message_type":"notification","data":"for you"}`, nil, 200},
		{"POST", "/ws/send", `{"to_user_id":"` + bob + `","message_type":"pong"}`, nil, 400},
		{"POST", "/ws/send", `{"to_user_id":"` + stranger + `","message_type":"text"}`, nil, 404},
		{"POST", "/ws/send", `{"id":"s1","to_user_id":"` + bob + `","message_type":"text"}`, nil, 200}, // the second time nothing is sent
		{"POST", "/ws/broadcast", `{"id":"b1","message_type":"text"}`, nil, 200},
		{"POST", "/ws/broadcast", `{"id":"","message_type":"text"}`, nil, 400},
		{"POST", "/ws/publish", `{"topic":"news","message_type":"text","data":1}`, nil, 200},
		{"POST", "/ws/publish", `[{"topic":"news","message_type":"text"},{"id":"p1","topic":"b","message_type":"notification"}]`, nil, 200},
		{"POST", "/ws/publish", `{"topic":"a b","message_type":"text"}`, nil, 400},
		{"POST", "/ws/publish", `[{"topic":"news","message_type":"pong"}]`, nil, 400},
		{"GET", "/ws/topics", "", nil, 200},
		{"GET", "/ws/topics?limit=0", "", nil, 400},
		{"GET", "/ws/topics/news", "", nil, 200},
		{"GET", "/ws/topics/news?after=x", "", nil, 400},
		{"GET", "/ws/closes", "", nil, 200},
		{"GET", "/ws/closes?kind=handshake&side=node&code=401&since=1h&limit=1", "", nil, 200},
		{"GET", "/ws/closes?reason=tired", "", nil, 400},
		{"POST", "/ws/cleanup", `{}`, nil, 200},
		{"POST", "/ws/cleanup", "", nil, 200},
		{"POST", "/ws/cleanup", "", []string{"Content-Type", "application/json"}, 200},
		{"POST", "/ws/disconnect", `{"user_id":"` + stranger + `"}`, nil, 404},
		{"POST", "/ws/disconnect", `{"user_id":"` + mallory + `","reason":"` + strings.Repeat("x", 124) + `"}`, nil, 400},
		{"POST", "/ws/disconnect", `{"user_id":"` + mallory + `","reason":"come back tomorrow","ban_seconds":86400}`, nil, 200},
		{"POST", "/ws/revoke", `{"token_id":"a token"}`, nil, 200},
		{"POST", "/ws/revoke", `{"user_id":"` + mallory + `"}`, nil, 200},
		{"POST", "/ws/revoke", `{"user_id":"` + mallory + `","issued_before":1700000000,"until":4102444800}`, nil, 200},
		{"POST", "/ws/revoke", `{"user_id":"` + mallory + `","until":1700000000000}`, nil, 400}, // milliseconds
		{"POST", "/ws/revoke", `{"user_id":"` + mallory + `","token_id":"a token"}`, nil, 400},
		{"GET", "/metrics", "", nil, 200},
		{"GET", "/metrics?names=a", "", nil, 400},
		{"GET", "/debug/consistency", "", nil, 200},
		{"GET", "/debug/consistency?deep=1", "", nil, 400},
		{"GET", "/debug/pprof/heap", "", nil, 200},
		{"GET", "/debug/pprof/goroutine?debug=1", "", nil, 200},
		{"GET", "/debug/pprof/profile?seconds=0", "", nil, 400},
		{"GET", "/livez", "", nil, 200},
		{"GET", "/readyz", "", nil, 200},
		{"GET", "/", "", nil, 200},
		{"GET", "/", "", []string{"If-None-Match", "*"}, 304},
		{"GET", "/demo/", "", nil, 200},
		{"GET", "/demo/server.json", "", nil, 200},
		{"GET", "/client/momentum.js", "", nil, 200},
		{"GET", "/client/momentum.js", "", []string{"If-None-Match", "*"}, 304},
		{"GET", "/client/momentum.d.ts", "", nil, 200},
		{"GET", "/client/momentum.d.ts", "", []string{"If-None-Match", "*"}, 304},
		{"GET", "/docs/", "", nil, 200},
		{"GET", "/docs/openapi.yaml", "", nil, 200},
		{"GET", "/docs/asyncapi.yaml", "", nil, 200},
	} {
		d.check(t, "http://"+s.admin, a)
		d.check(t, "http://"+s.ws, a)
	}
}

// lifts lists what answers has put in force, and ends it.
func (d *described) lifts(t *testing.T, s *serving) {
	t.Helper()
	const stranger = "00000000-0000-0000-0000-000000000001"
	for _, a := range []asked{
		{"GET", "/ws/bans", "", nil, 200},
		{"GET", "/ws/connections", "", nil, 200},
		{"GET", "/ws/connections?sort=queue&window=60&limit=1", "", nil, 200},
		{"GET", "/ws/connections?user=" + stranger, "", nil, 200},
		{"GET", "/ws/connections?window=7", "", nil, 400},
		{"DELETE", "/ws/connections/x", "", nil, 404},
		{"DELETE", "/ws/connections/x?scope=planet", "", nil, 400},
		{"GET", "/ws/changes", "", nil, 200},
		{"GET", "/ws/changes?limit=1&after=3", "", nil, 200},
		{"GET", "/ws/changes?after=x", "", nil, 400},
		{"GET", "/ws/bans?limit=1&after=" + stranger, "", nil, 200},
		{"GET", "/ws/bans?after=x", "", nil, 400},
		{"GET", "/ws/revocations", "", nil, 200},
		{"GET", "/ws/revocations?limit=0", "", nil, 400},
		{"DELETE", "/ws/bans/" + stranger, "", nil, 404},
		{"DELETE", "/ws/bans/x", "", nil, 400},
		{"DELETE", "/ws/revocations/token/t", "", nil, 404},
		{"DELETE", "/ws/revocations/token/t?scope=planet", "", nil, 400},
		{"DELETE", "/ws/revocations/user/" + stranger, "", nil, 404},
		{"DELETE", "/ws/revocations/user/x", "", nil, 400},
	} {
		d.check(t, "http://"+s.admin, a)
	}
	mallory := auth.UserID("mallory@example.com").String()
	for _, path := range []string{"/ws/bans/" + mallory, "/ws/revocations/token/a%20token", "/ws/revocations/user/" + mallory} {
		d.check(t, "http://"+s.admin, asked{"DELETE", path, "", nil, 200})
	}
}

// drained makes the calls to a drained node.
func (d *described) drained(t *testing.T) {
	t.Helper()
	s := serve(t)
	for _, a := range []asked{
		{"POST", "/ws/drain", `{}`, nil, 200},
		{"POST", "/ws/drain", "", []string{"Content-Type", "application/json"}, 200}, // the same drain
		{"GET", "/ws/stats", "", nil, 200},
		{"GET", "/readyz", "", nil, 503},
		{"GET", "/livez", "", nil, 200},
	} {
		d.check(t, "http://"+s.admin, a)
		d.check(t, "http://"+s.ws, a)
	}
	d.check(t, "http://"+s.admin, asked{"DELETE", "/ws/drain?scope=node", "", nil, 400})
	d.check(t, "http://"+s.admin, asked{"DELETE", "/ws/drain", "", nil, 200})
	d.check(t, "http://"+s.admin, asked{"DELETE", "/ws/drain", "", nil, 404})
}

// handshakes makes handshakes that are refused. net/http's client cannot send all of them.
func (d *described) handshakes(t *testing.T, s, full *serving) {
	t.Helper()
	full.chatter(t, "alice") // takes the only place
	const upgrade = "Host: chat.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	bearer := "Authorization: Bearer " + signFor(t, "alice") + "\r\n"
	for _, tt := range []struct {
		to      *serving
		request string
		status  int
	}{
		{s, "GET /ws HTTP/1.1\r\nHost: chat.example\r\n\r\n", 401},
		{s, "GET /ws HTTP/1.1\r\nHost: chat.example\r\n" + bearer + "\r\n", 204},
		{s, "GET /ws HTTP/1.1\r\nHost: chat.example\r\nOrigin: http://chat.example\r\n" + bearer + "\r\n", 204},
		{s, "GET /ws HTTP/1.0\r\n\r\n", 400},
		{s, "OPTIONS /ws HTTP/1.1\r\nHost: chat.example\r\nOrigin: http://chat.example\r\n\r\n", 204},
		{s, "OPTIONS /ws HTTP/1.1\r\nHost: chat.example\r\nOrigin: https://elsewhere.example\r\n\r\n", 403},
		{s, "OPTIONS /ws HTTP/1.1\r\nHost: chat.example\r\n\r\n", 405},
		{s, "GET /ws HTTP/1.1\r\n" + upgrade + "Sec-WebSocket-Version: 13\r\n\r\n", 401},
		{s, "GET /ws HTTP/1.1\r\n" + upgrade + "Sec-WebSocket-Version: 13\r\n" + bearer + "Origin: https://elsewhere.example\r\n\r\n", 403},
		{s, "GET /ws?" + strings.Repeat("x", 9000) + " HTTP/1.1\r\n" + upgrade + "\r\n", 414},
		{s, "GET /ws HTTP/1.1\r\n" + upgrade + "Sec-WebSocket-Version: 8\r\n" + bearer + "\r\n", 426},
		{s, "GET /ws HTTP/1.1\r\n" + upgrade + "X-Long: " + strings.Repeat("x", 9000) + "\r\n\r\n", 431},
		{s, "GET /ws HTTP/3.0\r\n" + upgrade + "\r\n", 505},
		{full, "GET /ws HTTP/1.1\r\n" + upgrade + "Sec-WebSocket-Version: 13\r\n" + bearer + "\r\n", 503},
	} {
		d.raw(t, tt.to, tt.request, tt.status)
	}
	one := serve(t, "WS_MAX_CONNECTIONS_PER_USER=1")
	one.chatter(t, "alice")
	d.raw(t, one, "GET /ws HTTP/1.1\r\n"+upgrade+"Sec-WebSocket-Version: 13\r\nAuthorization: Bearer "+signFor(t, "alice@example.com")+"\r\n\r\n", 429)
}

func (d *described) raw(t *testing.T, s *serving, text string, status int) {
	t.Helper()
	c := dial(t, s.ws)
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	method, _, _ := strings.Cut(text, " ")
	request, err := http.NewRequest(method, "http://"+s.ws+"/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(c), request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != status {
		t.Errorf("%.60q: %d %s, want %d", text, response.StatusCode, body, status)
		return
	}
	d.judge(t, request, response, body)
}

// TestDescriptionsAreServed checks that the server serves the same files.
func TestDescriptionsAreServed(t *testing.T) {
	s := serve(t)
	for _, name := range []string{"openapi.yaml", "asyncapi.yaml"} {
		want, err := os.ReadFile("../../docs/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if status, body := ask(t, "GET", "http://"+s.admin+"/docs/"+name, ""); status != 200 || body != string(want) {
			t.Errorf("/docs/%s: %d and %d bytes, want %d", name, status, len(body), len(want))
		}
	}
	for _, path := range []string{"/docs/embed.go", "/docs/page.html", "/docs/../docs/PROTOCOL.md"} {
		if status, _ := ask(t, "GET", "http://"+s.admin+path, ""); status != 404 {
			t.Errorf("GET %s: %d", path, status)
		}
	}
}
