package redis

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"momentum/internal/redistest"
)

// rights returns the rights that docs/adr/0024-bus.md lists.
func rights(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../../docs/adr/0024-bus.md")
	_, list, _ := strings.Cut(string(text), "**Rights** of the user in Redis: `")
	list, _, ok := strings.Cut(list, "`")
	if err != nil || !ok {
		t.Fatal("the page lists no rights: ", err)
	}
	return strings.Join(strings.Fields(list), " ")
}

// TestEachRightIsThatOfACommand compares the rights with the commands in scripts and those of the bus itself.
func TestEachRightIsThatOfACommand(t *testing.T) {
	needed := strings.Fields("~mo:* &mo:* +ping +info +script|load +evalsha +eval +spublish +ssubscribe +sunsubscribe")
	for _, s := range scripts {
		for _, call := range regexp.MustCompile(`call\('(\w+)'(?:, '([A-Z]+)')?`).FindAllStringSubmatch(s.text, -1) {
			right := "+" + strings.ToLower(call[1])
			if call[1] == "PUBSUB" || call[1] == "MEMORY" {
				right += "|" + strings.ToLower(call[2])
			}
			needed = append(needed, right)
		}
	}
	slices.Sort(needed)
	listed := slices.Sorted(slices.Values(strings.Fields(rights(t))))
	if needed = slices.Compact(needed); !slices.Equal(listed, needed) {
		t.Errorf("docs/adr/0024-bus.md lists the rights\n%q\nand needed are\n%q", listed, needed)
	}
}

func TestAnInspectionNamesTheRightsThatAUserLacks(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	all := strings.Fields(rights(t))
	for _, right := range all {
		if right == "+info" {
			continue // without it, no command can be tried
		}
		fewer := slices.DeleteFunc(slices.Clone(all), func(r string) bool { return r == right })
		s.Do(t, append([]string{"ACL", "SETUSER", "bus", "reset", "on", ">secret"}, fewer...)...)
		_, err := Inspect(s.UserURL("bus", "secret"), "mo")
		if err == nil || !strings.HasSuffix(err.Error(), "ACL SETUSER … "+right) {
			t.Errorf("without %s: %v", right, err)
		}
	}
}

func TestAnInspectionLeavesNothing(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, "user bus on >secret "+rights(t), "maxmemory-policy allkeys-lru")
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
	allow := func(rights string, servers ...*redistest.Server) {
		for _, one := range servers {
			one.Do(t, strings.Fields("ACL SETUSER bus on >secret "+rights)...)
		}
	}
	allow(rights(t)+" +cluster|slots", c.Nodes...)
	allow(rights(t)+" +select", s.Primary)
	allow("+sentinel|get-master-addr-by-name", s.Nodes...)
	for _, url := range []string{
		"redis://bus:secret@" + strings.Join(c.Addrs(), ","),
		"redis://bus:secret@" + strings.Join(s.Addrs(), ",") + "/3?sentinel=momentum",
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
