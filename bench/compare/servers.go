package main

import (
	"debug/buildinfo"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	binDirectory = "bench/rivals/bin"
	ours         = "momentum"
	floor        = "floor"
)

// server is one of those that are compared.
type server struct {
	name    string
	command []string // relative to binDirectory, if it names a path
	library string   // Go module or npm package whose version counts
}

// allServers: ours, the floor, and the rivals, in the order of the tables.
var allServers = []server{
	{ours, []string{"./momentum", "--reactors", "1"}, "github.com/panjf2000/gnet/v2"},
	{floor, []string{"./floor"}, ""},
	{"gnet + gobwas", []string{"./gnetws"}, "github.com/panjf2000/gnet/v2"},
	{"bun", []string{"./bun/bun", "bun/server.js"}, ""},
	{"gws", []string{"./gws"}, "github.com/lxzan/gws"},
	{"gorilla", []string{"./gorilla"}, "github.com/gorilla/websocket"},
	{"nbio", []string{"./nbio"}, "github.com/lesismal/nbio"},
	{"coder", []string{"./coder"}, "github.com/coder/websocket"},
	{"node ws", []string{"node", "nodews/server.js"}, "ws"},
}

// built says whether the server can be started.
func (s server) built() bool {
	for _, part := range s.command {
		if strings.Contains(part, "/") {
			if _, err := os.Stat(filepath.Join(binDirectory, part)); err != nil {
				return false
			}
		}
	}
	return true
}

// isRival says whether the server is one to be better than.
func isRival(name string) bool { return name != ours && name != floor }

// version tells what was measured, as exactly as what was built knows it.
func (s server) version() string {
	switch {
	case s.name == floor:
		return "C, " + firstLine("cc", "--version")
	case s.name == "bun":
		return "Bun " + firstLine(filepath.Join(binDirectory, "bun/bun"), "--version")
	case s.name == "node ws":
		return "ws " + npmVersion("nodews", s.library) + " on Node.js " + firstLine("node", "--version")
	}
	info, err := buildinfo.ReadFile(filepath.Join(binDirectory, s.command[0]))
	if err != nil {
		return "unknown"
	}
	for _, module := range info.Deps {
		if module.Path == s.library {
			return module.Path + " " + module.Version + ", " + info.GoVersion
		}
	}
	return info.GoVersion
}

func firstLine(command string, arguments ...string) string {
	out, err := exec.Command(command, arguments...).Output()
	if err != nil {
		return "unknown"
	}
	line, _, _ := strings.Cut(string(out), "\n")
	return line
}

func npmVersion(directory, name string) string {
	text, err := os.ReadFile(filepath.Join(binDirectory, directory, "node_modules", name, "package.json"))
	if err != nil {
		return "unknown"
	}
	var about struct{ Version string }
	if json.Unmarshal(text, &about) != nil {
		return "unknown"
	}
	return about.Version
}
