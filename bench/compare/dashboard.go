package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"momentum/bench/figures"
)

// dashboard measures a storm with the dashboard open, as make bench-dashboard does. It compares it with the same storm with the
// dashboard closed, and that with another one, which shows how much the figures vary by themselves. One server does all three by turns.
func dashboard(ctx context.Context, rounds int) error {
	j := job{Name: fmt.Sprintf("Handshake storm of %d with the dashboard", maxConnections), Kind: kindDashboard, Connections: maxConnections}
	p := plan{jobs: []job{j}, rounds: rounds}
	if err := errors.Join(p.choose(nil, []string{product}), p.checkFiles()); err != nil {
		return err
	}
	admin, err := freeAddr()
	if err != nil {
		return err
	}
	s := p.servers[0]
	s.command = slices.Concat(s.command, []string{"--admin-addr", admin.String()})
	open := &side{name: "open", server: s, admin: admin}
	found, err := p.alternateOne(ctx, j, open, &side{name: "closed", beside: open}, &side{name: "closed again", beside: open})
	if err != nil {
		return err
	}
	r := record{Rounds: rounds, Measurements: found}
	fmt.Print(r.paired(j, "open", "closed"), r.paired(j, "closed again", "closed"))
	return nil
}

// paired says how much CPU the server used on one side relative to another in the same round.
func (r *record) paired(j job, name, other string) string {
	var ratios []float64
	for round := 1; round <= r.Rounds; round++ {
		one, _, _ := r.round(round, name, j.Name, cpu)
		two, _, _ := r.round(round, other, j.Name, cpu)
		if one > 0 && two > 0 {
			ratios = append(ratios, one/two)
		}
	}
	if len(ratios) == 0 {
		return ""
	}
	slices.Sort(ratios)
	n := len(ratios)
	return fmt.Sprintf("%.3f × %s: %s, CPU µs; half of %d rounds from %.3f to %.3f, all from %.3f to %.3f\n",
		figures.Median(ratios), other, name, n, ratios[n/4], ratios[n-1-n/4], ratios[0], ratios[n-1])
}

// watched opens a job's connections and closes them, with the dashboard open if the side has an admin port. It measures whole seconds: a
// view comes each second, so every window with the dashboard open has its share of views.
func (s *side) watched(j job) (m measurement, err error) {
	if s.admin.IsValid() {
		v, err := openViewer(s.admin)
		if err != nil {
			return m, err
		}
		defer v.close()
	}
	f, err := newFleet(s.process.addr, s.process.dialect)
	if err != nil {
		return m, err
	}
	defer f.close()
	t := newTally()
	return s.process.window(t, func() error {
		begun := time.Now()
		if err := f.connect(j.Connections, t.add); err != nil {
			return err
		}
		whole := time.Since(begun).Truncate(time.Second) + time.Second
		return f.run(listening{}, begun.Add(whole))
	})
}

// viewer reads the stream of views, as the dashboard does.
type viewer struct {
	body  io.Closer
	ended chan struct{}
}

// openViewer asks the admin port for the stream, and returns when the first view has come: the history before it is not measured.
func openViewer(admin netip.AddrPort) (*viewer, error) {
	request, err := http.NewRequest(http.MethodGet, "http://"+admin.String()+"/ws/stream", nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+adminToken)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		answer.Body.Close()
		return nil, fmt.Errorf("the stream of views was refused: %s", answer.Status)
	}
	v := &viewer{answer.Body, make(chan struct{})}
	first := make(chan struct{})
	go v.read(answer.Body, first)
	select {
	case <-first:
		return v, nil
	case <-v.ended:
	case <-time.After(stallTimeout):
	}
	v.close()
	return nil, errors.New("the stream has no view")
}

// read reads until the stream ends, and closes first after the first view.
func (v *viewer) read(from io.Reader, first chan<- struct{}) {
	defer close(v.ended)
	in, seen := bufio.NewReader(from), false
	for {
		line, err := in.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) { // a long line comes in parts
			return
		}
		if !seen && bytes.Equal(line, []byte("event: view\n")) {
			seen = true
			close(first)
		}
	}
}

func (v *viewer) close() {
	_ = v.body.Close() // only read
	<-v.ended
}
