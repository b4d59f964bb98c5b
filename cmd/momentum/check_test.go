package main

import (
	"bytes"
	"net"
	"reflect"
	"runtime/debug"
	"strings"
	"testing"

	"momentum/internal/config"
)

func checked(t *testing.T, c *config.Config) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := (&checkCmd{Settings: config.Settings(*c)}).Run(&out, config.NewSources())
	return out.String(), err
}

func TestCheckShowsEverySettingAndNoSecret(t *testing.T) {
	c := good(t)
	c.AdminToken = "open sesame"
	out, err := checked(t, c)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out, c.JWTSecret) || strings.Contains(out, c.AdminToken) {
		t.Errorf("a secret is shown:\n%s", out)
	}
	for _, want := range []string{"JWT_SECRET                   (set, 32 bytes)  default\n", "ADMIN_TOKEN                  (set, 11 bytes)  default\n", "PORT                         8000             default\n", "WS_CONNECTION_TIMEOUT        5m0s             default\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("not shown: %q in\n%s", want, out)
		}
	}
	if got, want := len(c.Rows(config.NewSources())), reflect.TypeFor[config.Config]().NumField(); got != want {
		t.Errorf("%d settings of %d shown", got, want)
	}
}

func TestCheckWarnsOfPortsInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for name, use := range map[string]func(*config.Config, string){
		"WebSocket": func(c *config.Config, addr string) { c.Addr = addr },
		"admin":     func(c *config.Config, addr string) { c.AdminAddr = addr },
	} {
		c := good(t)
		c.Addr, c.AdminAddr = "127.0.0.1:0", "127.0.0.1:0"
		use(c, taken.Addr().String())
		out, err := checked(t, c)
		if err != nil {
			t.Errorf("%s: a port in use failed the check: %v", name, err)
		}
		if strings.Count(out, "warning:") != 1 || !strings.Contains(out, taken.Addr().String()+":") {
			t.Errorf("%s: not one warning that names the address:\n%s", name, out)
		}
	}
}

func TestCheckWarnsOfTooFewDescriptors(t *testing.T) {
	c := good(t)
	c.Addr, c.AdminAddr, c.MaxConnections = "127.0.0.1:0", "127.0.0.1:0", config.HighestConnections
	limit, err := raiseDescriptorLimit()
	if err != nil {
		t.Fatal(err)
	}
	if limit > config.HighestConnections {
		t.Skip("this host allows more descriptors than any setting asks for")
	}
	out, err := checked(t, c)
	if err != nil || !strings.Contains(out, "warning: the descriptor limit of") || !strings.Contains(out, "ulimit -n") {
		t.Errorf("error %v in\n%s", err, out)
	}
}

func TestVersionNamesWhatWasRecorded(t *testing.T) {
	built := func(version string, settings ...debug.BuildSetting) *debug.BuildInfo {
		return &debug.BuildInfo{GoVersion: "go1.26", Main: debug.Module{Version: version}, Settings: settings}
	}
	commit := debug.BuildSetting{Key: "vcs.revision", Value: "abc123"}
	for _, tt := range []struct {
		name string
		info *debug.BuildInfo
		want string
	}{
		{"a release", built("v1.2.3", commit), "v1.2.3, commit abc123, go1.26"},
		{"an edited checkout", built("(devel)", commit, debug.BuildSetting{Key: "vcs.modified", Value: "true"}), "(devel), commit abc123 with local changes, go1.26"},
		{"a build without a repository", built(""), "(devel), commit not recorded, go1.26"},
		{"no information", nil, "(built without build information) go1."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := describe(tt.info); !strings.HasPrefix(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
