package config

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"momentum/internal/flagvalue"
)

// alone clears every variable the server reads or warns of and then sets those of env, so that a test does not
// depend on where it runs.
func alone(t *testing.T, env map[string]string) {
	t.Helper()
	for _, tag := range settingTags() {
		if name := tag.Get("env"); name != "" {
			t.Setenv(name, "")
			t.Setenv(name+fileSuffix, "")
		}
	}
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if slices.ContainsFunc(ownPrefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
			t.Setenv(name, "")
		}
	}
	for name, value := range env {
		t.Setenv(name, value)
	}
}

// parse returns the configuration that serve would get.
func parse(t *testing.T, env map[string]string, args ...string) (*Config, error) {
	t.Helper()
	c, _, err := parseFrom(t, env, args...)
	return c, err
}

// parseFrom also returns the sources of the settings.
func parseFrom(t *testing.T, env map[string]string, args ...string) (*Config, *Sources, error) {
	t.Helper()
	alone(t, env)
	var into struct {
		Serve struct {
			Settings Settings `embed:""`
		} `cmd:"" default:"withargs"`
	}
	var out bytes.Buffer
	s := NewSources()
	parser, err := flagvalue.New(&into, append(s.ParserOptions(), kong.Writers(&out, &out), kong.Exit(func(int) { t.Error("parsing ended the process") }))...)
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(append([]string{"serve"}, args...))
	return (*Config)(&into.Serve.Settings), s, err
}

func TestFlagBeatsVariableBeatsDefault(t *testing.T) {
	for _, tt := range []struct {
		name string
		env  string
		args []string
		want int
	}{
		{"nothing set: the default", "", nil, 8000},
		{"the variable beats the default", "9000", nil, 9000},
		{"the flag beats the variable", "9000", []string{"--port=9001"}, 9001},
		{"the flag alone", "", []string{"--port", "9001"}, 9001},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := parse(t, map[string]string{"PORT": tt.env}, tt.args...)
			if err != nil || c.Port != tt.want {
				t.Errorf("port %d, error %v; want %d", c.Port, err, tt.want)
			}
		})
	}
}

func TestVariableSetToNothingCountsAsNotSet(t *testing.T) {
	c, err := parse(t, map[string]string{"PORT": "", "DATABASE_URL": "", "WS_CONNECTION_TIMEOUT": ""}, "--dev")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(); err != nil || c.ConnectionTimeout != 300*time.Second {
		t.Errorf("timeout %v, error %v; want the default and no error", c.ConnectionTimeout, err)
	}
}

func TestAddrOverridesHostAndPort(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{nil, "127.0.0.1:8000"},
		{[]string{"--host=::1", "--port=1"}, "[::1]:1"},
		{[]string{"--host=::1", "--port=1", "--addr=0.0.0.0:9"}, "0.0.0.0:9"},
	} {
		c, err := parse(t, nil, tt.args...)
		if err != nil || c.Listen() != tt.want {
			t.Errorf("%v: listens on %q, error %v; want %q", tt.args, c.Listen(), err, tt.want)
		}
	}
}

func TestNumbersAreDecimalWhereverTheyAreWritten(t *testing.T) {
	for _, tt := range []struct {
		name string
		env  map[string]string
		args []string
	}{
		{"a flag", nil, []string{"--port=0100", "--max-connections", "010", "--drain-timeout=010"}},
		{"variables", map[string]string{"PORT": "0100", "WS_MAX_CONNECTIONS": "010", "DRAIN_TIMEOUT": "010"}, nil},
		{"the file", nil, []string{"--config=" + write(t, "port: 0100\nmax-connections: 010\ndrain-timeout: 010\n")}},
	} {
		c, err := parse(t, tt.env, tt.args...)
		if err != nil || c.Port != 100 || c.MaxConnections != 10 || c.DrainTimeout != 10*time.Second {
			t.Errorf("%s: port %d, %d connections, %v; %v", tt.name, c.Port, c.MaxConnections, c.DrainTimeout, err)
		}
	}
	_, err := parse(t, nil, "--config="+write(t, "port: 0x10\nmax-connections: 0o17\nreactors: 1_0\n"))
	wantWords(t, err, ":1: port is \"0x10\"", ":2: max-connections is \"0o17\"", ":3: reactors is \"1_0\"", "a whole number")
}

func TestUnreadableValuesAreNamed(t *testing.T) {
	for _, tt := range []struct {
		name string
		env  map[string]string
		args []string
		want []string
	}{
		{"a misspelt flag", nil, []string{"--prot=1"}, []string{"--prot", "did you mean", "--port"}},
		{"a word for a number", map[string]string{"PORT": "http"}, nil, []string{"--port", "PORT", "http"}},
		{"a word for a time", map[string]string{"DRAIN_TIMEOUT": "soon"}, nil, []string{"--drain-timeout", "DRAIN_TIMEOUT", "soon", "1m30s"}},
		{"a word for yes or no", map[string]string{"WS_COMPRESSION": "maybe"}, nil, []string{"WS_COMPRESSION (--compression) is \"maybe\": write true or false"}},
		{"several variables", map[string]string{"PORT": "0x10", "REACTORS": "1e3", "DRAIN_TIMEOUT": "1d"}, nil, []string{"PORT (--port) is \"0x10\": write a whole number, such as 100", "REACTORS", "1e3", "DRAIN_TIMEOUT", "1d"}},
		{"no value", nil, []string{"--port"}, []string{"--port: no value follows: write --port=VALUE"}},
		{"no time", nil, []string{"--drain-timeout", "--dev"}, []string{"--drain-timeout: no value follows, but --dev"}},
		{"no text", nil, []string{"--config"}, []string{"--config: no value follows"}},
		{"a hexadecimal number", nil, []string{"--port=0x10"}, []string{"--port: \"0x10\" is not a whole number"}},
		{"a time below zero", nil, []string{"--drain-timeout=-1s"}, []string{"--drain-timeout", "-1s"}},
		{"a number below zero for a time", nil, []string{"--drain-timeout=-1"}, []string{"--drain-timeout", "-1"}},
		{"more seconds than a clock counts", nil, []string{"--drain-timeout=9223372037"}, []string{"--drain-timeout", "9223372037"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parse(t, tt.env, tt.args...)
			wantWords(t, err, tt.want...)
		})
	}
}

func wantWords(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("the message does not say %q:\n%v", word, err)
		}
	}
}
