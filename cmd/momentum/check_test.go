package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"net"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"momentum/internal/config"
	"momentum/internal/doctor"
	"momentum/internal/postgrestest"
	"momentum/internal/redistest"
	"momentum/netpoll"
)

// checked runs a check of a configuration and returns its output.
func checked(t *testing.T, c *config.Config) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := (&checkCmd{Settings: config.Settings(*c)}).Run(&out, config.NewSources())
	return out.String(), err
}

// free is a valid configuration with free ports.
func free(t *testing.T) *config.Config {
	c := good(t)
	c.Addr, c.AdminAddr = "127.0.0.1:0", "127.0.0.1:0"
	return c
}

func TestCheckShowsEverySettingAndNoSecret(t *testing.T) {
	c := free(t)
	c.AdminToken = "open sesame"
	out, err := checked(t, c)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out, c.JWTSecret) || strings.Contains(out, c.AdminToken) {
		t.Errorf("a secret is shown:\n%s", out)
	}
	out = regexp.MustCompile("  +").ReplaceAllString(out, "  ") // the width of a column depends on all names
	for _, want := range []string{"JWT_SECRET  (set, 32 bytes)  default\n", "ADMIN_TOKEN  (set, 11 bytes)  default\n", "PORT  8000  default\n", "WS_CONNECTION_TIMEOUT  5m0s  default\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("not shown: %q in\n%s", want, out)
		}
	}
	if got, want := len(c.Rows(config.NewSources())), reflect.TypeFor[config.Config]().NumField(); got != want {
		t.Errorf("%d settings of %d shown", got, want)
	}
}

func TestCheckPrintsErrorsFirst(t *testing.T) {
	secret := strings.Repeat("s", 32)
	wrong := []string{"check", "--port=-1", "--rate-limit=-1", "--connection-timeout=10"}
	for _, tt := range []struct {
		name   string
		args   []string
		code   int
		begins string
		has    []string
		not    []string
	}{
		{"errors, then warnings, then the verdict, then the settings", wrong, exitSettings, "error: PORT (--port) is -1",
			[]string{"\nerror: WS_RATE_LIMIT_PER_SECOND", "\nwarning: WS_CONNECTION_TIMEOUT", "\nthe configuration is wrong: the server would not start\n\nMOMENTUM_CONFIG "}, nil},
		{"quiet", append(wrong, "--quiet"), exitSettings, "error: PORT (--port) is -1", []string{"error: WS_RATE", "warning: WS_CONNECTION"}, []string{"the configuration", "MOMENTUM_CONFIG"}},
		{"good", []string{"check"}, 0, "the configuration is good\nroom for ", []string{"the limit that comes first: ", "\n\nMOMENTUM_CONFIG "}, []string{"error:", "warning:"}},
		{"good and quiet", []string{"check", "--quiet"}, 0, "", nil, []string{"\n"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, stderr, code := said(t, map[string]string{"JWT_SECRET": secret, "ADMIN_ADDR": "127.0.0.1:0"}, append(tt.args, "--addr=")...)
			if strings.HasPrefix(tt.name, "good") {
				out, stderr, code = said(t, map[string]string{"JWT_SECRET": secret, "ADMIN_ADDR": "127.0.0.1:0"}, append(tt.args, "--addr=127.0.0.1:0")...)
			}
			if code != tt.code || stderr != "" || !strings.HasPrefix(out, tt.begins) {
				t.Errorf("exit code %d, %s\n%s", code, stderr, out)
			}
			at := 0
			for _, want := range tt.has {
				next := strings.Index(out[at:], want)
				if next < 0 {
					t.Fatalf("%q is not there, or not in this order:\n%s", want, out)
				}
				at += next
			}
			for _, not := range tt.not {
				if strings.Contains(out, not) {
					t.Errorf("%q is there:\n%s", not, out)
				}
			}
		})
	}
}

func TestCheckConnectsToRedis(t *testing.T) {
	s := redistest.Start(t, "maxmemory-policy allkeys-lfu", "user few on >secret ~mo:* &mo:* +@all -spublish -incrby")
	for _, tt := range []struct {
		url  string
		code int
		says string
	}{
		{s.URL(), 0, "warning: REDIS_URL (--redis-url): maxmemory-policy allkeys-lfu can drop the numbers of channels"},
		{s.UserURL("few", "secret"), exitFailed, "the user lacks rights: ACL SETUSER … +incrby +spublish"},
		{s.UserURL("few", "wrong"), exitFailed, "error: REDIS_URL (--redis-url): " + s.Addr() + ": WRONGPASS"},
		{"redis://127.0.0.1:1", exitFailed, "connection refused"},
		{"http://127.0.0.1:1", exitSettings, "must begin with redis://"},
	} {
		c := free(t)
		c.RedisURL = tt.url
		out, err := checked(t, c)
		if exitCode(err) != tt.code || !strings.Contains(out, tt.says) || strings.Contains(out, "secret@") || strings.Contains(out, "wrong@") {
			t.Errorf("%s: exit code %d\n%s", tt.url, exitCode(err), out)
		}
	}
}

func TestCheckSpeaksJSON(t *testing.T) {
	for _, tt := range []struct {
		port string
		code int
	}{{"0", 0}, {"-1", exitSettings}} {
		out, _, code := said(t, map[string]string{"JWT_SECRET": strings.Repeat("s", 32), "ADMIN_ADDR": "127.0.0.1:0", "WS_MAX_CONNECTIONS": "7"}, "check", "--json", "--port="+tt.port)
		var got report
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatalf("%v in %s", err, out)
		}
		wrong := tt.code != 0
		if code != tt.code || got.ExitCode != code || got.Good == wrong || (len(got.Errors) == 1) != wrong || got.Warnings == nil || len(got.Settings) == 0 {
			t.Errorf("exit code %d: %+v", code, got)
		}
		if !wrong && (len(got.Limits) < 3 || got.Limits[0] != doctor.Limit{Name: "setting", What: "WS_MAX_CONNECTIONS (--max-connections)", Connections: 7, Advice: "raise it"}) {
			t.Errorf("%+v", got.Limits)
		}
	}
}

// taken returns an address that another program listens on.
func taken(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

// fault prevents a start.
type fault struct {
	env  map[string]string
	args []string
	code int
	want string // the first error has it
}

func TestCheckAndServeReportTheSameErrors(t *testing.T) {
	busy := taken(t)
	vacant, err := netpoll.FreeAddr("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := vacant[strings.LastIndex(vacant, ":"):]
	compareErrors(t, map[string]fault{
		"a wrong setting":         {nil, []string{"--rate-limit=-1"}, exitSettings, "WS_RATE_LIMIT_PER_SECOND (--rate-limit) is -1"},
		"a name of nobody":        {nil, []string{"--addr=nowhere.invalid:8000"}, exitFailed, "--addr: the name nowhere.invalid cannot be resolved ("},
		"a host of nobody":        {nil, []string{"--addr=", "--host=nowhere.invalid"}, exitFailed, "HOST and PORT (--host, --port): the name nowhere.invalid cannot be resolved ("},
		"an admin name of nobody": {nil, []string{"--admin-addr=nowhere.invalid:1", "--admin-token=t"}, exitFailed, "ADMIN_ADDR (--admin-addr): the name nowhere.invalid cannot be resolved"},
		"an address of another":   {nil, []string{"--addr=192.0.2.1:8000"}, exitFailed, "--addr: this host has no address 192.0.2.1"},
		"an admin address of one": {nil, []string{"--admin-addr=192.0.2.1:1", "--admin-token=t"}, exitFailed, "this host has no address 192.0.2.1"},
		"a port in use":           {nil, []string{"--addr=" + busy}, exitFailed, "--addr: " + busy + " is in use"},
		"an admin port in use":    {nil, []string{"--admin-addr=" + busy}, exitFailed, "ADMIN_ADDR (--admin-addr): " + busy + " is in use"},
		"one port for both":       {nil, []string{"--addr=0.0.0.0" + port, "--admin-addr=127.0.0.1" + port}, exitFailed, "is in use"},
		"a database that is away": {map[string]string{"DATABASE_URL": "postgresql://u:s3cr3t@127.0.0.1:1/d"}, nil, exitFailed, "the database cannot be reached: nothing listens on 127.0.0.1:1"},
		"an issuer that is away":  {map[string]string{"JWKS_URL": "http://127.0.0.1:1/", "JWT_SECRET": ""}, nil, exitFailed, "JWKS_URL (--jwks-url)"},
	})
}

func TestCheckAndServeReportTheSameErrorsOfADatabase(t *testing.T) {
	url, laid := postgrestest.Database(t), postgrestest.Database(t)
	if code, _, stderr := command(t, laid, "migrate"); code != 0 {
		t.Fatal(stderr)
	}
	compareErrors(t, map[string]fault{
		"a wrong password":         {map[string]string{"DATABASE_URL": strings.Replace(laid, "not-so", "wr0ng", 1)}, nil, exitFailed, "it refuses the password"},
		"no tables":                {map[string]string{"DATABASE_URL": url}, nil, exitFailed, "the database lacks 0001_users, 0002_revocations, 0003_revocations_hold: run momentum migrate"},
		"a query that cannot work": {map[string]string{"DATABASE_URL": laid, "USERS_QUERY": "SELECT 1"}, nil, exitSettings, "USERS_QUERY (--users-query)"},
	})
}

// compareErrors compares the exit code and the first error of check with those of serve.
func compareErrors(t *testing.T, faults map[string]fault) {
	t.Helper()
	for name, tt := range faults {
		t.Run(name, func(t *testing.T) {
			env := map[string]string{"JWT_SECRET": strings.Repeat("s", 32), "ADMIN_ADDR": "127.0.0.1:0", "LOG_LEVEL": "error"}
			maps.Copy(env, tt.env)
			args := append([]string{"--addr=127.0.0.1:0"}, tt.args...)
			out, stderr, code := said(t, env, append([]string{"check"}, args...)...)
			if code != tt.code || !strings.HasPrefix(out, "error: ") || !strings.Contains(out, tt.want) {
				t.Errorf("check ends with %d, want %d: %s\n%s", code, tt.code, stderr, out)
			}
			_, stderr, code = said(t, env, append([]string{"serve"}, args...)...)
			if code != tt.code || !strings.HasPrefix(stderr, "momentum: ") || !strings.Contains(stderr, tt.want) {
				t.Errorf("serve ends with %d, want %d: %s", code, tt.code, stderr)
			}
			if strings.Contains(out+stderr, "s3cr3t") || strings.Contains(out+stderr, "wr0ng") {
				t.Errorf("the password is shown: %s%s", out, stderr)
			}
		})
	}
}
