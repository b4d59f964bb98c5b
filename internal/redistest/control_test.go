package redistest

import (
	"testing"
	"time"
)

func TestDataComesBackAsItWasSaved(t *testing.T) {
	for _, tt := range []struct {
		name     string
		settings []string
		end      func(*Server)
		restart  func(*Server)
		want     any
	}{
		{"shutdown with a snapshot", nil, func(s *Server) { s.Stop(t, Save) }, func(s *Server) { s.Restart(t) }, "kept"},
		{"shutdown without a snapshot", nil, func(s *Server) { s.Stop(t, NoSave) }, func(s *Server) { s.Restart(t) }, nil},
		{"crash", nil, func(s *Server) { s.Kill(t) }, func(s *Server) { s.Restart(t) }, nil},
		{"crash with an append-only file", []string{"appendonly yes"}, func(s *Server) { s.Kill(t) }, func(s *Server) { s.Restart(t) }, "kept"},
		{"snapshot deleted", nil, func(s *Server) { s.Stop(t, Save) }, func(s *Server) { s.RestartEmpty(t) }, nil},
		{"append-only file deleted", []string{"appendonly yes"}, func(s *Server) { s.Kill(t) }, func(s *Server) { s.RestartEmpty(t) }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := Start(t, tt.settings...)
			address := s.Addr()
			s.Do(t, "SET", "key", "kept")
			tt.end(s)
			if _, err := s.Try("PING"); err == nil {
				t.Error("a server that has ended answers")
			}
			tt.restart(s)
			if got := s.Do(t, "GET", "key"); got != tt.want || s.Addr() != address {
				t.Errorf("%v at %s, not %v at %s", got, s.Addr(), tt.want, address)
			}
		})
	}
}

func TestAPausedServerAnswersAfterThePause(t *testing.T) {
	s := Start(t)
	conn, err := Dial(s.URL(), nil)
	must(t, err)
	defer conn.Close()
	s.Pause(t)
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		t.Fatal("a paused server breaks a connection:", err)
	}
	if got, err := conn.Receive(100 * time.Millisecond); err == nil {
		t.Fatalf("a paused server answers %v", got)
	}
	second, err := Dial(s.URL(), nil) // the kernel accepts it
	must(t, err)
	defer second.Close()
	s.Resume(t)
	if got, err := conn.Receive(patience); got != "PONG" {
		t.Error("after the pause:", got, err)
	}
	if got, err := second.Do("PING"); got != "PONG" {
		t.Error("a connection made during the pause:", got, err)
	}
}

func TestAPausedServerCanBeKilled(t *testing.T) {
	s := Start(t)
	s.Pause(t)
	s.Kill(t)
	s.Restart(t)
	s.Do(t, "PING")
}

func TestFiguresOfAServerGrowWithItsWork(t *testing.T) {
	s := Start(t)
	cpu, memory := s.CPU(t), s.UsedMemory(t)
	s.Do(t, "EVAL", "for i = 1, 20000 do redis.call('RPUSH', 'list', string.rep('x', 100)) end", "0")
	if used := s.CPU(t) - cpu; used < time.Millisecond || used > patience {
		t.Errorf("20,000 calls have taken %v", used)
	}
	if used := s.UsedMemory(t) - memory; used < 2_000_000 || used > 20_000_000 {
		t.Errorf("2 MB of data take %d bytes", used)
	}
}

func TestFieldsOfInfoAreRead(t *testing.T) {
	got := fields("# Clients\r\nname:a:b\r\nempty:\r\n\r\n")
	if len(got) != 2 || got["name"] != "a:b" || got["empty"] != "" {
		t.Errorf("%q", got)
	}
}
