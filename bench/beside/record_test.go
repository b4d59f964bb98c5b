package main

import (
	"os"
	"strings"
	"testing"
	"time"
)

func TestTheTableHasTheServersBesideEachOther(t *testing.T) {
	r := newRecord(&size{rounds: 3})
	for i, one := range servers[:2] {
		for _, v := range []float64{3, 1, 2.5} {
			r.add("time", "ms", one, float64(1+9*i)*v)
		}
	}
	r.add("back", "", servers[2], 15_000)
	r.note("told", servers[1], "nothing")
	r.share("share", servers[0], time.Millisecond, 2)
	r.share("share", servers[2], 1500*time.Millisecond, 0)
	want := strings.Join([]string{
		"| | Momentum | centrifuge | Socket.IO |", "| --- | ---: | ---: | ---: |", "| time | 2.50 ms (1, 3) | 25 ms (10, 30) |  |",
		"| back |  |  | 15000 |", "| told |  | nothing |  |",
		"| share | 500 µs |  | none, but 1.5 s of CPU |", "",
	}, "\n")
	if got := r.table(); got != want {
		t.Errorf("%s\nnot\n%s", got, want)
	}
}

func TestARecordIsSaved(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := newRecord(&size{}).save(); err != nil {
		t.Fatal(err)
	}
	if files, err := os.ReadDir(results); len(files) != 1 {
		t.Errorf("%d files, %v", len(files), err)
	}
}
