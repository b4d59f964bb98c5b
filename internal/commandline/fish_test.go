package commandline

import (
	"os/exec"
	"testing"
)

func TestFishCompletes(t *testing.T) {
	path := saved(t, "fish")
	offers(t, "fish", func(line string) *exec.Cmd {
		return exec.Command("fish", "--no-config", "-c", `source $argv[1]; complete -C $argv[2]`, path, line)
	})
}
