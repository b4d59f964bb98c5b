package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// clockTicks is the unit of a core's times in /proc, in ticks a second: USER_HZ, which is 100 on every architecture.
const clockTicks = 100

// process is a running server.
type process struct {
	cmd     *exec.Cmd
	dialect *dialect
	addr    netip.AddrPort
	stderr  bytes.Buffer
	exited  chan struct{}
}

// start starts a server on its core and returns when it listens. A rival is told the mode of the job with a flag. The caller's thread must be locked, since the child inherits
// its core.
func (s server) start(ctx context.Context, mode string) (*process, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	arguments := []string{"--addr", addr.String()}
	if mode != "" && s.dialect == &plainDialect {
		arguments = append(arguments, mode)
	}
	p := &process{cmd: s.prepare(ctx, arguments...), dialect: s.dialect, addr: addr, exited: make(chan struct{})}
	p.cmd.Dir = binDirectory
	p.cmd.Stderr = &p.stderr
	if err := pin(0, serverCore); err != nil {
		return nil, err
	}
	err = errors.Join(p.cmd.Start(), pin(0, generatorCore))
	if err != nil {
		return nil, err
	}
	go func() {
		_ = p.cmd.Wait() // it is killed, so it always has an error
		close(p.exited)
	}()
	return p, p.awaitUp()
}

// prepare makes the command of a server that ends with ctx, and with this program, however that ends. The kernel kills the
// server when the thread ends that started it: that is the locked one, which lasts as long as the program.
func (s server) prepare(ctx context.Context, arguments ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, s.command[0], slices.Concat(s.command[1:], arguments)...)
	cmd.Env = append(os.Environ(), "JWT_SECRET="+secret, "ADMIN_TOKEN="+adminToken, "TOPICS_DEFAULT=all")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

func freeAddr() (netip.AddrPort, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return netip.AddrPort{}, err
	}
	defer l.Close()
	return netip.ParseAddrPort(l.Addr().String())
}

// awaitUp tries to connect until it succeeds.
func (p *process) awaitUp() error {
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(upTimeout); time.Now().Before(deadline); {
		if c, err := net.Dial("tcp4", p.addr.String()); err == nil {
			return c.Close()
		}
		select {
		case <-again.C:
		case <-p.exited:
			return fmt.Errorf("it ended: %s", strings.TrimSpace(p.stderr.String()))
		}
	}
	p.stop()
	return errors.New("it does not listen")
}

func (p *process) stop() {
	_ = p.cmd.Process.Kill() // it may have ended by itself
	<-p.exited
}

// coreBusy returns how long the server's core has been busy since the machine started.
func coreBusy() (time.Duration, error) {
	name := fmt.Sprintf("cpu%d ", serverCore)
	fields := strings.Fields(line("/proc/stat", name))
	if len(fields) < 9 {
		return 0, fmt.Errorf("unexpected /proc/stat: no %s", name)
	}
	var busy int64
	for i, field := range fields[1:9] { // user nice system idle iowait irq softirq steal
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, err
		}
		if i != 3 && i != 4 {
			busy += n
		}
	}
	return time.Duration(busy) * time.Second / clockTicks, nil
}
