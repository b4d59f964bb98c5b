package admin

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"momentum/server"
	"momentum/server/trace"
	"momentum/web"
)

// Options configures the sidecar.
type Options struct {
	Token   string   // ADMIN_TOKEN; if it is empty and there are no Tokens, only this host is answered
	Tokens  []Token  // ADMIN_TOKENS
	Changes *Changes // remembers the calls that change something, over reloads; nil: from now on
	Port    int      // the WebSocket port, for the demo page
	// Ledger stores revocations. If it is nil, the node remembers them until it ends.
	Ledger  Ledger
	Metrics http.Handler // answers GET /metrics; nil: there is no such path
	Checks  []Check      // the node is ready only while these succeed
	// Guest signs a token for a new user with a name. It is nil except in development mode.
	Guest func(username string) (token string, err error)
	// Traces takes the calls that the access rule has allowed. nil: none are traced.
	Traces trace.Sink
	Log    *slog.Logger
}

// sidecar answers HTTP requests for one node.
type sidecar struct {
	server  *server.Server
	holders holders
	Options
}

// Handler serves all paths of the sidecar.
type Handler struct {
	http.Handler
	probes map[string]*probe // by path
}

// Probe answers GET path as the sidecar would, if it is a path that balancers and supervisors ask; otherwise status is
// 0. It neither blocks nor makes the checks more often than once in probeLife, so that reactors may call it.
func (h *Handler) Probe(path []byte) (status int, body []byte) {
	p := h.probes[string(path)]
	if p == nil {
		return 0, nil
	}
	found := p.recent()
	return found.status, found.body
}

// Health returns the answer to GET /readyz, which is at most probeLife old.
func (h *Handler) Health() json.RawMessage { return h.probes["/readyz"].recent().body }

// NewHandler returns the handler of all paths. The function only checks methods, and not the patterns of the mux, because
// the mux refuses a wrong method in plain text.
func NewHandler(s *server.Server, o Options) *Handler {
	c := &sidecar{server: s, holders: holdersOf(o.Token, o.Tokens), Options: o}
	if c.Changes == nil {
		c.Changes = new(Changes)
	}
	probes := map[string]*probe{
		"/livez":  {checks: c.liveChecks(), now: s.Now},
		"/readyz": {checks: c.readyChecks(), now: s.Now},
	}
	mux := http.NewServeMux()
	c.serveCalls(mux)
	if c.Metrics != nil {
		mux.Handle("/metrics", c.call("GET", c.metrics, "name[]"))
	}
	mux.Handle(profiles, c.call("GET", c.profile, "seconds", "debug", "gc"))
	mux.Handle(profiles+"symbol", c.guarded(only("GET", c.symbol))) // its query is a list of addresses
	mux.Handle("/debug/consistency", c.call("GET", c.consistency))
	for path, p := range probes {
		mux.Handle(path, only("GET", p.answer))
	}
	c.handlePages(mux)
	mux.Handle("/ws", only("GET", notUpgraded))
	mux.Handle("/", answer(notFound))
	return &Handler{quiet(mux), probes}
}

// handlePages adds the pages and the client. They are public in the repository, so the access rule does not cover them.
func (c *sidecar) handlePages(mux *http.ServeMux) {
	mux.Handle("/demo/server.json", only("GET", c.whereToConnect))
	mux.Handle("/demo/", only("GET", demo(web.Demo())))
	if c.Guest != nil {
		mux.Handle("/demo/guest", c.call("POST", c.guest))
	}
	for path, file := range clientFiles(web.Client()) {
		mux.Handle(path, only("GET", served(file)))
	}
	for path, file := range dashboard() {
		mux.Handle(path, only("GET", served(file)))
	}
	mux.Handle("/docs/", only("GET", description))
}

// serveCalls adds the administrator's calls to a mux.
func (c *sidecar) serveCalls(mux *http.ServeMux) {
	lifter, lister := lifter{c.server, c.Ledger}, lister{c.server}
	mux.Handle("/ws/online", c.call("GET", scoped(c.online), "limit", "after", "scope"))
	mux.Handle("/ws/stats", c.call("GET", scoped(c.stats), "scope"))
	mux.Handle("/ws/stream", c.call("GET", stream(c.server), "history"))
	mux.Handle("/ws/broadcast", c.call("POST", c.broadcast))
	mux.Handle("/ws/send", c.call("POST", c.send))
	mux.Handle("/ws/publish", c.call("POST", c.publish))
	mux.Handle("/ws/topics", c.call("GET", scoped(c.topics), "limit", "after", "scope"))
	mux.Handle("/ws/topics/", c.call("GET", scoped(c.subscribers), "limit", "after", "scope"))
	mux.Handle("/ws/closes", c.call("GET", scoped(closes(c.server)), closesParameters...))
	mux.Handle("/ws/connections", c.call("GET", scoped(lister.list), connectionsParameters...))
	mux.Handle("/ws/connections/", c.change("DELETE", scoped(lister.drop), "reason", "scope"))
	mux.Handle("/ws/cleanup", c.change("POST", scoped(c.cleanup), "scope"))
	mux.Handle("/ws/disconnect", c.change("POST", scoped(c.disconnect), "scope"))
	mux.Handle("/ws/revoke", c.change("POST", scoped(c.revoke), "scope"))
	mux.Handle("/ws/bans", c.call("GET", scoped(bans(c.server)), "limit", "after", "scope"))
	mux.Handle("/ws/bans/", c.change("DELETE", scoped(lifter.ban), "scope"))
	mux.Handle("/ws/revocations", c.call("GET", scoped(revocations(c.server)), "limit", "after", "scope"))
	mux.Handle("/ws/revocations/", c.change("DELETE", scoped(lifter.revocation), "scope"))
	mux.Handle("/ws/changes", c.call("GET", c.Changes.list, "limit", "after"))
	mux.Handle("/ws/drain", c.change("POST, DELETE", c.drain))
}

// reach is reachOf for this sidecar's node.
func (c *sidecar) reach(r *http.Request) server.Reach { return reachOf(c.server, r) }

// metrics serves the metrics for Prometheus.
func (c *sidecar) metrics(w http.ResponseWriter, r *http.Request) *fault {
	c.Metrics.ServeHTTP(w, r)
	return nil
}

// call returns the handler of an administration call: its method, its answer, and the query parameters that it takes.
func (c *sidecar) call(method string, next answer, parameters ...string) http.Handler {
	return c.guarded(only(method, withQuery(next, parameters...)))
}

// guarded applies the access rule to an administration call.
func (c *sidecar) guarded(next answer) answer {
	next = traced(c.Traces, c.server.Now, next)
	return func(w http.ResponseWriter, r *http.Request) *fault {
		by, fault := c.allowed(r)
		if fault != nil {
			c.Log.Debug("refused", "path", r.URL.Path, "peer", r.RemoteAddr, "by", by.Name, "why", fault.code)
			return fault
		}
		return next(w, withCaller(r, by))
	}
}

// only refuses other methods and names the right ones. Where GET is allowed, so is HEAD (RFC 9110 §9.1).
func only(methods string, next answer) answer {
	allow := methods
	if methods == "GET" {
		allow = "GET, HEAD"
	}
	return func(w http.ResponseWriter, r *http.Request) *fault {
		if !slices.Contains(strings.Split(allow, ", "), r.Method) {
			w.Header().Set("Allow", allow)
			return &fault{405, "method_not_allowed", "use " + strings.ReplaceAll(methods, ", ", " or ") + " for " + r.URL.Path}
		}
		return next(w, r)
	}
}

// served makes an answer of a handler that refuses nothing.
func served(h http.Handler) answer {
	return func(w http.ResponseWriter, r *http.Request) *fault {
		h.ServeHTTP(w, r)
		return nil
	}
}

// quiet keeps answers out of caches, and browsers from guessing their content type.
func quiet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

// notUpgraded answers a request for the WebSocket endpoint that does not ask for an upgrade.
func notUpgraded(http.ResponseWriter, *http.Request) *fault {
	return &fault{400, "bad_upgrade", "connect with a WebSocket client: this path accepts only upgrades"}
}

func notFound(http.ResponseWriter, *http.Request) *fault {
	return &fault{404, "not_found", "there is nothing at this path; the README lists what there is"}
}
