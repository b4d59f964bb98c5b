package deploytest

import (
	"bytes"
	"debug/elf"
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const top = "../.." // the repository

// patience bounds every wait.
const patience = 30 * time.Second

// stage is one stage of the image, executed in a folder.
type stage struct {
	base, root, workdir string
	env                 []string
	user                string
	ports               []string
	entrypoint, cmd     []string
}

// TestImage executes the steps of deploy/Dockerfile in folders, without a container engine. Then it runs the image's command as
// the image's user, with the image's folder as its root directory if root runs the test.
func TestImage(t *testing.T) {
	stages := buildImage(t)
	image := stages[len(stages)-1]
	if image.base != "scratch" || image.user == "" || strings.HasPrefix(image.user, "0") || image.user == "root" {
		t.Errorf("the image is based on %s and runs as %q, want scratch and a user other than root", image.base, image.user)
	}
	if !slices.Contains(image.ports, "8000") {
		t.Errorf("the image exposes %v, want 8000", image.ports)
	}
	binary := filepath.Join(image.root, image.entrypoint[0])
	if program, err := elf.Open(binary); err != nil {
		t.Fatal(err)
	} else if slices.ContainsFunc(program.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP }) {
		t.Error("the binary needs a dynamic linker, and the image has none")
	}
	if found := files(t, image.root); !slices.Equal(found, []string{"etc/ssl/certs/ca-certificates.crt", "momentum"}) {
		t.Errorf("the image has %v", found)
	}
	if said, err := exec.Command(binary, "version").Output(); err != nil || !strings.Contains(string(said), "commit "+arguments["COMMIT"]) {
		t.Errorf("momentum version says %q, %v: not the commit of the image", said, err)
	}
	image.serves(t)
}

// arguments are the build arguments of the image. Its build sees no .git.
var arguments = map[string]string{"COMMIT": "89abcdef0123456789abcdef0123456789abcdef"}

// buildImage executes all stages of deploy/Dockerfile and returns them.
func buildImage(t *testing.T) []*stage {
	t.Helper()
	text, err := os.ReadFile(top + "/deploy/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	named := make(map[string]*stage)
	var stages []*stage
	for line := range strings.SplitSeq(string(text), "\n") {
		instruction, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if instruction == "" || strings.HasPrefix(instruction, "#") {
			continue
		}
		if instruction == "FROM" {
			base, name, _ := strings.Cut(rest, " AS ")
			s := &stage{base: base, root: t.TempDir(), workdir: "/"}
			named[name] = s
			stages = append(stages, s)
			continue
		}
		stages[len(stages)-1].execute(t, instruction, rest, named)
	}
	return stages
}

func (s *stage) execute(t *testing.T, instruction, rest string, named map[string]*stage) {
	t.Helper()
	switch instruction {
	case "WORKDIR":
		s.workdir = rest
		must(t, os.MkdirAll(filepath.Join(s.root, rest), 0o755))
	case "ENV":
		s.env = append(s.env, strings.Fields(rest)...)
	case "RUN":
		cmd := exec.Command("/bin/sh", "-c", rest)
		cmd.Dir = filepath.Join(s.root, s.workdir)
		cmd.Env = append(os.Environ(), append(s.env, "GOFLAGS=", "PWD="+cmd.Dir)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("RUN %s: %v\n%s", rest, err, out)
		}
	case "COPY":
		s.copy(t, strings.Fields(rest), named)
	case "USER":
		s.user = rest
	case "EXPOSE":
		s.ports = strings.Fields(rest)
	case "ENTRYPOINT":
		must(t, json.Unmarshal([]byte(rest), &s.entrypoint))
	case "CMD":
		must(t, json.Unmarshal([]byte(rest), &s.cmd))
	case "ARG":
		s.env = append(s.env, rest+"="+arguments[rest])
	case "STOPSIGNAL":
	default:
		t.Fatalf("this test cannot execute %s %s", instruction, rest)
	}
}

// copy copies files from the repository, less those in .dockerignore, or from another stage. Files that the stage has not
// made belong to its base image, and are taken from this host.
func (s *stage) copy(t *testing.T, words []string, named map[string]*stage) {
	t.Helper()
	from, ok := strings.CutPrefix(words[0], "--from=")
	to := words[len(words)-1]
	if !strings.HasPrefix(to, "/") {
		to = filepath.Join(s.workdir, to) + strings.Repeat("/", strings.Count(to[len(to)-1:], "/"))
	}
	to = filepath.Join(s.root, to) + strings.Repeat("/", strings.Count(to[len(to)-1:], "/"))
	if ok {
		source := filepath.Join(named[from].root, words[1])
		if _, err := os.Stat(source); err != nil {
			source = words[1]
		}
		copyFile(t, source, to)
		return
	}
	for _, source := range words[:len(words)-1] {
		if source == "." {
			for _, name := range buildContext(t) {
				copyFile(t, filepath.Join(top, name), filepath.Join(to, name))
			}
			continue
		}
		copyFile(t, filepath.Join(top, source), filepath.Join(to, source))
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	info, err := os.Stat(from)
	must(t, err)
	text, err := os.ReadFile(from)
	must(t, err)
	must(t, os.MkdirAll(filepath.Dir(to), 0o755))
	must(t, os.WriteFile(to, text, info.Mode().Perm()))
}

// buildContext lists the files that git tracks or would track, less those in .dockerignore.
func buildContext(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command("git", "-C", top, "ls-files", "--cached", "--others", "--exclude-standard", "-z").Output()
	must(t, err)
	ignore, err := os.ReadFile(top + "/.dockerignore")
	must(t, err)
	var kept []string
	for name := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		if _, err := os.Stat(filepath.Join(top, name)); err == nil && !ignored(string(ignore), name) {
			kept = append(kept, name)
		}
	}
	return kept
}

func ignored(patterns, name string) bool {
	for pattern := range strings.SplitSeq(patterns, "\n") {
		if pattern = strings.TrimSpace(pattern); pattern == "" || strings.HasPrefix(pattern, "#") {
			continue
		}
		last, anywhere := strings.CutPrefix(pattern, "**/")
		for at := name; at != "."; at = filepath.Dir(at) {
			subject := at
			if anywhere {
				subject = filepath.Base(at)
			}
			if ok, _ := filepath.Match(last, subject); ok {
				return true
			}
		}
	}
	return false
}

// serves runs the image's command and waits until it is ready.
func (s *stage) serves(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp4", "0.0.0.0:0") // as the image does: a port that is free on one address may be in use on another
	must(t, err)
	addr := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: l.Addr().(*net.TCPAddr).Port}
	l.Close()
	cmd := exec.Command(filepath.Join(s.root, s.entrypoint[0]), append(s.entrypoint[1:], s.cmd...)...)
	cmd.Env = append(s.env, fmt.Sprint("PORT=", addr.Port), "ADMIN_ADDR=127.0.0.1:0", "JWT_SECRET=the secret of a test, long enough for anybody")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if os.Geteuid() == 0 {
		var user, group uint32
		_, err := fmt.Sscanf(s.user, "%d:%d", &user, &group)
		must(t, err)
		must(t, filepath.WalkDir(filepath.Dir(s.root), func(path string, _ fs.DirEntry, _ error) error { return os.Chmod(path, 0o755) }))
		cmd.Path = s.entrypoint[0]
		cmd.SysProcAttr.Chroot, cmd.Dir = s.root, "/"
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: user, Gid: group}
	}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	must(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	status := untilReady(addr.String(), ended)
	_ = cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err = <-ended:
	case <-time.After(patience):
		_ = cmd.Process.Kill()
		err = <-ended
	}
	if status != http.StatusOK || err != nil {
		t.Errorf("/readyz answers %d, and the server ends with %v:\n%s", status, err, said.String())
	}
}

// untilReady calls /readyz until there is an answer or the server has ended, and returns the last status.
func untilReady(addr string, ended chan error) (status int) {
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	client := http.Client{Timeout: time.Second}
	for deadline := time.Now().Add(patience); status != http.StatusOK && time.Now().Before(deadline); <-again.C {
		if len(ended) > 0 {
			return status
		}
		if response, err := client.Get("http://" + addr + "/readyz"); err == nil {
			status = response.StatusCode
			response.Body.Close()
		}
	}
	return status
}

// files lists the files below a folder.
func files(t *testing.T, root string) (all []string) {
	t.Helper()
	must(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			name, _ := filepath.Rel(root, path)
			all = append(all, name)
		}
		return err
	}))
	return all
}

// TestImageIsBuiltWithTheRightGo compares the Go release of the base image with go.mod and the workflow.
func TestImageIsBuiltWithTheRightGo(t *testing.T) {
	dockerfile, err := os.ReadFile(top + "/deploy/Dockerfile")
	must(t, err)
	module, err := os.ReadFile(top + "/go.mod")
	must(t, err)
	image := regexp.MustCompile(`(?m)^FROM golang:([0-9]+\.[0-9]+)\.[0-9]+-[a-z]+`).FindSubmatch(dockerfile)
	want := regexp.MustCompile(`(?m)^go ([0-9]+\.[0-9]+)`).FindSubmatch(module)
	if image == nil || want == nil || !bytes.Equal(image[1], want[1]) {
		t.Fatalf("the image is built with Go %s, go.mod asks for %s", image, want)
	}
	workflow, err := os.ReadFile(top + "/.github/workflows/ci.yml")
	must(t, err)
	base := strings.TrimPrefix(string(image[0]), "FROM ")
	jobs := regexp.MustCompile(`image: (\S+)`).FindAllSubmatch(workflow, -1)
	for _, job := range jobs {
		if string(job[1]) != base {
			t.Errorf("a job of the workflow runs in %s, and the image is built in %s", job[1], base)
		}
	}
	if len(jobs) == 0 {
		t.Error("no job of the workflow names an image")
	}
}

// TestImageContext checks that .dockerignore leaves out big and secret files and leaves in the sources.
func TestImageContext(t *testing.T) {
	context := buildContext(t)
	for _, want := range []string{"go.mod", "Makefile", "netpoll/gnet.patch", "web/demo/index.html", "cmd/momentum/main.go"} {
		if !slices.Contains(context, want) {
			t.Errorf("%s is not in the build's context", want)
		}
	}
	ignore, err := os.ReadFile(top + "/.dockerignore")
	must(t, err)
	for _, out := range []string{".git/config", "bin/momentum", "deploy/secrets/jwt_secret", "bench/rivals/node_modules/ws/index.js", "server/server.test"} {
		if !ignored(string(ignore), out) {
			t.Errorf("%s is in the build's context", out)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
