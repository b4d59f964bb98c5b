package commandline

import (
	"runtime/debug"
	"strings"
	"testing"
)

func TestVersionNamesTheRecordedBuild(t *testing.T) {
	built := func(version string, settings ...debug.BuildSetting) *debug.BuildInfo {
		return &debug.BuildInfo{GoVersion: "go1.26", Main: debug.Module{Version: version}, Settings: settings}
	}
	commit := debug.BuildSetting{Key: "vcs.revision", Value: "abc123"}
	patched := built("v1")
	patched.Deps = []*debug.Module{{Path: "a", Version: "v1"}, {Path: "b", Version: "v2", Replace: &debug.Module{}}}
	for _, tt := range []struct {
		name string
		info *debug.BuildInfo
		want string
	}{
		{"a release", built("v1.2.3", commit), "v1.2.3, commit abc123, go1.26"},
		{"an edited checkout", built("(devel)", commit, debug.BuildSetting{Key: "vcs.modified", Value: "true"}), "(devel), commit abc123 with local changes, go1.26"},
		{"a build without a repository", built(""), "(devel), commit not recorded, go1.26"},
		{"a patched library", patched, "v1, commit not recorded, go1.26, b v2 patched"},
		{"no information", nil, "(built without build information), commit not recorded, go1."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := buildOf(tt.info).String(); !strings.HasPrefix(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
