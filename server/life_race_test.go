package server

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/server/directory"
)

// register is a directory that answers from its own goroutines and has no cache.
type register struct {
	mu  sync.Mutex
	out map[uuid.UUID]bool
}

func (r *register) Recall(uuid.UUID) (u directory.User, fresh bool) { return u, false }

func (r *register) Ask(id uuid.UUID, _ time.Time, to directory.Asker) {
	go func() { to.Answer(directory.User{ID: id, Username: "somebody", Standing: r.standing(id)}, nil) }()
}

func (r *register) standing(id uuid.UUID) directory.Standing {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.out[id] {
		return directory.Inactive
	}
	return directory.Active
}

func (r *register) set(id uuid.UUID, out bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.out[id] = out
}

// TestDeactivateAgainstAStorm has users connect again and again, on real sockets, while they are deactivated one by
// one: after its Deactivate no user has a connection.
func TestDeactivateAgainstAStorm(t *testing.T) {
	const users, each, attempts = 40, 4, 30
	r := &register{out: map[uuid.UUID]bool{}}
	o := realOptions()
	o.Directory = r
	n := startReal(t, o)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var storm, going sync.WaitGroup
	for i := range users {
		name := fmt.Sprint("user", i)
		request := upgradeRequest(realToken(t, name))
		out := make(chan struct{})
		for range each {
			storm.Go(func() {
				for range attempts {
					select {
					case <-out:
						return
					default:
					}
					if w, err := joinWith(n.addr, request); err == nil {
						defer w.Close()
					}
				}
			})
		}
		going.Go(func() {
			id := userID(name)
			for len(n.hub.Connections(id, nil)) == 0 && ctx.Err() == nil { // until the storm has begun
				runtime.Gosched()
			}
			r.set(id, true)
			_ = n.Deactivate(ctx, id)
			close(out)
		})
	}
	going.Wait()
	storm.Wait()
	for i := range users {
		if left := n.hub.Connections(userID(fmt.Sprint("user", i)), nil); len(left) > 0 {
			t.Errorf("user %d is out, and has %d connections", i, len(left))
		}
	}
}
