package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
)

// program is a built program with the information of its build.
type program struct {
	name string
	sum  [sha256.Size]byte
	info *debug.BuildInfo
}

func readPrograms(files []string) ([]program, error) {
	if len(files) == 0 {
		return nil, fmt.Errorf("name at least one program")
	}
	var all []program
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		info, err := buildinfo.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, program{filepath.Base(file), sha256.Sum256(text), info})
	}
	return all, nil
}

// component describes the program itself.
func (p program) component(version string) component {
	c := component{Type: "application", Ref: "program:" + p.name, Name: p.name, Version: version,
		Hashes: []hash{{"SHA-256", hex.EncodeToString(p.sum[:])}}}
	for _, s := range p.info.Settings {
		if s.Key == "GOARCH" || s.Key == "GOOS" || s.Key == "CGO_ENABLED" {
			c.Properties = append(c.Properties, property{"go:" + s.Key, s.Value})
		}
	}
	return c
}

// modules describes the modules that are linked into the program, and the standard library.
func (p program) modules() []component {
	release := strings.TrimPrefix(p.info.GoVersion, "go")
	all := []component{{Type: "library", Ref: "pkg:golang/std@" + release, Name: "std", Version: release, URL: "pkg:golang/std@" + release}}
	for _, m := range p.info.Deps {
		url := "pkg:golang/" + m.Path + "@" + m.Version
		c := component{Type: "library", Ref: url, Name: m.Path, Version: m.Version, URL: url, Hashes: treeHash(m.Sum)}
		if m.Replace != nil {
			c.Hashes = nil // the sum is that of the module as published
			c.Pedigree = &pedigree{"built from a copy with the changes of netpoll/gnet.patch (docs/adr/0007-gnet-patch.md)"}
		}
		all = append(all, c)
	}
	return all
}

// treeHash converts a sum of go.sum (h1:…), the SHA-256 of the list of a module's files and their checksums.
func treeHash(sum string) []hash {
	given, ok := strings.CutPrefix(sum, "h1:")
	bytes, err := base64.StdEncoding.DecodeString(given)
	if !ok || err != nil {
		return nil
	}
	return []hash{{"SHA-256", hex.EncodeToString(bytes)}}
}
