package check

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
	"gopkg.in/yaml.v3"
)

// served maps each metric that docs/METRICS.md lists to its type and labels. A test of server/metrics compares that page
// with the metrics of a node.
func served(t *testing.T) map[string]metric {
	t.Helper()
	text, err := os.ReadFile("../../docs/METRICS.md")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]metric{"up": {kind: "gauge"}} // Prometheus's own
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (\\w+) \\| ([^|]*) \\|").FindAllStringSubmatch(string(text), -1) {
		all[row[1]] = metric{row[2], strings.FieldsFunc(row[3], func(r rune) bool { return strings.ContainsRune("`, ", r) })}
	}
	if len(all) < 30 {
		t.Fatalf("docs/METRICS.md lists %d metrics: its table has another form", len(all))
	}
	return all
}

type metric struct {
	kind   string
	labels []string
}

// find returns the metric of a series, and its labels with those that Prometheus adds.
func find(all map[string]metric, series string) (labels []string, found bool) {
	labels = []string{"job", "instance"}
	if m, ok := all[series]; ok {
		if m.kind == "summary" {
			labels = append(labels, "quantile")
		}
		return append(labels, m.labels...), m.kind != "histogram"
	}
	for _, suffix := range []string{"_bucket", "_sum", "_count"} {
		name, cut := strings.CutSuffix(series, suffix)
		m, ok := all[name]
		if cut && ok && (m.kind == "histogram" || m.kind == "summary" && suffix != "_bucket") {
			if suffix == "_bucket" {
				labels = append(labels, "le")
			}
			return append(labels, m.labels...), true
		}
	}
	return nil, false
}

// checkExpression parses an expression and checks every series and label in it.
func checkExpression(t *testing.T, where, expr string) {
	t.Helper()
	tree, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	if err != nil {
		t.Errorf("%s: %v", where, err)
		return
	}
	all := served(t)
	var known []string // labels of the series in the expression
	parser.Inspect(tree, func(node parser.Node, _ []parser.Node) error {
		s, ok := node.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		labels, found := find(all, s.Name)
		if !found {
			t.Errorf("%s: no node serves %s", where, s.Name)
		}
		known = append(known, labels...)
		for _, m := range s.LabelMatchers {
			if m.Name != "__name__" && !slices.Contains(labels, m.Name) {
				t.Errorf("%s: %s has no label %s", where, s.Name, m.Name)
			}
		}
		return nil
	})
	parser.Inspect(tree, func(node parser.Node, _ []parser.Node) error {
		if a, ok := node.(*parser.AggregateExpr); ok {
			for _, label := range a.Grouping {
				if !slices.Contains(known, label) {
					t.Errorf("%s: nothing in it has a label %s", where, label)
				}
			}
		}
		return nil
	})
}

func TestAlerts(t *testing.T) {
	text, err := os.ReadFile("../prometheus/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Name  string
			Rules []struct {
				Alert, Expr, For    string
				Labels, Annotations map[string]string
			}
		}
	}
	decoder := yaml.NewDecoder(strings.NewReader(string(text)))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			if r.Alert == "" || seen[r.Alert] || r.For == "" || r.Labels["severity"] == "" || r.Annotations["summary"] == "" || r.Annotations["reason"] == "" {
				t.Errorf("%q lacks a name of its own, for, a severity, a summary or a reason", r.Alert)
			}
			seen[r.Alert] = true
			checkExpression(t, r.Alert, r.Expr)
		}
	}
	if len(seen) == 0 {
		t.Error("there are no alerts")
	}
}

// TestPromtoolAgrees has Prometheus's own tool, if it is installed, also check the templates of the annotations.
func TestPromtoolAgrees(t *testing.T) {
	tool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("no promtool here (Debian: prometheus); TestAlerts has read the expressions")
	}
	if said, err := exec.Command(tool, "check", "rules", "../prometheus/alerts.yml").CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, said)
	}
}

// grafana replaces Grafana's variables in an expression.
var grafana = strings.NewReplacer("$__rate_interval", "1m", "$job", "momentum", "$instance", ".*")

func TestDashboard(t *testing.T) {
	text, err := os.ReadFile("../grafana/momentum.json")
	if err != nil {
		t.Fatal(err)
	}
	type query struct{ Expr string }
	var board struct {
		Annotations struct{ List []query }
		Panels      []struct {
			ID      int
			Title   string
			Type    string
			Targets []query
		}
	}
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	ids, asked := map[int]bool{}, 0
	for _, p := range board.Panels {
		if ids[p.ID] || p.Title == "" || p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("panel %d, %q, has another's number, no title or shows nothing", p.ID, p.Title)
		}
		ids[p.ID] = true
		for _, q := range p.Targets {
			checkExpression(t, p.Title, grafana.Replace(q.Expr))
			asked++
		}
	}
	for _, q := range board.Annotations.List {
		checkExpression(t, "an annotation", grafana.Replace(q.Expr))
	}
	if asked < 20 {
		t.Errorf("the dashboard asks for %d things: it was read wrongly", asked)
	}
}

// unshown are metrics that say nothing about the health of a node.
var unshown = []string{"momentum_http_handed_over_total", "momentum_http_probes_total", "momentum_http_inquiries_total", "momentum_http_preflights_total"}

// TestEveryOwnMetricIsShown finds metrics that neither an alert nor the dashboard uses.
func TestEveryOwnMetricIsShown(t *testing.T) {
	var text []byte
	for _, name := range []string{"../prometheus/alerts.yml", "../grafana/momentum.json"} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, b...)
	}
	for name := range served(t) {
		if strings.HasPrefix(name, "momentum_") && !strings.Contains(string(text), name) && !slices.Contains(unshown, name) {
			t.Errorf("neither an alert nor the dashboard uses %s", name)
		}
	}
}

func TestPlantedFaultsAreFound(t *testing.T) {
	all := served(t)
	for series, want := range map[string]bool{
		"momentum_connections": true, "momentum_connection": false, "momentum_handshake_seconds": false,
		"momentum_handshake_seconds_bucket": true, "momentum_connections_bucket": false, "go_gc_duration_seconds_sum": true,
	} {
		if _, found := find(all, series); found != want {
			t.Errorf("%s is found: %v, want %v", series, found, want)
		}
	}
	if labels, _ := find(all, "momentum_closes_total"); !slices.Contains(labels, "code") || slices.Contains(labels, "le") {
		t.Errorf("momentum_closes_total has %v", labels)
	}
}
