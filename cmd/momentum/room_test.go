package main

import (
	"strings"
	"testing"
	"testing/fstest"

	"momentum/internal/config"
)

func TestCheckNamesTheLowestLimit(t *testing.T) {
	host := func(kilobytes string) fstest.MapFS {
		return fstest.MapFS{"proc/meminfo": &fstest.MapFile{Data: []byte("MemTotal: " + kilobytes + " kB\n")}}
	}
	for name, tt := range map[string]struct {
		max, descriptors int
		host             fstest.MapFS
		what             string
		connections      int
	}{
		"descriptors":      {0, 1096, host("8000000"), "the descriptor limit of 1096", 986},
		"too few of them":  {5000, 1096, host("8000000"), "the descriptor limit of 1096", 986},
		"none left":        {0, 50, host("8000000"), "the descriptor limit of 50", 0},
		"the setting":      {100, 1096, host("8000000"), "WS_MAX_CONNECTIONS (--max-connections)", 100},
		"memory":           {0, 1 << 20, host("614400"), "memory: 600 MiB for idle connections of 6 KiB", 102400},
		"what one counts":  {0, 1 << 30, fstest.MapFS{}, "the most that one node can count", config.HighestConnections},
		"nothing is known": {0, 1096, fstest.MapFS{}, "the descriptor limit of 1096", 986},
	} {
		c := free(t)
		c.MaxConnections, c.Reactors = tt.max, 1
		if first := limitsOf(c, tt.descriptors, tt.host)[0]; first.What != tt.what || first.Connections != tt.connections || first.Advice == "" {
			t.Errorf("%s: %+v", name, first)
		}
	}
	c := free(t)
	c.MaxConnections = config.HighestConnections
	out, err := checked(t, c)
	if err != nil || !strings.Contains(out, "warning: ") || !strings.Contains(out, "leaves room for") {
		t.Errorf("error %v in\n%s", err, out)
	}
}

// TestTheMemoryLimitIsThatOfTheExaminedProcess: the doctor's own is another.
func TestTheMemoryLimitIsThatOfTheExaminedProcess(t *testing.T) {
	files := fstest.MapFS{"proc/77/environ": &fstest.MapFile{Data: []byte("GOMEMLIMIT=512MiB\x00")}}
	if n := nodeFacts(free(t), "77", files); n.GoMemory != 512<<20 || n.GoMemoryHidden {
		t.Errorf("%d bytes, hidden %v", n.GoMemory, n.GoMemoryHidden)
	}
	if n := nodeFacts(free(t), "78", files); n.GoMemory != 0 || !n.GoMemoryHidden {
		t.Errorf("of an environment that cannot be read: %d bytes, hidden %v", n.GoMemory, n.GoMemoryHidden)
	}
}
