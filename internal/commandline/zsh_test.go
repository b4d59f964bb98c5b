package commandline

import (
	"os/exec"
	"strings"
	"testing"
)

// zshSays runs the function in zsh. It prints the words that the function hands to the completion system, which filters them by the
// word that is typed.
const zshSays = `compdef() { }; _message() { }
typed() { [[ $1 == ${words[CURRENT]}* ]] && print -r -- "$1" }
_describe() { local one; for one in "${(@P)argv[-1]}"; do [[ -n $one ]] && typed "${one%%:*}"; done; true }
compadd() { local one; for one in "${@:2}"; do typed "$one"; done; true }
source "$1"; shift; words=("$@"); CURRENT=$#; _tool`

func TestZshCompletes(t *testing.T) {
	path := saved(t, "zsh")
	offers(t, "zsh", func(line string) *exec.Cmd {
		return exec.Command("zsh", append([]string{"-f", "-c", zshSays, "zsh", path}, strings.Split(line, " ")...)...)
	})
}
