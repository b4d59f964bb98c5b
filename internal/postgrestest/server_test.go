package postgrestest

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func TestMain(m *testing.M) { os.Exit(Run(m)) }

func TestServerStopsPausesAndStartsAgain(t *testing.T) {
	s := Start(t)
	url := s.Database(t)
	Exec(t, url, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)")
	s.Stop(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, err := pgx.Connect(ctx, url); err == nil {
		t.Fatal("a server that was stopped takes connections")
	}
	s.Restart(t)
	if n := Number(t, url, "SELECT n FROM kept"); n != 42 {
		t.Errorf("%d behind a restart", n)
	}
	s.Pause(t)
	short, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := pgx.Connect(short, url); err == nil {
		t.Error("a server that stands still answers")
	}
	s.Resume(t)
	if n := Number(t, url, "SELECT n FROM kept"); n != 42 {
		t.Errorf("%d behind a pause", n)
	}
}

func TestEachTestHasItsOwnDatabase(t *testing.T) {
	Exec(t, Database(t), "CREATE TABLE mine ()")
	Exec(t, Database(t), "CREATE TABLE mine ()")
}
