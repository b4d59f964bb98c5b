package main

import (
	"debug/buildinfo"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// versions says which programs are compared; one that does not say it is left out.
func versions(s *size) map[string]string {
	found := make(map[string]string)
	if info, err := buildinfo.ReadFile(filepath.Join(s.rivals, "centrifuge")); err == nil {
		for _, m := range info.Deps {
			if m.Path == "github.com/centrifugal/centrifuge" {
				found["centrifuge"] = m.Version
			}
		}
	}
	var packages struct {
		Packages map[string]struct{ Version string }
	}
	if text, err := os.ReadFile(filepath.Join(s.rivals, "socketio", "package-lock.json")); err == nil && json.Unmarshal(text, &packages) == nil {
		for _, name := range []string{"socket.io", "@socket.io/redis-streams-adapter", "redis"} {
			found["npm "+name] = packages.Packages["node_modules/"+name].Version
		}
	}
	for name, command := range map[string][]string{"Node.js": {"node", "--version"}, "Redis": {"redis-server", "--version"}} {
		if text, err := exec.Command(command[0], command[1:]...).Output(); err == nil {
			found[name] = strings.TrimSpace(string(text))
		}
	}
	return found
}
