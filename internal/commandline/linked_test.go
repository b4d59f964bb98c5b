package commandline

import (
	"runtime/debug"
	"testing"
)

func TestALinkedCommitFillsAGap(t *testing.T) {
	recorded := []debug.BuildSetting{{Key: "vcs.revision", Value: "fromgit"}}
	for name, tt := range map[string]struct {
		settings              []debug.BuildSetting
		commit, version, want string
	}{
		"without a repository": {nil, "linked", "v1.2.3", "linked"},
		"with a repository":    {recorded, "linked", "v1.2.3", "fromgit"},
		"with neither":         {nil, "", "(devel)", ""},
	} {
		info := &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: tt.settings}
		version := tt.version
		if version == "(devel)" {
			version = ""
		}
		got := withLinked(info, version, tt.commit)
		commit := ""
		for _, s := range got.Settings {
			if s.Key == "vcs.revision" {
				commit += s.Value
			}
		}
		if commit != tt.want || got.Main.Version != tt.version || info.Main.Version != "(devel)" {
			t.Errorf("%s: commit %q, version %q, want %q and %q; the given information has %q", name, commit, got.Main.Version, tt.want, tt.version, info.Main.Version)
		}
	}
	if withLinked(nil, "v1", "c") != nil {
		t.Error("a build without information has some")
	}
}
