package main

import (
	"bytes"
	"runtime/debug"
	"testing"
)

func TestABillNamesEachModuleOnceWithItsPrograms(t *testing.T) {
	info := &debug.BuildInfo{GoVersion: "go1.26.8", Deps: []*debug.Module{{Path: "example.org/z", Version: "v1.0.0"}, {Path: "example.org/a", Version: "v1.0.0"}}}
	two := []program{{name: "server", info: info}, {name: "client", info: info}}
	b := billOf(release{"1.2.3", "abc", "2026-01-02T03:04:05Z"}, two)
	count := make(map[string]int)
	for _, c := range b.Components {
		count[c.Ref]++
	}
	for _, ref := range []string{"program:server", "program:client", "pkg:golang/std@1.26.8", "pkg:golang/example.org/a@v1.0.0", "pkg:golang/example.org/z@v1.0.0"} {
		if count[ref] != 1 {
			t.Errorf("%s is there %d times", ref, count[ref])
		}
	}
	for _, d := range b.Dependencies {
		if d.Ref == "program:server" && len(d.On) != 3 {
			t.Errorf("the server depends on %v", d.On)
		}
	}
	var first, second bytes.Buffer
	if b.write(&first) != nil || billOf(release{"1.2.3", "abc", "2026-01-02T03:04:05Z"}, two).write(&second) != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("two bills of the same programs differ")
	}
}
