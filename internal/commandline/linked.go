package commandline

import (
	"cmp"
	"runtime/debug"
	"slices"
)

// linkedVersion and linkedCommit are set by the linker (go build -ldflags "-X momentum/internal/commandline.linkedCommit=…") in builds
// that see no repository: that of a release, which must not depend on it, and that of the image, whose context has no .git.
var linkedVersion, linkedCommit string

// withLinked returns a build's information together with a version and a commit that the linker was given. A commit that the go command
// found in the repository stays, because the go command has also looked for changed files.
func withLinked(info *debug.BuildInfo, version, commit string) *debug.BuildInfo {
	if info == nil {
		return nil
	}
	all := *info
	all.Main.Version = cmp.Or(version, info.Main.Version)
	recorded := slices.ContainsFunc(info.Settings, func(s debug.BuildSetting) bool { return s.Key == "vcs.revision" })
	if commit != "" && !recorded {
		all.Settings = append(slices.Clone(info.Settings), debug.BuildSetting{Key: "vcs.revision", Value: commit})
	}
	return &all
}
