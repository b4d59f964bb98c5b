package commandline

import (
	"os/exec"
	"strings"
	"testing"
)

// bashSays asks bash for the completions of words, as readline does.
const bashSays = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tool; printf '%s\n' "${COMPREPLY[@]}"`

func TestBashCompletes(t *testing.T) {
	path := saved(t, "bash")
	offers(t, "bash", func(line string) *exec.Cmd {
		return exec.Command("bash", append([]string{"--norc", "-c", bashSays, "bash", path}, strings.Split(line, " ")...)...)
	})
}

// TestBashCompletesAfterAnEqualsSign: readline makes three words of --level=l.
func TestBashCompletesAfterAnEqualsSign(t *testing.T) {
	path := saved(t, "bash")
	for words, want := range map[string]string{
		"tool --level = l": "low", "tool --level =": "high\nlow", "tool --level = users ": "run\nusers\nshell",
	} {
		said, err := exec.Command("bash", append([]string{"--norc", "-c", bashSays, "bash", path}, strings.Split(words, " ")...)...).CombinedOutput()
		if err != nil || strings.TrimSpace(string(said)) != want {
			t.Errorf("%q is completed with %q: %v", words, said, err)
		}
	}
}
