package admin

import (
	"log/slog"
	"net/http"

	"momentum/server"
	"momentum/web"
)

// Options is how the sidecar is set up.
type Options struct {
	Token string // ADMIN_TOKEN; empty: the loopback rule holds
	Port  int    // the WebSocket port, told to the demo page
	Log   *slog.Logger
}

// sidecar answers for one node.
type sidecar struct {
	server *server.Server
	Options
}

// NewHandler returns the handler of everything the sidecar serves.
func NewHandler(s *server.Server, o Options) http.Handler {
	c := &sidecar{server: s, Options: o}
	mux := http.NewServeMux()
	c.serve(mux, "GET", "/ws/online", c.online)
	c.serve(mux, "GET", "/ws/stats", c.stats)
	c.serve(mux, "POST", "/ws/broadcast", c.broadcast)
	c.serve(mux, "POST", "/ws/send", c.send)
	c.serve(mux, "POST", "/ws/cleanup", c.cleanup)
	mux.HandleFunc("GET /livez", c.live)
	mux.HandleFunc("GET /readyz", c.ready)
	mux.HandleFunc("GET /demo/server.json", c.whereToConnect)
	mux.Handle("GET /demo/", http.StripPrefix("/demo/", demo(http.FileServerFS(web.Demo()))))
	mux.HandleFunc("/ws", notUpgraded)
	mux.HandleFunc("/", notFound)
	return quiet(mux)
}

// serve routes one of the administrator's calls, behind the access rule, and says which method is right.
func (c *sidecar) serve(mux *http.ServeMux, method, path string, answer http.HandlerFunc) {
	mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		if fault := c.allowed(r); fault != nil {
			c.Log.Debug("refused", "path", path, "peer", r.RemoteAddr, "why", fault.code)
			fault.write(w)
			return
		}
		if r.Method != method && !(method == "GET" && r.Method == "HEAD") {
			w.Header().Set("Allow", method)
			(&fault{405, "method_not_allowed", "use " + method + " for " + path}).write(w)
			return
		}
		answer(w, r)
	})
}

// quiet keeps what is said here out of caches and out of content sniffing.
func quiet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

// demo serves the page, which may load and connect to nothing but its own files and WebSocket servers, and
// may stand in nobody's frame.
func demo(files http.Handler) http.Handler {
	const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
		"connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		files.ServeHTTP(w, r)
	})
}

// whereToConnect tells the demo page, which may have come from the admin port, where WebSocket is served.
func (c *sidecar) whereToConnect(w http.ResponseWriter, _ *http.Request) {
	respond(w, http.StatusOK, struct {
		Port int `json:"port"`
	}{c.Port})
}

// notUpgraded answers a request for the WebSocket endpoint that does not ask for an upgrade.
func notUpgraded(w http.ResponseWriter, _ *http.Request) {
	(&fault{400, "bad_upgrade", "connect with a WebSocket client: this address takes upgrades only"}).write(w)
}

func notFound(w http.ResponseWriter, r *http.Request) {
	(&fault{404, "not_found", "there is nothing at this path; the README lists what there is"}).write(w)
}
