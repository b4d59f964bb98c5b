package commandline

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
)

// Build says how a program was built, as far as that was recorded.
type Build struct {
	Version string   `json:"version"`
	Commit  string   `json:"commit,omitempty"`
	Edited  bool     `json:"edited"` // the files were not those of the commit
	Go      string   `json:"go"`
	Patched []string `json:"patched,omitempty"` // libraries that were built with our changes
}

// ThisBuild returns the build of the running program.
func ThisBuild() Build {
	info, _ := debug.ReadBuildInfo()
	return buildOf(withLinked(info, linkedVersion, linkedCommit))
}

func buildOf(info *debug.BuildInfo) Build {
	if info == nil {
		return Build{Version: "(built without build information)", Go: runtime.Version()}
	}
	b := Build{Version: cmp.Or(info.Main.Version, "(devel)"), Go: info.GoVersion}
	for _, setting := range info.Settings {
		switch {
		case setting.Key == "vcs.revision":
			b.Commit = setting.Value
		case setting.Key == "vcs.modified":
			b.Edited = setting.Value == "true"
		}
	}
	for _, module := range info.Deps {
		if module.Replace != nil {
			b.Patched = append(b.Patched, module.Path+" "+module.Version)
		}
	}
	return b
}

// String returns the build in one line.
func (b Build) String() string {
	text := b.Version + ", commit " + cmp.Or(b.Commit, "not recorded")
	if b.Edited {
		text += " with local changes"
	}
	text += ", " + b.Go
	for _, library := range b.Patched {
		text += fmt.Sprintf(", %s patched", library)
	}
	return text
}
