package siege

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"syscall"
	"testing"
)

// nodeFleet is a fleet of web/client/momentum.js in Node.
type nodeFleet struct {
	t     *testing.T
	input io.WriteCloser
}

func startNodeFleet(t *testing.T, url string, b *book) fleet {
	t.Helper()
	cmd := exec.Command("node", "--experimental-websocket", "testdata/fleet.mjs", "../../../web/client/momentum.js", url)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // a killed test leaves no process running
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var complaints lines
	cmd.Stderr = &complaints
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan error, 1)
	go func() {
		in := bufio.NewScanner(output)
		for in.Scan() {
			if err := b.decode(in.Bytes()); err != nil {
				read <- fmt.Errorf("%q: %w", in.Bytes(), err)
				break
			}
		}
		_, _ = io.Copy(io.Discard, output)
		close(read)
	}()
	t.Cleanup(func() {
		input.Close()
		if err := <-read; err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("Node has failed: %v\n%s", err, complaints.text())
		}
	})
	return &nodeFleet{t: t, input: input}
}

func (f *nodeFleet) command(verb, rest string) {
	if _, err := fmt.Fprintf(f.input, "%s %s\n", verb, rest); err != nil {
		f.t.Fatal(err)
	}
}

func (f *nodeFleet) add(token string) { f.command("token", token) }

func (f *nodeFleet) send(text string) { f.command("send", text) }
