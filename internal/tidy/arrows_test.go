package tidy

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// module is the first element of the paths of our own packages.
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
	idna     = "golang.org/x/net/idna"
	compress = "github.com/klauspost/compress"

	tea        = "charm.land/bubbletea/v2"
	prometheus = "github.com/prometheus/client_golang"
	proxyproto = "github.com/pires/go-proxyproto"
	jsonschema = "github.com/santhosh-tekuri/jsonschema/v6"
	openapi3   = "github.com/getkin/kin-openapi"
	pgx        = "github.com/jackc/pgx/v5"
	rueidis    = "github.com/redis/rueidis"
	otel       = "go.opentelemetry.io/otel"
	logr       = "github.com/go-logr/logr"
	otlpProto  = "go.opentelemetry.io/proto/otlp"
	protobuf   = "google.golang.org/protobuf"
)

// row lists the imports that a package may have beyond the standard library: our own packages by directory, libraries by
// path, which covers the packages below it.
type row struct {
	imports []string
	tests   []string // further imports of its tests
	why     string
}

// arrows is the whole import graph. Every package has a row.
var arrows = map[string]row{
	"netpoll": {
		imports: []string{"internal/alarm", gnet, unix},
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
		imports: []string{"netpoll", "protocol", "server/admit", "server/auth", "server/cluster", "server/directory", "server/ends", "server/fanout", "server/heavy", "server/history", "server/host", "server/presence", "server/reason", "server/stats", "server/storm", "server/topics", "server/trace", "server/view", uuid},
		tests:   []string{"internal/serial", "netpoll/netpolltest", "server/cluster/clustertest", unix},
		why:     "connections, users and delivery; the only package that knows sockets, frames and claims alike",
	},
	"server/storm": {
		imports: []string{"server/reason"},
		why:     "whether a node is in a storm, from samples of its counters; it knows no clock",
	},
	"server/trace": {
		imports: []string{uuid},
		why:     "what is traced of admissions and of administrators' calls; it knows no tracing system",
	},
	"server/trace/otlp": {
		imports: []string{"server/trace", otel, logr, uuid},
		tests:   []string{"internal/tracetest"},
		why:     "spans, and their way to a collector: the only package that knows OpenTelemetry",
	},
	"internal/tracetest": {
		imports: []string{otlpProto, protobuf},
		why:     "a collector of traces for tests; no program imports it, and it knows nothing of the exporter",
	},
	"server/view": {
		imports: []string{"server/host", "server/reason", "server/stats", "server/storm"},
		why:     "what administrators see of a node, from readings of its counters; it knows neither the server nor HTTP",
	},
	"server/host": {
		imports: []string{unix},
		why:     "how near a node is to the limits of its host: it reads files of the kernel, asks it for listening sockets, and knows nothing of the server",
	},
	"server/ends": {
		imports: []string{"netpoll", "server/admit", "server/reason", uuid},
		why:     "how connections ended; it knows neither sessions nor sockets",
	},
	"server/fanout": {
		imports: []string{uuid},
		why:     "what the connections of one reactor are owed; it knows neither sessions nor sockets",
	},
	"server/heavy": {
		why: "the heaviest connections of one reactor; it knows neither sessions nor sockets, and no clock",
	},
	"server/topics": {
		imports: []string{"server/history", "server/ordered", "server/presence"},
		tests:   []string{"internal/serial", "netpoll", "protocol", uuid},
		why:     "the topics of a node, their subscribers, messages and presence; it knows neither sessions nor sockets",
	},
	"server/history": {
		imports: []string{uuid},
		why:     "the numbers and the last messages of channels; it knows neither users nor connections",
	},
	"server/ordered": {
		why: "values in the order of their keys, and pages of them; it knows nothing of the server",
	},
	"server/presence": {
		imports: []string{"netpoll", "protocol", "server/history", "server/ordered", uuid},
		tests:   []string{"internal/serial", unix},
		why:     "which users are online; it knows connections by their handles, and sends through a function it is given",
	},
	"server/admit": {
		imports: []string{idna},
		why:     "which connections and messages a node takes: limits, rates and origins",
	},
	"server/reason": {
		imports: []string{"protocol"},
		why:     "why handshakes are refused and sessions end: a closed list",
	},
	"server/stats": {
		imports: []string{"protocol", "server/reason"},
		why:     "what reactors count, and how it is added up",
	},
	"client": {
		tests: []string{"github.com/coder/websocket"},
		why:   "a client for programs: the standard library and frames of its own, because it would share the faults of the server's",
	},
	"server/sim": {
		tests: []string{"netpoll", "netpoll/netpolltest", "server", "server/auth", "server/cluster", "server/cluster/clustertest", "server/directory", "server/heavy", uuid},
		why:   "whole nodes in a simulated world, seen from outside; it frames its own bytes",
	},
	"server/auth": {
		imports: []string{jwt, uuid},
		why:     "tokens: the only server package that knows jwt",
	},
	"server/cluster": {
		imports: []string{uuid},
		why:     "how a node takes part in a cluster, as values and interfaces",
	},
	"server/cluster/clustertest": {
		imports: []string{"server/cluster", uuid},
		why:     "a bus in memory for tests, which decide the order of all that happens; no program imports it",
	},
	"server/cluster/redis": {
		imports: []string{"internal/alarm", "server/cluster", compress, rueidis, uuid},
		tests:   []string{"internal/redistest", "internal/serial"},
		why:     "nodes connected through Redis: the only package that knows rueidis",
	},
	"server/directory": {
		imports: []string{uuid},
		why:     "users and revocations, as values and interfaces",
	},
	"server/auth/jwks": {
		imports: []string{"server/auth", jose},
		why:     "keys from a URL; apart from auth, because the clients import auth and need neither its network nor its goroutine",
	},
	"server/directory/cache": {
		imports: []string{"server/directory", uuid},
		tests:   []string{"netpoll/netpolltest"}, // for its clock
		why:     "a cache and batches, so that a storm costs a database few queries",
	},
	"server/directory/warden": {
		imports: []string{"server/directory", uuid},
		why:     "acts on changes of connected users; it knows neither the database nor the server",
	},
	"server/directory/postgres": {
		imports: []string{"server/directory", "server/auth", pgx, uuid},
		tests:   []string{"internal/postgrestest", "server/directory/cache", "server/directory/warden"},
		why:     "users and revocations in PostgreSQL: the only package that knows pgx",
	},
	"server/admin": {
		imports: []string{"docs", "server", "server/auth", "server/ends", "server/heavy", "server/trace", "server/view", "web", uuid},
		tests:   []string{"netpoll"},
		why:     "the net/http sidecar over the server's operations, and the pages it serves",
	},
	"server/metrics": {
		imports: []string{"server", "server/cluster", "server/host", "server/reason", "server/stats", "server/storm", "server/view", prometheus},
		tests:   []string{"netpoll", "server/auth", "server/cluster/clustertest", "github.com/prometheus/common", "github.com/prometheus/client_model", "github.com/coder/websocket", uuid},
		why:     "the server's figures for Prometheus: the only package that knows its library",
	},
	"deploy/check": {
		tests: []string{"github.com/prometheus/prometheus", "gopkg.in/yaml.v3", "github.com/grafana/grafana-foundation-sdk/go", "github.com/CycloneDX/cyclonedx-go", jsonschema},
		why:   "the alerts and the dashboard, read by Prometheus's own parser and the types of Grafana's schema, and the bill of materials, with its schema; a separate module, so that ours does not depend on them",
	},
	"deploy/chartcheck": {
		tests: []string{"helm.sh/helm/v3", "k8s.io/api", "sigs.k8s.io/yaml"},
		why:   "the chart, read by Helm's own packages and with Kubernetes's types; a separate module, because they take minutes to compile",
	},
	"deploy/sbom": {
		why: "the bill of materials of a release, from the build information of its programs",
	},
	"web": {
		why: "pages, embedded",
	},
	"docs": {
		imports: []string{yaml},
		why:     "the descriptions of both interfaces, embedded, and a page made of them",
	},
	"internal/doctor": {
		imports: []string{"internal/adminapi", "server/cluster/redis", "server/directory/postgres", "server/host", "server/storm", "github.com/coder/websocket", unix},
		tests:   []string{"internal/postgrestest"},
		why:     "what keeps a host from holding connections: it reads, asks and predicts, and changes nothing",
	},
	"internal/adminapi": {
		why: "calls a running node as an operator's program does: over HTTP, and knowing nothing of the server",
	},
	"internal/top": {
		imports: []string{"internal/adminapi", "server/host", "server/storm", "server/view", tea},
		why:     "shows a running node in a terminal: the only package that knows the library for terminals",
	},
	"cmd/momentum": {
		imports: []string{"internal/adminapi", "internal/commandline", "internal/config", "internal/doctor", "internal/flagvalue", "internal/logging", "internal/top", "netpoll", "server", "server/admin", "server/auth", "server/auth/jwks", "server/cluster", "server/cluster/redis", "server/directory", "server/directory/cache", "server/directory/postgres", "server/directory/warden", "server/host", "server/metrics", "server/storm", "server/trace", "server/trace/otlp", "server/view", kong, netutil, unix, term, uuid},
		tests:   []string{"internal/postgrestest", "internal/redistest", "internal/tracetest"},
		why:     "only a command wires the parts together",
	},
	"bench/echo": {
		imports: []string{"netpoll", "protocol", kong, unix},
		tests:   []string{"netpoll/netpolltest", "github.com/coder/websocket"},
		why:     "the smallest server on our own reactors and frames, for conformance and for comparisons",
	},
	"internal/e2e": {
		tests: []string{"internal/doctor", "internal/postgrestest", "internal/redistest", "internal/tracetest", "server/auth", pgx, unix, "github.com/chromedp/chromedp", "github.com/chromedp/cdproto", "github.com/coder/websocket", "github.com/gorilla/websocket", yaml, jsonschema, openapi3},
		why:   "the programs as users run them; it signs its own tokens",
	},
	"internal/deploytest": {
		tests: []string{yaml, jsonschema},
		why:   "deploy/, checked by a shell, systemd, the kernel and the compose schema",
	},
	"internal/releasetest": {
		why: "releases: built twice, installed and removed by the package managers of Debian and Red Hat",
	},
	"internal/flagvalue": {
		imports: []string{kong},
		why:     "how all programs read the values of flags",
	},
	"internal/config": {
		imports: []string{"internal/commandline", "internal/flagvalue", "netpoll", "server", "server/admin", "server/admit", "server/auth", "server/auth/jwks", "server/cluster/redis", "server/directory/postgres", "server/trace/otlp", kong, yaml},
		why:     "the settings, read and checked; it asks the parts what they take, and no part knows it",
	},
	"internal/logging": {
		imports: []string{tint, term},
		why:     "the log's lines and its bounded queue: the only package that knows tint; no part waits for what it does",
	},
	"internal/alarm": {
		imports: []string{unix},
		why:     "a timer that is precise below a millisecond",
	},
	"internal/postgrestest": {
		imports: []string{pgx, unix},
		why:     "a PostgreSQL server for tests; no program imports it",
	},
	"internal/redistest": {
		imports: []string{unix},
		why:     "Redis servers for tests; no program imports it, and it knows no client library, whose faults it would share",
	},
	"internal/serial": {
		why: "marks tests that the race detector does not see; no program imports it",
	},
	"internal/siege": {
		tests: []string{"bench/jitter", "bench/plot/plottest", "bench/rolling", "client", "internal/redistest", "server/auth", "github.com/coder/websocket"},
		why:   "attacks on a node, the service that other clients get meanwhile, and fleets of our clients; it keeps the record of rolling restarts, and signs its own tokens",
	},
	"internal/output": {
		imports: []string{unix},
		why:     "how our tools write files and standard output, whatever the path leads to",
	},
	"internal/commandline": {
		imports: []string{"internal/flagvalue", kong},
		why:     "what the command lines of our tools have in common",
	},
	"internal/tidy": {
		why: "the rules of the repository, as tests",
	},
}

// clients are the tools for the other end of a connection. They use other libraries than the server, because a fault in
// shared protocol code would not show. They share only the signing of tokens, which has nothing to do with frames.
var clients = []string{"client", "cmd/websocket_client", "cmd/websocket_stress_test", "bench", "examples"}

func TestImportsFollowTheArrows(t *testing.T) { hold(t, followArrows) }

func followArrows(files tree) []string {
	var broken []string
	unknown := map[string]bool{} // reported once for each package
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

// against lists the imports of f that its row does not have.
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

// foreignToClients lists imports of the server's packages and libraries by a tool.
//
// The tests of a tool may run a server, and the rivals are servers in a separate module.
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

// imports maps the imports of f from outside the standard library to their lines. Our own packages are named by their
// directory.
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

// covered reports whether an import is allowed. A package of ours must be listed itself. A library covers the packages below
// it, except a later major version.
func covered(name string, allowed []string) bool {
	return slices.ContainsFunc(allowed, func(a string) bool {
		library := strings.Contains(a, ".")
		return name == a || library && strings.HasPrefix(name, a+"/")
	})
}
