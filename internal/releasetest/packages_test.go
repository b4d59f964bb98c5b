package releasetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// installer is a package manager over a folder as the root directory.
type installer struct {
	name                   string
	pattern                string // of the package
	database               string // its own files below the root
	prepare                func(t *testing.T, root string)
	install, remove, purge func(root, file string) []string
	nameOfKept             string // of edited settings after a removal
}

var installers = []installer{
	{
		name: "dpkg", pattern: "/*.deb", database: "var/lib/dpkg/",
		prepare: func(t *testing.T, root string) {
			must(t, os.MkdirAll(root+"/var/lib/dpkg/info", 0o755))
			must(t, os.MkdirAll(root+"/var/lib/dpkg/updates", 0o755))
			must(t, os.WriteFile(root+"/var/lib/dpkg/status", nil, 0o644))
		},
		install: func(root, file string) []string {
			return []string{"dpkg", "--root=" + root, "--force-confold", "--install", file}
		},
		remove:     func(root, _ string) []string { return []string{"dpkg", "--root=" + root, "--remove", "momentum"} },
		purge:      func(root, _ string) []string { return []string{"dpkg", "--root=" + root, "--purge", "momentum"} },
		nameOfKept: "etc/momentum/momentum.env",
	},
	{
		name: "rpm", pattern: "/*.rpm", database: "var/lib/rpm/",
		prepare: func(t *testing.T, root string) {
			must(t, os.MkdirAll(root+"/var/lib/rpm", 0o755))
			must(t, quietly(root, nil, "rpm", "--root="+root, "--dbpath=/var/lib/rpm", "--initdb"))
		},
		install: func(root, file string) []string {
			return []string{"rpm", "--root=" + root, "--dbpath=/var/lib/rpm", "--force-debian", "--nodeps", "--replacepkgs", "-U", file}
		},
		remove: func(root, _ string) []string {
			return []string{"rpm", "--root=" + root, "--dbpath=/var/lib/rpm", "--force-debian", "--nodeps", "-e", "momentum"}
		},
		nameOfKept: "etc/momentum/momentum.env.rpmsave",
	},
}

// TestPackagesAreInstalledAndRemoved installs each package into a folder of its own, which is the root directory of its scripts, upgrades
// and removes it. systemd is not there, or is there and refuses everything.
func TestPackagesAreInstalledAndRemoved(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can change the root directory of the scripts")
	}
	for _, tool := range installers {
		for _, systemd := range []bool{false, true} {
			t.Run(tool.name+map[bool]string{true: " with a sick systemd"}[systemd], func(t *testing.T) {
				file, err := filepath.Glob(release(t) + tool.pattern)
				must(t, err)
				tool.check(t, newRoot(t, systemd), file[0])
			})
		}
	}
}

func (i installer) check(t *testing.T, root, file string) {
	t.Helper()
	i.prepare(t, root)
	before := i.installed(t, root)
	must(t, quietly(root, nil, i.install(root, file)...))
	i.checkFiles(t, root)
	settings := filepath.Join(root, "etc/momentum/momentum.env")
	must(t, os.WriteFile(settings, []byte("JWT_SECRET=edited\n"), 0o600))
	must(t, quietly(root, nil, i.install(root, file)...)) // as an upgrade does
	if text, err := os.ReadFile(settings); err != nil || string(text) != "JWT_SECRET=edited\n" {
		t.Errorf("after an upgrade the settings are %q, %v", text, err)
	}
	if calls, _ := os.ReadFile(root + "/calls"); strings.Contains(string(calls), "momentum") {
		t.Errorf("an upgrade touches the service: systemctl %s", calls)
	}
	must(t, quietly(root, nil, i.remove(root, file)...))
	if calls, err := os.ReadFile(root + "/calls"); err == nil && !strings.Contains(string(calls), "disable --now momentum.service\n") {
		t.Errorf("the removal leaves the service running: systemctl %s", calls)
	}
	if after, want := i.installed(t, root), append(slices.Clone(before), i.nameOfKept); !equalSets(after, want) {
		t.Errorf("after the removal there are %v, want %v", after, want)
	}
	if i.purge == nil {
		return
	}
	must(t, quietly(root, nil, i.purge(root, file)...))
	if after := i.installed(t, root); !equalSets(after, before) {
		t.Errorf("after the purge there are %v, want %v", after, before)
	}
}

// installed lists the files below a root without those of the package manager itself, and without the calls of systemctl.
func (i installer) installed(t *testing.T, root string) []string {
	return slices.DeleteFunc(files(t, root), func(name string) bool { return strings.HasPrefix(name, i.database) || name == "calls" })
}

func equalSets(a, b []string) bool {
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// checkFiles checks the installed files: the program runs, the unit names it, and only root reads the settings.
func (i installer) checkFiles(t *testing.T, root string) {
	t.Helper()
	if said, err := exec.Command(root+"/usr/bin/momentum", "version").Output(); err != nil || !strings.Contains(string(said), "v1.2.3") {
		t.Errorf("the installed program says %q, %v", said, err)
	}
	info, err := os.Stat(root + "/etc/momentum/momentum.env")
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the settings have mode %v", info.Mode())
	}
	unit, err := os.ReadFile(root + "/usr/lib/systemd/system/momentum.service")
	must(t, err)
	if !strings.Contains(string(unit), "ExecStart=/usr/bin/momentum serve") || strings.Contains(string(unit), "/usr/local") {
		t.Errorf("the unit starts another program:\n%s", unit)
	}
	sysctl, err := os.ReadFile(root + "/usr/lib/sysctl.d/60-momentum.conf")
	must(t, err)
	if regexp.MustCompile(`(?m)^net\.ipv4\.tcp_mem`).Match(sysctl) || !regexp.MustCompile(`(?m)^net\.core\.somaxconn`).Match(sysctl) {
		t.Errorf("the package sets tcp_mem, or not somaxconn:\n%s", sysctl)
	}
}

// newRoot makes a root directory with a shell, and on request with systemd's folder and a systemctl that always fails.
func newRoot(t *testing.T, systemd bool) string {
	t.Helper()
	root := t.TempDir()
	must(t, os.Chmod(root, 0o755))
	libraries, err := exec.Command("ldd", "/bin/sh").Output()
	must(t, err)
	copyFile(t, "/bin/sh", root+"/bin/sh")
	for _, library := range regexp.MustCompile(`/\S+`).FindAllString(string(libraries), -1) {
		copyFile(t, library, filepath.Join(root, library))
	}
	if systemd {
		must(t, os.MkdirAll(root+"/run/systemd/system", 0o755))
		must(t, os.MkdirAll(root+"/usr/bin", 0o755))
		must(t, os.WriteFile(root+"/usr/bin/systemctl", []byte("#!/bin/sh\necho \"$@\" >>/calls\nexit 1\n"), 0o755))
	}
	return root
}
