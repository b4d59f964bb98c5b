package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
)

// versionCmd prints the version of the build and of its parts.
type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(out io.Writer) error {
	_, err := fmt.Fprintf(out, "momentum %s\n", version())
	return err
}

// version returns the name of this build.
func version() string {
	info, _ := debug.ReadBuildInfo()
	return describe(info)
}

// describe returns a build's version, its commit and the Go release, as far as they were recorded.
func describe(info *debug.BuildInfo) string {
	if info == nil {
		return "(built without build information) " + runtime.Version()
	}
	release, commit, edited := "(devel)", "commit not recorded", ""
	if info.Main.Version != "" {
		release = info.Main.Version
	}
	for _, setting := range info.Settings {
		switch {
		case setting.Key == "vcs.revision":
			commit = "commit " + setting.Value
		case setting.Key == "vcs.modified" && setting.Value == "true":
			edited = " with local changes"
		}
	}
	return fmt.Sprintf("%s, %s%s, %s%s", release, commit, edited, info.GoVersion, patches(info))
}

// patches returns the libraries that were built with our changes.
func patches(info *debug.BuildInfo) string {
	var all string
	for _, module := range info.Deps {
		if module.Replace != nil {
			all += fmt.Sprintf(", %s %s patched", module.Path, module.Version)
		}
	}
	return all
}
