package main

import (
	"cmp"
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
	unpatched    = "momentum, gnet as is"
	product      = "momentum serve"
	before       = ", before" // ends the names of older builds, which make bench-before measures
	floor        = "floor"
	bun          = "bun"
	nodeWS       = "node ws"
)

// server is one of the servers that are compared.
type server struct {
	name    string
	command []string // relative to binDirectory, if it names a path
	library string   // the Go module or npm package that determines its figures
	dialect *dialect
}

// serveFlags are the arguments of momentum serve.
var serveFlags = []string{"serve", "--reactors", "1", "--admin-addr", "127.0.0.1:0", "--rate-limit", "0", "--log-level", "error"}

// allServers are our servers, the floor, and the rivals, in the order of the tables.
var allServers = []server{
	{ours, []string{"./momentum", "--reactors", "1"}, "github.com/panjf2000/gnet/v2", &plainDialect},
	{unpatched, []string{"./momentum-unpatched", "--reactors", "1"}, "github.com/panjf2000/gnet/v2", &plainDialect},
	{ours + before, []string{"./momentum-before", "--reactors", "1"}, "github.com/panjf2000/gnet/v2", &plainDialect},
	{product, append([]string{"./momentum-serve"}, serveFlags...), "github.com/panjf2000/gnet/v2", &productDialect},
	{product + before, append([]string{"./momentum-serve-before"}, serveFlags...), "github.com/panjf2000/gnet/v2", &productDialect},
	{floor, []string{"./floor"}, "", &plainDialect},
	{"gnet + gobwas", []string{"./gnetws"}, "github.com/panjf2000/gnet/v2", &plainDialect},
	{bun, []string{"./bun/bun", "bun/server.js"}, "", &plainDialect},
	{"gws", []string{"./gws"}, "github.com/lxzan/gws", &plainDialect},
	{"gorilla", []string{"./gorilla"}, "github.com/gorilla/websocket", &plainDialect},
	{"nbio", []string{"./nbio"}, "github.com/lesismal/nbio", &plainDialect},
	{"coder", []string{"./coder"}, "github.com/coder/websocket", &plainDialect},
	{nodeWS, []string{"node", "nodews/server.js"}, "ws", &plainDialect},
}

// built reports whether the server can be started.
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

// isRival reports whether the server is neither ours nor the floor.
func isRival(name string) bool {
	name = strings.TrimSuffix(name, before)
	return name != ours && name != unpatched && name != product && name != floor
}

// version returns the version of the measured server, as exactly as its files have it.
func (s server) version() string {
	switch {
	case s.name == floor:
		return "C, " + firstLine(cmp.Or(os.Getenv("CC"), "cc"), "--version") // as in build.sh
	case s.name == bun:
		return "Bun " + firstLine(filepath.Join(binDirectory, "bun/bun"), "--version")
	case s.name == nodeWS:
		return "ws " + npmVersion("nodews", s.library) + " with bufferutil " + npmVersion("nodews", "bufferutil") + " on Node.js " + firstLine("node", "--version")
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
