package tidy

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// module is the path that our own packages begin with.
const module = "momentum"

const (
	gnet     = "github.com/panjf2000/gnet/v2"
	gobwas   = "github.com/gobwas/ws"
	fastjson = "github.com/valyala/fastjson"
	jwt      = "github.com/golang-jwt/jwt/v5"
	jose     = "github.com/go-jose/go-jose/v4"
	uuid     = "github.com/google/uuid"
	kong     = "github.com/alecthomas/kong"
	tint     = "github.com/lmittmann/tint"
	unix     = "golang.org/x/sys/unix"
	term     = "golang.org/x/term"
	yaml     = "go.yaml.in/yaml/v4"
	netutil  = "golang.org/x/net/netutil"
	compress = "github.com/klauspost/compress"

	prometheus = "github.com/prometheus/client_golang"
	proxyproto = "github.com/pires/go-proxyproto"
	jsonschema = "github.com/santhosh-tekuri/jsonschema/v6"
	openapi3   = "github.com/getkin/kin-openapi"
	pgx        = "github.com/jackc/pgx/v5"
)

// row says what a package may import beyond the standard library: our own packages by their directory, others
// by their path, which covers what is below it.
type row struct {
	imports []string
	tests   []string // what its tests may import as well
	why     string
}

// arrows is the whole import graph. A package that is not here has no place in the house yet.
var arrows = map[string]row{
	"netpoll": {
		imports: []string{gnet, unix},
		tests:   []string{"netpoll/netpolltest"},
		why:     "sockets and turns: the only package that knows gnet, and it knows no WebSocket",
	},
	"netpoll/netpolltest": {
		imports: []string{"netpoll"},
		why:     "the reactor over a fake clock and network",
	},
	"protocol": {
		imports: []string{gobwas, fastjson, compress, uuid},
		tests:   []string{proxyproto},
		why:     "bytes in, values out: the only package that knows gobwas/ws, and it knows no socket",
	},
	"server": {
		imports: []string{"netpoll", "protocol", "server/auth", "server/directory", uuid},
		tests:   []string{"netpoll/netpolltest"},
		why:     "who is connected and who hears what; the one place where sockets, frames and claims meet",
	},
	"server/sim": {
		tests: []string{"netpoll", "netpoll/netpolltest", "server", "server/auth", "server/directory", uuid},
		why:   "a whole node in a simulated world, seen from outside; it frames its own bytes",
	},
	"server/auth": {
		imports: []string{jwt, uuid},
		why:     "tokens: the only server package that knows jwt",
	},
	"server/directory": {
		imports: []string{uuid},
		why:     "who may connect, as values and interfaces",
	},
	"server/auth/jwks": {
		imports: []string{"server/auth", jose},
		why:     "keys from a URL: the network and the goroutine that auth, which the clients share, has no need of",
	},
	"server/directory/cache": {
		imports: []string{"server/directory", uuid},
		why:     "what stands between a storm and a database, whichever it is",
	},
	"server/directory/warden": {
		imports: []string{"server/directory", uuid},
		why:     "what becomes of a change to a user who is connected; it knows neither the database nor the server",
	},
	"server/directory/postgres": {
		imports: []string{"server/directory", "server/auth", pgx, uuid},
		tests:   []string{"internal/postgrestest", "server/directory/cache", "server/directory/warden"},
		why:     "users and revocations in PostgreSQL: the only package that knows pgx",
	},
	"server/admin": {
		imports: []string{"docs", "server", "server/auth", "web", uuid},
		tests:   []string{"netpoll"},
		why:     "the net/http sidecar over the server's operations, and the pages it serves",
	},
	"server/metrics": {
		imports: []string{"server", prometheus},
		tests:   []string{"netpoll", "server/auth", "github.com/prometheus/common", "github.com/prometheus/client_model", "github.com/coder/websocket", uuid},
		why:     "the server's figures for Prometheus: the only package that knows its library",
	},
	"deploy/check": {
		tests: []string{"github.com/prometheus/prometheus", "gopkg.in/yaml.v3"},
		why:   "the alerts and the dashboard, read by Prometheus's own parser; a module of its own, so that it enters no other",
	},
	"web": {
		why: "pages, embedded",
	},
	"docs": {
		why: "the descriptions of both interfaces, embedded",
	},
	"cmd/momentum": {
		imports: []string{"internal/logging", "netpoll", "protocol", "server", "server/admin", "server/auth", "server/auth/jwks", "server/directory", "server/directory/cache", "server/directory/postgres", "server/directory/warden", "server/metrics", "web", kong, netutil, unix, term, uuid, yaml},
		tests:   []string{"internal/postgrestest"},
		why:     "only a command wires",
	},
	"bench/echo": {
		imports: []string{"netpoll", "protocol", kong, unix},
		tests:   []string{"netpoll/netpolltest", "github.com/coder/websocket"},
		why:     "the smallest server on our own reactors and frames, for conformance and for comparisons",
	},
	"internal/e2e": {
		tests: []string{"internal/postgrestest", "server/auth", pgx, unix, "github.com/chromedp/chromedp", "github.com/coder/websocket", "github.com/gorilla/websocket", yaml, jsonschema, openapi3},
		why:   "the programs as their users meet them, from outside; it signs its own tokens",
	},
	"internal/deploytest": {
		tests: []string{yaml, jsonschema},
		why:   "deploy/ as those meet it who will read it: a shell, systemd, a kernel, the compose schema",
	},
	"internal/logging": {
		imports: []string{tint, term},
		why:     "the log's lines and its bounded queue: the only package that knows tint; no part waits for what it does",
	},
	"internal/postgrestest": {
		imports: []string{pgx, unix},
		why:     "a PostgreSQL of the tests' own; no program imports it",
	},
	"internal/siege": {
		tests: []string{"server/auth", "github.com/coder/websocket"},
		why:   "attacks on a node in a process of its own, and what others on it feel meanwhile; it signs its own tokens",
	},
	"internal/tidy": {
		why: "it judges the others",
	},
}

// clients are our tools for the other end. They use libraries the server does not, so that a fault in our own
// protocol code cannot hide by being at both ends. How a token is signed they share: it says nothing of frames.
var clients = []string{"cmd/websocket_client", "cmd/websocket_stress_test", "bench"}

func TestImportsFollowTheArrows(t *testing.T) { hold(t, followArrows) }

func followArrows(files tree) []string {
	var broken []string
	unknown := map[string]bool{} // told once a package
	for _, f := range files.goFiles() {
		if _, server := arrows[f.directory()]; !server && f.under(clients...) {
			broken = append(broken, foreignToClients(f)...)
			continue
		}
		r, ok := arrows[f.directory()]
		if !ok && !unknown[f.directory()] {
			unknown[f.directory()] = true
			broken = append(broken, f.say(1, "no row for package %s: add one to arrows in internal/tidy, with what it may import and why", f.directory()))
		}
		if ok {
			broken = append(broken, against(r, f)...)
		}
	}
	return broken
}

// against lists the imports of f that its row does not allow.
func against(r row, f *file) []string {
	allowed := append([]string{f.directory()}, r.imports...)
	if f.isTest() {
		allowed = append(allowed, r.tests...)
	}
	var broken []string
	for name, line := range imports(f) {
		if !covered(name, allowed) {
			broken = append(broken, f.say(line, "%s may not import %s (%s): move what needs it, or argue a new arrow in docs/adr and in internal/tidy",
				f.directory(), name, r.why))
		}
	}
	return broken
}

// foreignToClients keeps the server's insides and its libraries out of the tools.
//
// A tool's own tests may run a server to be tools against, and the rivals are servers of a module of their own.
func foreignToClients(f *file) []string {
	var broken []string
	if f.under("bench/rivals") {
		return nil
	}
	for name, line := range imports(f) {
		inside := strings.HasPrefix(name, "netpoll") || strings.HasPrefix(name, "protocol") || strings.HasPrefix(name, "server")
		if inside && name != "server/auth" && !f.isTest() || covered(name, []string{gnet, gobwas}) {
			broken = append(broken, f.say(line, "a client may not import %s: it would share the server's faults; use another library", name))
		}
	}
	return broken
}

// imports maps what f imports from outside the standard library to the line it does so in. Our own packages
// are named by their directory.
func imports(f *file) map[string]int {
	found := make(map[string]int)
	for _, spec := range f.syntax.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		first, _, _ := strings.Cut(name, "/")
		if own, ok := strings.CutPrefix(name, module+"/"); ok {
			found[own] = f.line(spec.Pos())
		} else if strings.Contains(first, ".") {
			found[name] = f.line(spec.Pos())
		}
	}
	return found
}

// covered says whether name is allowed. One of our packages must be named itself; a library covers what is
// below it, except a later major version.
func covered(name string, allowed []string) bool {
	return slices.ContainsFunc(allowed, func(a string) bool {
		library := strings.Contains(a, ".")
		return name == a || library && strings.HasPrefix(name, a+"/")
	})
}
