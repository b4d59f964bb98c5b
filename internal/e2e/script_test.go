package e2e

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"momentum/internal/postgrestest"
	"momentum/server/auth"
)

// scriptIn returns a copy of scripts/test_websocket.sh that uses the programs built for this test.
func scriptIn(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../scripts/test_websocket.sh")
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	script := filepath.Join(root, "scripts", "test_websocket.sh")
	if err := os.Mkdir(filepath.Dir(script), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(script, text, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(bin, filepath.Join(root, "bin")); err != nil {
		t.Fatal(err)
	}
	return script
}

// runScript returns the script's exit code and the names of its checks by result.
func runScript(t *testing.T, env []string, args ...string) (code int, checks map[string][]string, output string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 3*patience)
	defer stop()
	cmd := exec.CommandContext(ctx, scriptIn(t), args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, env...)
	out, err := cmd.CombinedOutput()
	if failed := (*exec.ExitError)(nil); err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	code, output = cmd.ProcessState.ExitCode(), string(out)
	checks = make(map[string][]string)
	for _, line := range regexp.MustCompile(`(?m)^  (ok|FAIL|skip) +(.*)$`).FindAllStringSubmatch(output, -1) {
		checks[line[1]] = append(checks[line[1]], line[2])
	}
	return code, checks, output
}

// TestScriptedCheck runs the whole script against a good server, with flags and with variables.
func TestScriptedCheck(t *testing.T) {
	t.Run("flags, and the performance runs", func(t *testing.T) {
		s := serve(t)
		code, checks, output := runScript(t, nil, "--server-url", "http://"+s.admin, "--ws-url", "ws://"+s.ws+"/ws", "--jwt-secret", testSecret)
		if code != 0 || len(checks["FAIL"]) > 0 || len(checks["ok"])+len(checks["skip"]) != 31 {
			t.Errorf("exit code %d, %d passed, %d skipped:\n%s", code, len(checks["ok"]), len(checks["skip"]), output)
		}
		if !regexp.MustCompile(`(?m)^[0-9]+ passed, 0 failed$`).MatchString(output) {
			t.Errorf("no summary in:\n%s", output)
		}
	})
	t.Run("a server that looks users up, twice", func(t *testing.T) {
		url := postgrestest.Database(t)
		database := []string{"DATABASE_URL=" + url}
		if p := start(t, database, filepath.Join(bin, "momentum"), "migrate"); p.exit() != 0 {
			t.Fatal("momentum migrate failed")
		}
		s := serve(t, database...)
		s.expect("listening for changes of users")
		if _, figures := ask(t, "GET", "http://"+s.admin+"/metrics", ""); !strings.Contains(figures, "\nmomentum_directory_up 1\n") {
			t.Errorf("the directory is not up:\n%s", figures)
		}
		for range 2 {
			code, checks, output := runScript(t, append(database, "JWT_SECRET="+testSecret), "--server-url", "http://"+s.admin, "--ws-url", "ws://"+s.ws+"/ws")
			if code != 0 || len(checks["ok"]) != 28 || len(checks["FAIL"]) > 0 {
				t.Errorf("exit code %d:\n%s", code, output)
			}
			if n := postgrestest.Number(t, url, "SELECT count(*) FROM users WHERE NOT active"); n != 2 {
				t.Errorf("%d of the script's users are inactive afterwards, want 2", n)
			}
		}
	})
	t.Run("variables, an administrator's token, one port for everything", func(t *testing.T) {
		s := serve(t, "ADMIN_TOKEN=open sesame")
		code, checks, output := runScript(t, []string{"SERVER_URL=http://" + s.ws + "/", "WS_URL=ws://" + s.ws + "/ws", "JWT_SECRET=" + testSecret,
			"SKIP_PERFORMANCE=true", "ADMIN_TOKEN=open sesame"})
		if code != 0 || len(checks["ok"]) != 28 || len(checks["FAIL"]) > 0 {
			t.Errorf("exit code %d:\n%s", code, output)
		}
	})
}

// TestScriptedCheckThroughNginx runs the script as from another host: with TLS, and with the admin calls below /api.
func TestScriptedCheckThroughNginx(t *testing.T) {
	const adminToken = "open sesame"
	f := behindNginx(t, serve(t, "TRUSTED_PROXIES=127.0.0.1", "ADMIN_TOKEN="+adminToken))
	code, checks, output := runScript(t, []string{"JWT_SECRET=" + testSecret, "ADMIN_TOKEN=" + adminToken, "SSL_CERT_FILE=" + f.folder + "/fullchain.pem"},
		"--server-url", "https://"+f.secure+"/api", "--ws-url=wss://"+f.secure+"/ws")
	if code != 0 || len(checks["ok"]) != 28 || len(checks["FAIL"]) > 0 || !strings.Contains(output, "3 skipped") {
		t.Errorf("exit code %d:\n%s", code, output)
	}
}

// TestScriptedCheckFails runs the script against servers that are broken in one way each. Every check that the fault concerns
// must fail.
func TestScriptedCheckFails(t *testing.T) {
	t.Parallel()
	good, other := serve(t), serve(t, "JWT_SECRET=another secret, with which nobody here signs")
	closed := serve(t, "ADMIN_TOKEN=nobody here knows it")
	open := leaky(t, good)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for _, tt := range []struct {
		name, admin, ws string
		fail            []string
		passed          int
	}{
		{"a server that has stopped", gone.URL, "ws" + strings.TrimPrefix(gone.URL, "http") + "/ws", []string{
			"GET /ws/stats", "a client connects", "another client's text arrives", "POST /ws/broadcast arrives", "no token: 401",
			"an expired token: 401", "a token signed with another secret: 401", "a wrong path: 404"}, 0},
		{"another secret than the server's", "http://" + other.admin, "ws://" + other.ws + "/ws", []string{
			"a client connects", "another client's text arrives", "POST /ws/broadcast arrives", "an expired token: 401",
			"the same, not expired, connects"}, 12},
		{"a server that lets everybody in", "http://" + good.admin, "ws" + strings.TrimPrefix(open, "http") + "/ws", []string{
			"no token: 401", "a malformed token: 401", "an expired token: 401", "a token signed with another secret: 401",
			"a token with no signature: 401", "a refused client is told why"}, 20},
		{"an administration that is not open to us", "http://" + closed.admin, "ws://" + closed.ws + "/ws", []string{
			"GET /ws/stats", "GET /ws/online", "GET /ws/online lists the client", "POST /ws/broadcast arrives", "POST /ws/send arrives",
			"POST /ws/cleanup counts", "and is no longer online"}, 19},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel() // they wait for messages that do not come
			code, checks, output := runScript(t, nil, "--server-url", tt.admin, "--ws-url", tt.ws, "--jwt-secret", testSecret, "--skip-performance")
			if code != 1 {
				t.Errorf("exit code %d", code)
			}
			failed := strings.Join(checks["FAIL"], "\n") + "\n"
			for _, want := range tt.fail {
				if !strings.Contains(failed, want+"\n") {
					t.Errorf("%q did not fail", want)
				}
			}
			if len(checks["ok"]) < tt.passed {
				t.Errorf("%d passed, want %d and more", len(checks["ok"]), tt.passed)
			}
			if t.Failed() {
				t.Log(output)
			}
		})
	}
}

// leaky starts a server behind a proxy that adds a valid token to each request without one, so that it admits
// every client.
func leaky(t *testing.T, s *serving) string {
	token, verifier := signFor(t, "anybody"), auth.NewVerifier(auth.Secret([]byte(testSecret)), auth.Options{Now: time.Now})
	target, err := url.Parse("http://" + s.ws)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		given := strings.TrimPrefix(r.In.Header.Get("Authorization"), "Bearer ")
		if _, refused := verifier.Verify([]byte(given)); refused != nil {
			r.Out.Header.Set("Authorization", "Bearer "+token)
		}
	}})
	t.Cleanup(proxy.Close)
	return proxy.URL
}

// TestScriptedCheckCannotBegin checks that the script names a missing requirement, with an exit code of its own.
func TestScriptedCheckCannotBegin(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		args       []string
	}{
		{"no secret", "JWT_SECRET", nil},
		{"an unknown flag", "no flag --fast", []string{"--fast"}},
		{"a flag without its value", "needs a value", []string{"--ws-url"}},
	} {
		if code, _, output := runScript(t, nil, tt.args...); code != 2 || !strings.Contains(output, tt.want) {
			t.Errorf("%s: exit code %d, %s", tt.name, code, output)
		}
	}
	if code, _, output := runScript(t, nil, "--help"); code != 0 || !strings.Contains(output, "--skip-performance") {
		t.Errorf("--help: exit code %d, %s", code, output)
	}
	script := scriptIn(t)
	if err := os.Remove(filepath.Join(filepath.Dir(script), "..", "bin")); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(script, "--jwt-secret", testSecret).CombinedOutput()
	if err == nil || !strings.Contains(string(out), `"make build"`) {
		t.Errorf("without programs: %v, %s", err, out)
	}
}

// TestScriptsAreSound runs shellcheck on all scripts.
func TestScriptsAreSound(t *testing.T) {
	shellcheck, err := exec.LookPath("shellcheck")
	if err != nil {
		t.Fatal("no shellcheck: `make test` installs it (Debian's shellcheck)")
	}
	ours, _ := filepath.Glob("../../scripts/*.sh")
	examples, _ := filepath.Glob("../../examples/*.sh")
	if len(ours) == 0 || len(examples) == 0 {
		t.Fatalf("scripts: %v, examples: %v", ours, examples)
	}
	if out, err := exec.Command(shellcheck, append(ours, examples...)...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
