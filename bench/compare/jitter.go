package main

import (
	"context"

	"momentum/bench/jitter"
)

// jitter sends messages to clients that are cut off again and again.
func (p *process) jitter(ctx context.Context, j job) (measurement, error) {
	o := jitter.Usual(p.addr.String(), j.Connections, jitterLength)
	o.User = func(client int) string { return userID(client).String() }
	o.Welcomes = p.dialect == &productDialect
	o.Request = p.dialect.resume
	delivered := newTally()
	var f jitter.Figures
	m, err := p.window(delivered, func() (err error) {
		f, err = jitter.Run(ctx, o)
		delivered.count = int64(f.Delivered)
		return err
	})
	m.Jitter = &deliveries{f}
	return m, err
}
