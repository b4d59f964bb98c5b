package redis

import (
	"slices"
	"strings"
	"testing"

	"momentum/internal/redistest"
)

func TestAnInspectionNamesTheRightsThatAUserLacks(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	for _, right := range strings.Fields(rights) {
		switch right {
		case "-@all", "+hello", "+auth", "+select", "+client|setname", "+info":
			continue // without these, no command can be tried
		}
		fewer := slices.DeleteFunc(strings.Fields(rights), func(r string) bool { return r == right })
		s.Do(t, append([]string{"ACL", "SETUSER", "bus", "reset", "on", ">secret"}, fewer...)...)
		_, err := Inspect(s.UserURL("bus", "secret"), "mo")
		if err == nil || !strings.HasSuffix(err.Error(), "ACL SETUSER … "+right) {
			t.Errorf("without %s: %v", right, err)
		}
	}
}

func TestAnInspectionLeavesNothing(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, "user bus on >secret "+rights, "maxmemory-policy allkeys-lru")
	found, err := Inspect(s.UserURL("bus", "secret"), "mo")
	if err != nil || !strings.HasPrefix(found.Version, "7.") || len(found.Warnings) != 1 || !strings.Contains(found.Warnings[0], "allkeys-lru") {
		t.Errorf("%+v, %v", found, err)
	}
	if keys, _ := s.Do(t, "KEYS", "*").([]any); len(keys) > 0 {
		t.Errorf("it leaves %q", keys)
	}
}

func TestAnInspectionFollowsTheURL(t *testing.T) {
	t.Parallel()
	c, s := redistest.Cluster(t), redistest.Sentinel(t)
	for _, url := range []string{
		"redis://" + strings.Join(c.Addrs(), ","),
		"redis://" + strings.Join(s.Addrs(), ",") + "?sentinel=momentum",
	} {
		if _, err := Inspect(url, "mo"); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
	for url, why := range map[string]string{
		"redis://" + s.Replica.Addr(): "is a replica",
		"http://x":                    "must begin with redis://",
		"redis://127.0.0.1:1":         "refused",
		s.Primary.UserURL("x", "y"):   "WRONGPASS",
	} {
		if _, err := Inspect(url, "mo"); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", url, err)
		}
	}
}
