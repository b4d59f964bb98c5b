package e2e

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"momentum/internal/postgrestest"
)

// patience bounds every wait for a process. A test that uses all of it has failed.
const patience = 30 * time.Second

var bin string // the folder of the built programs

// waiting is how many of the parallel tests run at once. They wait for timers most of the time; a test that measures times or fills
// the processors runs alone.
const waiting = 4

func TestMain(m *testing.M) {
	if bin = os.Getenv(inNamespace); bin != "" { // the programs are built
		os.Exit(m.Run())
	}
	dir, err := os.MkdirTemp("", "momentum-e2e-")
	if err != nil {
		panic(err)
	}
	build := exec.Command("go", "build", "-o", dir, "momentum/cmd/momentum", "momentum/cmd/websocket_client", "momentum/cmd/websocket_stress_test")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "cannot build the programs: %v\n%s", err, out)
		os.Exit(1)
	}
	bin = dir
	if flag.Parse(); !given("test.parallel") {
		_ = flag.Set("test.parallel", strconv.Itoa(max(waiting, runtime.GOMAXPROCS(0))))
	}
	code := postgrestest.Run(m)
	closeBrowser()
	os.RemoveAll(dir)
	os.Exit(code)
}

// given reports whether the command line has a flag.
func given(name string) (found bool) {
	flag.Visit(func(f *flag.Flag) { found = found || f.Name == name })
	return found
}

const testSecret = "the secret of the end-to-end tests, long enough"

// process is a running program.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	mu     sync.Mutex
	said   strings.Builder
	grew   *sync.Cond
	output chan struct{} // closed when its output has ended
}

// start runs a program with its own environment variables, and collects its output.
func start(t *testing.T, env []string, name string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(name, args...), output: make(chan struct{})}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // a killed test leaves no process running
	p.grew = sync.NewCond(&p.mu)
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, env...)
	read, write := io.Pipe()
	p.cmd.Stdout, p.cmd.Stderr = write, write
	p.stdin, _ = p.cmd.StdinPipe()
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go p.collect(read)
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
		write.Close()
		if t.Failed() {
			t.Logf("%s printed:\n%s", filepath.Base(name), p.text())
		}
	})
	return p
}

func (p *process) collect(from io.Reader) {
	defer close(p.output)
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadString('\n')
		p.mu.Lock()
		p.said.WriteString(line)
		p.grew.Broadcast()
		p.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (p *process) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.String()
}

// expect waits until the program has printed a text, and returns all of its output so far.
func (p *process) expect(what string) string {
	p.t.Helper()
	give := time.AfterFunc(patience, p.grew.Broadcast)
	defer give.Stop()
	deadline := time.Now().Add(patience)
	p.mu.Lock()
	defer p.mu.Unlock()
	for !strings.Contains(p.said.String(), what) {
		if time.Now().After(deadline) {
			p.t.Fatalf("%q was not printed within %v; the output is:\n%s", what, patience, p.said.String())
		}
		p.grew.Wait()
	}
	return p.said.String()
}

func (p *process) say(line string) {
	p.t.Helper()
	if _, err := io.WriteString(p.stdin, line+"\n"); err != nil {
		p.t.Fatal(err)
	}
}

// exit waits for the program's end and returns its exit code.
func (p *process) exit() int {
	p.t.Helper()
	done := make(chan struct{})
	go func() {
		_ = p.cmd.Wait()
		close(done)
	}()
	select {
	case <-done:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		p.t.Fatalf("did not end within %v", patience)
		return -1
	}
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// serving is a running server, with its addresses.
type serving struct {
	*process
	ws    string // host:port
	admin string
}

// serve starts the server on free ports, with a known secret.
func serve(t *testing.T, env ...string) *serving {
	t.Helper()
	env = append([]string{"JWT_SECRET=" + testSecret, "PORT=0", "ADMIN_ADDR=127.0.0.1:0", "LOG_FORMAT=json"}, env...)
	p := start(t, env, filepath.Join(bin, "momentum"), "serve")
	return locate(p)
}

// locate reads the server's addresses from its log.
func locate(p *process) *serving {
	line := p.expect(`"msg":"serving"`)
	return &serving{process: p, ws: logged(line, "websocket"), admin: logged(line, "admin")}
}

func logged(text, key string) string {
	_, rest, _ := strings.Cut(text, `"`+key+`":"`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

// ask makes an HTTP request and returns the status and the body.
func ask(t *testing.T, method, url, body string, headers ...string) (int, string) {
	t.Helper()
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	client := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(answer)
}

// chatter starts websocket_client for a user, and waits until it is connected.
func (s *serving) chatter(t *testing.T, name string) *process {
	t.Helper()
	c := start(t, []string{"JWT_SECRET=" + testSecret}, filepath.Join(bin, "websocket_client"),
		"--url", "ws://"+s.ws+"/ws", "--username", name, "--email", name+"@example.com")
	c.expect("Connected")
	return c
}
