package main

import (
	"os"
	"runtime/debug"
	"testing"
)

func TestAReplacedModuleKeepsItsName(t *testing.T) {
	p := program{name: "momentum", info: &debug.BuildInfo{GoVersion: "go1.26.8", Deps: []*debug.Module{
		{Path: "example.org/plain", Version: "v1.0.0", Sum: "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},
		{Path: "example.org/changed/v2", Version: "v2.1.0", Sum: "h1:AAAA", Replace: &debug.Module{Path: "./bin/changed"}},
	}}}
	all := p.modules()
	if len(all) != 3 || all[0].URL != "pkg:golang/std@1.26.8" {
		t.Fatalf("%+v", all)
	}
	if plain := all[1]; plain.Pedigree != nil || len(plain.Hashes) != 1 || len(plain.Hashes[0].Content) != 64 {
		t.Errorf("%+v", plain)
	}
	if changed := all[2]; changed.URL != "pkg:golang/example.org/changed/v2@v2.1.0" || changed.Pedigree == nil || changed.Hashes != nil {
		t.Errorf("%+v: want the published name, a note, and no hash of the published files", changed)
	}
}

func TestThisTestIsAProgram(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	programs, err := readPrograms([]string{self})
	if err != nil || len(programs) != 1 || programs[0].sum == [32]byte{} {
		t.Errorf("%+v, %v", programs, err)
	}
	if _, err := readPrograms(nil); err == nil {
		t.Error("no program is no error")
	}
	if _, err := readPrograms([]string{"main.go"}); err == nil {
		t.Error("a text file is a program")
	}
}
