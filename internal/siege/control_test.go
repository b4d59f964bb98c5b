package siege

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// echoVariable makes a copy of the test program run as the control.
const echoVariable = "MOMENTUM_SIEGE_ECHO"

// beEcho prints the address that it listens on, and echoes all that it receives.
func beEcho() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err == nil {
		_, err = io.WriteString(os.Stdout, l.Addr().String()+"\n")
	}
	for err == nil {
		var c net.Conn
		if c, err = l.Accept(); err == nil {
			go func() { _, _ = io.Copy(c, c) }()
		}
	}
	return err
}

// control is an echo server in a process of its own, which is not attacked. Messages go to it at the same times as to the
// node. Its latency is the part that comes from the host and from the test program, which attackers and bystanders share.
type control struct {
	all [bystanderCount]net.Conn
}

func startControl(t *testing.T) *control {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), echoVariable+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	addr, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	k := &control{}
	for i := range k.all {
		if k.all[i], err = net.Dial("tcp", strings.TrimSpace(addr)); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { k.all[i].Close() })
	}
	return k
}

// during sends at the pace of the bystanders until stop is closed, and returns the time of each echo from when the message was
// due.
func (k *control) during(stop <-chan struct{}) []time.Duration {
	var all sync.WaitGroup
	var took [bystanderCount][]time.Duration
	start := time.Now()
	for i, c := range k.all {
		all.Go(func() {
			message := make([]byte, 8)
			for due := start.Add(pace * time.Duration(i) / bystanderCount); ; due = due.Add(pace) {
				select {
				case <-stop:
					return
				case <-time.After(time.Until(due)):
				}
				_ = c.SetDeadline(time.Now().Add(patience))
				if _, err := c.Write(message); err != nil {
					return
				}
				if _, err := io.ReadFull(c, message); err != nil {
					return
				}
				took[i] = append(took[i], time.Since(due))
			}
		})
	}
	all.Wait()
	return slices.Concat(took[:]...)
}
