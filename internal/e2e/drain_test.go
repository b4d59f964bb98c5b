package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestANodeIsDrainedAndTakesClientsAgain runs the commands of an operator against a server with a client.
func TestANodeIsDrainedAndTakesClientsAgain(t *testing.T) {
	s := serve(t, "ADMIN_TOKEN=open sesame", "DRAIN_TIMEOUT=5")
	s.chatter(t, "alice")
	for _, step := range []struct{ args, want, ready string }{
		{"drain --wait", "drained: 1 of 1 connections", "503"},
		{"drain --json", `"sessions":1,"closed":1,"remaining":0`, "503"},
		{"undrain", "the node takes clients again", "200"},
		{"undrain", "the node was not draining", "200"},
	} {
		command := exec.Command(filepath.Join(bin, "momentum"), append(strings.Fields(step.args), "--admin-addr", s.admin)...)
		command.Env = []string{"ADMIN_TOKEN=open sesame", "PATH=" + os.Getenv("PATH")}
		said, err := command.CombinedOutput()
		if err != nil || !strings.Contains(string(said), step.want) {
			t.Errorf("momentum %s: %v\n%s", step.args, err, said)
		}
		if status, body := ask(t, "GET", "http://"+s.admin+"/readyz", ""); (status == 200) != (step.ready == "200") {
			t.Errorf("after momentum %s, /readyz is %d %s", step.args, status, body)
		}
	}
	s.chatter(t, "bob")
}
