package deploytest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// setting is a line of a configuration: a name and a value.
type setting struct{ name, value string }

// settings reads "name = value" lines, and lists the names that have no comment above them in their paragraph.
func settings(t *testing.T, file string) (all []setting, bare []string) {
	t.Helper()
	text, err := os.ReadFile(top + "/deploy/" + file)
	must(t, err)
	reason := false
	for line := range strings.SplitSeq(string(text), "\n") {
		line = strings.TrimSpace(line)
		switch name, value, ok := strings.Cut(line, "="); {
		case line == "":
			reason = false
		case strings.HasPrefix(line, "#"):
			reason = true
		case ok:
			all = append(all, setting{strings.TrimSpace(name), strings.TrimSpace(value)})
			if !reason {
				bare = append(bare, line)
			}
		}
	}
	return all, bare
}

// TestSysctls checks that this kernel knows each key and that a comment above it gives the reason.
func TestSysctls(t *testing.T) {
	all, bare := settings(t, "sysctl.d/60-momentum.conf")
	if len(all) < 10 || len(bare) > 0 {
		t.Errorf("of %d keys, these have no reason: %q", len(all), bare)
	}
	seen := make(map[string]bool)
	for _, key := range all {
		name, optional := strings.CutPrefix(key.name, "-")
		if seen[name] {
			t.Errorf("%s is there twice", name)
		}
		seen[name] = true
		now, err := os.ReadFile(filepath.Join("/proc/sys", strings.ReplaceAll(name, ".", "/")))
		switch {
		case err != nil && !optional && hostOnly[name] == "":
			t.Errorf("this kernel has no %s", name)
		case err == nil && len(strings.TrimSpace(string(now))) > 0 && len(strings.Fields(string(now))) != len(strings.Fields(key.value)):
			t.Errorf("%s = %s, and the kernel's value is %q", name, key.value, strings.TrimSpace(string(now)))
		}
	}
	if !seen["net.core.somaxconn"] {
		t.Error("net.core.somaxconn is missing")
	}
	for name := range hostOnly {
		if !seen[name] {
			t.Errorf("%s is no longer set: delete it from hostOnly", name)
		}
	}
}

// hostOnly are keys that exist only in the host's network namespace, not in a container's.
var hostOnly = map[string]string{
	"net.core.netdev_max_backlog": "queues of the cores, which no network namespace has",
	"net.ipv4.tcp_mem":            "counted over all network namespaces",
}

const unit = "systemd/momentum.service"

// TestUnitIsValid verifies the unit with systemd, with a program where the server would be installed.
func TestUnitIsValid(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Fatal("no systemd-analyze: `make test` installs it (Debian's systemd)")
	}
	text, err := os.ReadFile(top + "/deploy/" + unit)
	must(t, err)
	file := filepath.Join(t.TempDir(), "momentum.service")
	must(t, os.WriteFile(file, []byte(strings.ReplaceAll(string(text), "/usr/local/bin/momentum", "/bin/true")), 0o644))
	if out, err := exec.Command(analyze, "verify", "--man=no", file).CombinedOutput(); err != nil || strings.Contains(string(out), "momentum.service") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	out, err := exec.Command(analyze, "security", "--offline=true", "--threshold=20", file).CombinedOutput()
	if err != nil { // the threshold is in tenths: an exposure above 2.0 fails
		t.Errorf("systemd-analyze security: %v\n%s", err, out)
	}
}

// TestUnitVerificationBites checks that systemd's verification finds a mistake.
func TestUnitVerificationBites(t *testing.T) {
	file := filepath.Join(t.TempDir(), "momentum.service")
	must(t, os.WriteFile(file, []byte("[Service]\nType=imaginary\nProtectSystem=strictly\nExecStart=/bin/true\n"), 0o644))
	out, _ := exec.Command("systemd-analyze", "verify", "--man=no", file).CombinedOutput()
	if !strings.Contains(string(out), "imaginary") || !strings.Contains(string(out), "strictly") {
		t.Errorf("systemd-analyze verify passes a broken unit:\n%s", out)
	}
}

// TestUnitLeavesTimeToDrain checks that the supervisors wait longer than the highest DRAIN_TIMEOUT.
func TestUnitLeavesTimeToDrain(t *testing.T) {
	all, _ := settings(t, unit)
	value := func(name string) string {
		at := slices.IndexFunc(all, func(s setting) bool { return s.name == name })
		if at < 0 {
			t.Fatalf("the unit has no %s", name)
		}
		return all[at].value
	}
	longest := regexp.MustCompile(`highestDrain = ([0-9]+) \* time\.Minute`)
	bounds, err := os.ReadFile(top + "/internal/config/bounds.go")
	must(t, err)
	minutes := longest.FindSubmatch(bounds)
	if minutes == nil {
		t.Fatal("internal/config/bounds.go has no highestDrain")
	}
	drain, err := time.ParseDuration(string(minutes[1]) + "m")
	must(t, err)
	if stop, err := time.ParseDuration(value("TimeoutStopSec") + "s"); err != nil || stop <= drain {
		t.Errorf("TimeoutStopSec is %v (%v), a drain may take %v", stop, err, drain)
	}
	if files := value("LimitNOFILE"); files != kernelFiles {
		t.Errorf("LimitNOFILE is %s, want %s", files, kernelFiles)
	}
}

// TestUnitRestartsAfterFaultsThatMayPass compares the unit with the server's exit codes: systemd must not restart after
// faults of the settings, which stay, and must restart after all others.
func TestUnitRestartsAfterFaultsThatMayPass(t *testing.T) {
	source, err := os.ReadFile(top + "/cmd/momentum/exit.go")
	must(t, err)
	code := regexp.MustCompile(`exitSettings = ([0-9]+)`).FindSubmatch(source)
	if code == nil {
		t.Fatal("cmd/momentum/exit.go has no exitSettings")
	}
	all, _ := settings(t, unit)
	for _, want := range []string{"Restart=on-failure", "RestartPreventExitStatus=" + string(code[1])} {
		if !slices.ContainsFunc(all, func(s setting) bool { return s.name+"="+s.value == want }) {
			t.Errorf("the unit has no %s", want)
		}
	}
}

// kernelFiles is the kernel's default for fs.nr_open. systemd cannot start a unit that asks for more.
const kernelFiles = "1048576"
