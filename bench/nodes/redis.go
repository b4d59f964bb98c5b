package nodes

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// patience bounds every wait for a program.
const patience = 20 * time.Second

// Redis is a Redis server that keeps nothing on the disk.
type Redis struct {
	*Process
	Addr    netip.AddrPort
	command Command
}

// StartRedis starts a Redis server and returns when it answers. The directives are those of its command line.
func (g *Group) StartRedis(core int, directives ...string) (*Redis, error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, errors.New("this needs redis-server: \"make needs\" or \"apt-get install redis-server\" brings it (the host's own service need not run)")
	}
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	args := []string{path, "--bind", "127.0.0.1", "--port", strconv.Itoa(int(addr.Port())), "--save", "", "--appendonly", "no", "--dir", g.dir, "--loglevel", "warning"}
	r := &Redis{Addr: addr, command: Command{Args: append(args, directives...), Core: core}}
	return r, r.start(g)
}

// Restart starts the server again, after its end, at the same address and with the files of its directory. Further directives replace
// earlier ones.
func (r *Redis) Restart(g *Group, directives ...string) error {
	r.command.Args = append(r.command.Args, directives...)
	return r.start(g)
}

func (r *Redis) start(g *Group) (err error) {
	if r.Process, err = g.Start(r.command); err != nil {
		return err
	}
	return r.await(func() bool {
		info, err := r.Info()
		return err == nil && info["loading"] == "0"
	})
}

// URL returns its address as REDIS_URL has it.
func (r *Redis) URL() string { return "redis://" + r.Addr.String() + "/0" }

// Info returns all figures of INFO.
func (r *Redis) Info() (map[string]string, error) {
	conn, err := net.DialTimeout("tcp", r.Addr.String(), patience)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	if _, err = io.WriteString(conn, "INFO everything\r\n"); err != nil {
		return nil, err
	}
	in := bufio.NewReader(conn)
	head, err := in.ReadString('\n')
	if err != nil {
		return nil, err
	}
	size, err := strconv.Atoi(strings.Trim(head, "$\r\n"))
	if err != nil {
		return nil, fmt.Errorf("no INFO, but %q", head)
	}
	text := make([]byte, size)
	_, err = io.ReadFull(in, text)
	return fields(string(text)), err
}

// fields reads lines of "name:value".
func fields(text string) map[string]string {
	found := make(map[string]string)
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), ":"); ok {
			found[name] = value
		}
	}
	return found
}

// Number returns a whole number of INFO; 0 if there is none.
func (r *Redis) Number(name string) int64 {
	info, err := r.Info()
	if err != nil {
		return 0
	}
	n, _ := strconv.ParseInt(info[name], 10, 64)
	return n
}

// Calls returns how often commands were executed, those of scripts too.
func (r *Redis) Calls(commands ...string) (sum int64) {
	info, err := r.Info()
	if err != nil {
		return 0
	}
	for _, name := range commands {
		_, calls, _ := strings.Cut(info["cmdstat_"+name], "calls=")
		calls, _, _ = strings.Cut(calls, ",")
		n, _ := strconv.ParseInt(calls, 10, 64)
		sum += n
	}
	return sum
}
