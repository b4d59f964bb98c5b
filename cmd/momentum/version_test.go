package main

import (
	"bytes"
	"runtime/debug"
	"strings"
	"testing"
)

func TestVersionNamesTheRecordedBuild(t *testing.T) {
	built := func(version string, settings ...debug.BuildSetting) *debug.BuildInfo {
		return &debug.BuildInfo{GoVersion: "go1.26", Main: debug.Module{Version: version}, Settings: settings}
	}
	commit := debug.BuildSetting{Key: "vcs.revision", Value: "abc123"}
	for _, tt := range []struct {
		name string
		info *debug.BuildInfo
		want string
	}{
		{"a release", built("v1.2.3", commit), "v1.2.3, commit abc123, go1.26"},
		{"an edited checkout", built("(devel)", commit, debug.BuildSetting{Key: "vcs.modified", Value: "true"}), "(devel), commit abc123 with local changes, go1.26"},
		{"a build without a repository", built(""), "(devel), commit not recorded, go1.26"},
		{"no information", nil, "(built without build information) go1."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := describe(tt.info); !strings.HasPrefix(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestVersionWorksWithWrongSettings(t *testing.T) {
	alone(t, map[string]string{"PORT": "http"})
	var stdout, stderr bytes.Buffer
	if code := run([]string{"version"}, &stdout, &stderr, func(int) {}); code != 0 {
		t.Errorf("exit code %d: %s", code, &stderr)
	}
}
