package tidy

import (
	"bytes"
	"go/format"
	"testing"
)

func TestSourcesAreFormatted(t *testing.T) { hold(t, formattedSources) }

func formattedSources(files tree) []string {
	var broken []string
	for _, f := range files.goFiles() {
		formatted, err := format.Source(f.text)
		if err != nil || !bytes.Equal(formatted, f.text) {
			broken = append(broken, f.say(1, "run gofmt -w %s", f.path))
		}
	}
	return broken
}

// machinePaths are beginnings of paths that exist on one machine only. They are concatenated so that this file does not
// contain them.
var machinePaths = []string{"/wor" + "k/", "/roo" + "t/", "/tmp/br" + "ief"}

func TestNoPathOfOneMachine(t *testing.T) { hold(t, portablePaths) }

func portablePaths(files tree) []string {
	var broken []string
	for _, f := range files {
		for number, line := range bytes.Split(f.text, []byte("\n")) {
			for _, p := range machinePaths {
				if bytes.Contains(line, []byte(p)) {
					broken = append(broken, f.say(number+1, "%s is a path of one machine: write one that is relative to the repository", p))
				}
			}
		}
	}
	return broken
}
