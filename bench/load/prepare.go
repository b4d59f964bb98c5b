package load

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"

	"momentum/bench/proc"
)

// reachTimeout bounds the check before a run.
const reachTimeout = 5 * time.Second

// Prepared is shared by the runs of a plan and should not be measured: the address and the tokens.
type Prepared struct {
	target  *target
	sources []netip.Addr
	users   *users
}

// Prepare checks the limits of the host, finds the server's address, and signs a token for each connection. Its errors
// say how to change the command line or the host.
func Prepare(ctx context.Context, p *Plan) (*Prepared, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if p.ServerPID > 0 {
		if _, err := proc.CPU(p.ServerPID); err != nil {
			return nil, fmt.Errorf("--server-pid: %w", err)
		}
	}
	if err := openFiles(p.Connections); err != nil {
		return nil, err
	}
	to, err := resolve(ctx, p.URL)
	if err != nil {
		return nil, err
	}
	from, err := sources(p.Sources, to.addr.Addr(), p.Connections, ephemeralPorts())
	if err != nil {
		return nil, err
	}
	if err := checkSources(from); err != nil {
		return nil, err
	}
	crew, err := signTokens(p, time.Now())
	if err != nil {
		return nil, err
	}
	return &Prepared{to, from, crew}, nil
}

// CheckReachable connects to the server once from each source address.
func (p *Prepared) CheckReachable(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, reachTimeout)
	defer cancel()
	if len(p.sources) == 0 {
		return p.connectFrom(ctx, &net.Dialer{})
	}
	for _, from := range p.sources {
		if err := p.connectFrom(ctx, &net.Dialer{LocalAddr: &net.TCPAddr{IP: from.AsSlice()}}); err != nil {
			return err
		}
	}
	return nil
}

func (p *Prepared) connectFrom(ctx context.Context, dialer *net.Dialer) error {
	conn, err := dialer.DialContext(ctx, "tcp", p.target.addr.String())
	if err != nil {
		return fmt.Errorf("Failed to connect: %w", err)
	}
	return conn.Close()
}

// Sources is the number of addresses that the connections come from.
func (p *Prepared) Sources() int { return max(1, len(p.sources)) }
