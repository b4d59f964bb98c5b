package nodes

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"sync/atomic"
	"time"
)

// Secret signs the tokens of nodes that only this machine can reach.
const Secret = "a secret of 32 bytes for benchmarks"

// Node is a momentum serve with one reactor.
type Node struct {
	*Process
	Addr  netip.AddrPort
	Admin netip.AddrPort
}

// NodeOptions say how a node is started.
type NodeOptions struct {
	Binary string
	Redis  *Redis // nil: the node is alone
	Core   int
	Flags  []string // further ones
	Env    []string
}

// StartNode starts a node. It is ready after AwaitReady.
func (g *Group) StartNode(o NodeOptions) (*Node, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	admin, err := freeAddr()
	if err != nil {
		return nil, err
	}
	args := []string{o.Binary, "serve", "--addr", addr.String(), "--reactors", "1", "--admin-addr", admin.String(), "--rate-limit", "0", "--log-level", "error"}
	env := append([]string{"JWT_SECRET=" + Secret, "TOPICS_DEFAULT=all"}, o.Env...)
	if o.Redis != nil {
		env = append(env, "REDIS_URL="+o.Redis.URL())
	}
	p, err := g.Start(Command{Args: append(args, o.Flags...), Env: env, Core: o.Core})
	if err != nil {
		return nil, err
	}
	n := &Node{p, addr, admin}
	g.Nodes = append(g.Nodes, n)
	return n, nil
}

// Here stands for the node's address in the arguments of StartOther.
const Here = "{addr}"

// StartOther starts another server as a node. It is ready after AwaitReady.
func (g *Group) StartOther(c Command) (*Node, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	c.Args = slices.Clone(c.Args)
	for i, arg := range c.Args {
		if arg == Here {
			c.Args[i] = addr.String()
		}
	}
	p, err := g.Start(c)
	if err != nil {
		return nil, err
	}
	n := &Node{Process: p, Addr: addr}
	g.Nodes = append(g.Nodes, n)
	return n, nil
}

// AwaitReady waits until a node says that it is ready.
func (n *Node) AwaitReady() error {
	client := &http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	return n.await(func() bool {
		answer, err := client.Get("http://" + n.Addr.String() + "/readyz")
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
}

// await asks until the answer is yes.
func (p *Process) await(ready func() bool) error {
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if ready() {
			return nil
		}
		select {
		case <-again.C:
		case <-p.Ended:
			return fmt.Errorf("%s ended: %s", p.cmd.Path, p.Said())
		}
	}
	return fmt.Errorf("%s is not ready after %v: %s", p.cmd.Path, patience, p.Said())
}

// Ports are chosen from this range, below the one from which Linux takes the ports of outgoing connections.
const firstPort, lastPort = 20_000, 32_000

var asked atomic.Int64

// freeAddr returns an address of 127.0.0.1 that nothing uses. Programs that run at once begin at different ports.
func freeAddr() (netip.AddrPort, error) {
	const step = 127
	for range lastPort - firstPort {
		port := firstPort + (os.Getpid()*step+int(asked.Add(1)))%(lastPort-firstPort)
		l, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
		if err == nil {
			return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(port)), l.Close()
		}
	}
	return netip.AddrPort{}, errors.New("no port of 127.0.0.1 is free")
}
