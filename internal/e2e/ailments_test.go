package e2e

import (
	"bytes"
	"encoding/base64"
	"io"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"momentum/internal/redistest"
)

// ailments are the faults of the table in docs/OPERATIONS.md.
var ailments = map[string]ailment{
	"slow": {
		begin: func(_ *testing.T, s *sick) {
			s.network(func(p *redistest.Proxy) { p.Delay(redistest.ToClient, 600*time.Millisecond) })
		},
		end: func(_ *testing.T, s *sick) { s.network(func(p *redistest.Proxy) { p.Pass(redistest.ToClient) }) },
	},
	"away": {
		directives: []string{"appendonly yes"},
		begin:      func(t *testing.T, s *sick) { s.redis.Stop(t, redistest.NoSave) },
		end:        func(t *testing.T, s *sick) { s.redis.Restart(t) },
	},
	"killed": {
		directives: []string{"appendonly yes"},
		begin:      func(t *testing.T, s *sick) { s.redis.Kill(t) },
		end:        func(t *testing.T, s *sick) { s.redis.Restart(t) },
	},
	"emptied": {
		lossy: true,
		begin: func(t *testing.T, s *sick) { s.redis.Kill(t) },
		end:   func(t *testing.T, s *sick) { s.redis.RestartEmpty(t) },
	},
	"stopped": {
		begin: func(t *testing.T, s *sick) { s.redis.Pause(t) },
		end: func(t *testing.T, s *sick) {
			<-time.After(4 * time.Second) // 8 s, with the 4 s in which the nodes have noticed it
			s.redis.Resume(t)
		},
	},
	"failed over": {
		lossy:   true,
		replica: true,
		begin: func(t *testing.T, s *sick) {
			s.replica.Promote(t)
			s.converses() // the replica lacks it
			s.network(func(p *redistest.Proxy) { p.Retarget(s.replica.Addr()) })
			s.redis.Kill(t)
		},
	},
	"demoted": {
		replica: true,
		begin: func(t *testing.T, s *sick) {
			s.replica.Promote(t)
			s.redis.Follow(t, s.replica)
		},
		end: func(t *testing.T, s *sick) { s.redis.Promote(t) },
	},
	"deaf": {
		begin: func(_ *testing.T, s *sick) { s.network(func(p *redistest.Proxy) { p.Drop(redistest.ToClient) }) },
		end:   func(_ *testing.T, s *sick) { s.network(func(p *redistest.Proxy) { p.Pass(redistest.ToClient) }) },
	},
	"deaf subscription": {
		begin: func(_ *testing.T, s *sick) { s.network((*redistest.Proxy).Deafen) },
		end:   func(_ *testing.T, s *sick) { s.network(func(p *redistest.Proxy) { p.Pass(redistest.ToClient) }) },
	},
	"mute": {
		begin: func(_ *testing.T, s *sick) { s.network(func(p *redistest.Proxy) { p.Drop(redistest.ToServer) }) },
		end:   func(_ *testing.T, s *sick) { s.network(func(p *redistest.Proxy) { p.Pass(redistest.ToServer) }) },
	},
	"half open": {
		begin: func(_ *testing.T, s *sick) { s.proxies[0].HalfOpen(redistest.ToServer) },
	},
	"full": {
		begin: func(t *testing.T, s *sick) { s.redis.Do(t, "CONFIG", "SET", "maxmemory", "1") },
		end:   func(t *testing.T, s *sick) { s.redis.Do(t, "CONFIG", "SET", "maxmemory", "0") },
	},
	"evicting": {directives: []string{"maxmemory 100mb", "maxmemory-policy allkeys-lru"}},
	"password": {
		directives: []string{"requirepass the-right-one"},
		wrong:      true,
		url:        func(_ *testing.T, s *sick) string { return "redis://:another-one@" + s.redis.Addr() },
		end:        func(t *testing.T, s *sick) { s.redis.Do(t, "ACL", "SETUSER", "default", ">another-one") },
	},
	"old": {
		wrong: true,
		url: func(t *testing.T, s *sick) string {
			if s.aged == nil {
				s.aged = newAged(t, s.redis.Addr())
			}
			return "redis://" + s.aged.Addr().String()
		},
		end: func(_ *testing.T, s *sick) { s.aged.over.Store(true) },
	},
	"cut": {
		begin: func(t *testing.T, s *sick) {
			// The first 16 KiB of an answer are in a buffer that does not count.
			s.redis.Do(t, "CONFIG", "SET", "client-output-buffer-limit", "pubsub 20kb 0 0")
			s.a.publish(t, "", incompressible(60_000), "large")
			s.bob.hears("large")
			s.carol.hears("large")
		},
	},
}

// incompressible returns a text of some length that stays nearly as long on the bus.
func incompressible(length int) string {
	bytes := make([]byte, length)
	_, _ = rand.NewChaCha8([32]byte{}).Read(bytes)
	return base64.StdEncoding.EncodeToString(bytes)[:length]
}

// aged passes connections on to a Redis, which it makes look older until that is over.
type aged struct {
	net.Listener
	over atomic.Bool
}

func newAged(t *testing.T, target string) *aged {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	a := &aged{Listener: l}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go a.pass(c, target)
		}
	}()
	return a
}

func (a *aged) pass(client net.Conn, target string) {
	defer client.Close()
	server, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		_, _ = io.Copy(server, client)
		server.Close()
	}()
	buffer := make([]byte, 64<<10)
	for {
		n, err := server.Read(buffer)
		if err != nil {
			return
		}
		text := buffer[:n]
		if !a.over.Load() {
			text = bytes.ReplaceAll(text, []byte("redis_version:7."), []byte("redis_version:6."))
		}
		if _, err := client.Write(text); err != nil {
			return
		}
	}
}
