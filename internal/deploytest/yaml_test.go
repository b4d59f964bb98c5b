package deploytest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

// document reads a YAML file into values of the types that JSON has.
func document(t *testing.T, file string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(top, file))
	must(t, err)
	var read map[string]any
	must(t, yaml.Unmarshal(text, &read))
	return read
}

// TestComposeFile validates deploy/compose.yaml against the Compose Specification, and checks that all it refers to exists.
func TestComposeFile(t *testing.T) {
	compose := document(t, "deploy/compose.yaml")
	if err := composeSchema(t).Validate(compose); err != nil {
		t.Errorf("%v", err)
	}
	services := compose["services"].(map[string]any)
	for name, it := range services {
		service := it.(map[string]any)
		for other := range mapping(service["depends_on"]) {
			if services[other] == nil {
				t.Errorf("%s depends on %s, which does not exist", name, other)
			}
		}
		for _, kind := range []string{"secrets", "networks"} {
			declared := mapping(compose[kind])
			for _, used := range list(service[kind]) {
				if _, ok := declared[fmt.Sprint(used)]; !ok {
					t.Errorf("%s uses %s of %s, which are not declared", name, used, kind)
				}
			}
		}
		for _, volume := range list(service["volumes"]) {
			source, _, _ := strings.Cut(fmt.Sprint(volume), ":")
			if !strings.HasPrefix(source, ".") || strings.HasPrefix(source, "./secrets/") {
				continue
			}
			if _, err := os.Stat(filepath.Join(top, "deploy", source)); err != nil {
				t.Errorf("%s mounts %s: %v", name, source, err)
			}
		}
	}
	for _, name := range []string{"momentum", "momentum2"} {
		server := mapping(services[name])
		for variable := range mapping(server["environment"]) {
			known(t, variable)
		}
		for _, secret := range list(server["secrets"]) {
			if mapping(server["environment"])[strings.ToUpper(fmt.Sprint(secret))+"_FILE"] != "/run/secrets/"+fmt.Sprint(secret) {
				t.Errorf("no setting of %s names the file of the secret %s", name, secret)
			}
		}
	}
}

// TestComposeNodesAreOneCluster checks that the two nodes differ in nothing but their names and ports, that these are the ports which
// nginx and HAProxy know, and that both have Redis.
func TestComposeNodesAreOneCluster(t *testing.T) {
	services := mapping(document(t, "deploy/compose.yaml")["services"])
	first, second := mapping(mapping(services["momentum"])["environment"]), mapping(mapping(services["momentum2"])["environment"])
	for variable, value := range second {
		switch variable {
		case "NODE_NAME", "PORT", "ADMIN_ADDR":
			if first[variable] == value {
				t.Errorf("both nodes have %s=%v", variable, value)
			}
		default:
			if first[variable] != value {
				t.Errorf("%s is %v at one node and %v at the other", variable, first[variable], value)
			}
		}
	}
	if second["REDIS_URL_FILE"] == nil || services["redis"] == nil {
		t.Error("the nodes have no Redis")
	}
	for _, file := range []string{"nginx/momentum.conf", "haproxy/haproxy.cfg"} {
		text, err := os.ReadFile(filepath.Join(top, "deploy", file))
		must(t, err)
		for _, address := range []string{"127.0.0.1:8000", fmt.Sprint("127.0.0.1:", second["PORT"])} {
			if !strings.Contains(string(text), "server "+address) && !strings.Contains(string(text), " "+address+" ") {
				t.Errorf("%s does not know the node at %s", file, address)
			}
		}
		if _, port, _ := strings.Cut(fmt.Sprint(second["ADMIN_ADDR"]), ":"); !strings.Contains(string(text), port) {
			t.Errorf("%s does not know the admin port %s", file, port)
		}
	}
}

// known checks that a variable is in the table of docs/SETTINGS.md.
func known(t *testing.T, variable string) {
	t.Helper()
	page, err := os.ReadFile(top + "/docs/SETTINGS.md")
	must(t, err)
	if !regexp.MustCompile("(?m)^\\| [^|]*`" + regexp.QuoteMeta(variable) + "`[^|]* \\|").Match(page) {
		t.Errorf("the server has no setting %s", variable)
	}
}

func mapping(value any) map[string]any {
	m, _ := value.(map[string]any)
	return m
}

func list(value any) []any {
	l, _ := value.([]any)
	return l
}

func composeSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("testdata/compose-spec.json")
	must(t, err)
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	must(t, err)
	compiler := jsonschema.NewCompiler()
	must(t, compiler.AddResource("compose-spec.json", parsed))
	schema, err := compiler.Compile("compose-spec.json")
	must(t, err)
	return schema
}

// TestComposeSchemaBites checks that the schema refuses an unknown key.
func TestComposeSchemaBites(t *testing.T) {
	broken := map[string]any{"services": map[string]any{"momentum": map[string]any{"image": "momentum", "ulimit": 3}}}
	if composeSchema(t).Validate(broken) == nil {
		t.Error("a misspelt key passes")
	}
}

// TestWorkflow checks that the forge runs all stages of "make test", "make test-release", the small version of "make million", and govulncheck,
// with bounded jobs and pinned versions.
func TestWorkflow(t *testing.T) {
	workflow := document(t, ".github/workflows/ci.yml")
	var runs []string
	for name, it := range mapping(workflow["jobs"]) {
		job := mapping(it)
		if job["timeout-minutes"] == nil {
			t.Errorf("the job %s has no time limit", name)
		}
		stages := list(mapping(mapping(job["strategy"])["matrix"])["stage"])
		for _, step := range list(job["steps"]) {
			uses, _ := mapping(step)["uses"].(string)
			if uses != "" && !regexp.MustCompile(`@(v[0-9]+\.[0-9]+\.[0-9]+|[0-9a-f]{40})$`).MatchString(uses) {
				t.Errorf("%s is not pinned to a version", uses)
			}
			run, _ := mapping(step)["run"].(string)
			runs = append(runs, run)
			for _, stage := range stages {
				runs = append(runs, strings.ReplaceAll(run, "${{ matrix.stage }}", stage.(string)))
			}
		}
	}
	ran := strings.Fields(strings.Join(runs, " "))
	if slices.Contains(ran, "check") {
		ran = append(ran, stagesIn(t, `check: ([a-z -]+)`)...)
	}
	for _, stage := range append(stagesOfTest(t), stageOfReleases) {
		if !slices.Contains(ran, stage) {
			t.Errorf("no job makes %s", stage)
		}
	}
	if !regexp.MustCompile(`govulncheck@v[0-9]+\.[0-9]+\.[0-9]+ \./\.\.\.`).MatchString(strings.Join(runs, "\n")) {
		t.Error("no job runs a pinned govulncheck on all packages")
	}
	if !strings.Contains(strings.Join(runs, "\n"), "million CONNECTIONS=20000") {
		t.Error("no job makes the small version of a million")
	}
	if permissions := mapping(workflow["permissions"]); len(permissions) != 1 || permissions["contents"] != "read" {
		t.Errorf("the workflow may %v", permissions)
	}
}

// stageOfReleases is the Makefile's target with the tests that compile for minutes.
const stageOfReleases = "test-release"

// TestMakeTestLeavesReleasesToTheForge checks that "make test" stays as short as it is.
func TestMakeTestLeavesReleasesToTheForge(t *testing.T) {
	if slices.Contains(stagesOfTest(t), stageOfReleases) {
		t.Errorf("make test runs %s, which takes minutes: only the forge has to", stageOfReleases)
	}
}

// stagesOfTest are the stages of the Makefile's target test.
func stagesOfTest(t *testing.T) (stages []string) {
	t.Helper()
	for _, line := range []string{`test: ([a-z -]+)`, `MEANWHILE = .*--no-print-directory ([a-z -]+)`, `OTHERS    = .*--no-print-directory ([a-z -]+)`} {
		stages = append(stages, stagesIn(t, line)...)
	}
	return stages
}

// stagesIn returns the stages of a line of the Makefile.
func stagesIn(t *testing.T, line string) []string {
	t.Helper()
	makefile, err := os.ReadFile(top + "/Makefile")
	must(t, err)
	found := regexp.MustCompile(`(?m)^` + line).FindSubmatch(makefile)
	if found == nil {
		t.Fatalf("the Makefile has no line %s", line)
	}
	return strings.Fields(string(found[1]))
}
