package flagvalue

import (
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

type flags struct {
	Number int
	Small  int8
	Count  uint
	Maybe  *int
	Text   string
	List   []string
	Rules  []string `sep:";"`
	On     bool
}

func parse(t *testing.T, args ...string) (*flags, error) {
	t.Helper()
	var f flags
	parser, err := New(&f, kong.Writers(io.Discard, io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(args)
	return &f, err
}

func TestWholeNumbersAreDecimal(t *testing.T) {
	for text, want := range map[string]int{"0100": 100, "08": 8, "0": 0, "00": 0, "-07": -7, "-1": -1, "+5": 5, "127": 127} {
		f, err := parse(t, "--number", text, "--small="+text, "--maybe", text)
		if err != nil || f.Number != want || f.Small != int8(want) || *f.Maybe != want {
			t.Errorf("%q: %d, %d, %v", text, f.Number, f.Small, err)
		}
	}
	if f, err := parse(t, "--count=0100"); err != nil || f.Count != 100 {
		t.Errorf("an unsigned 0100 is %d, %v", f.Count, err)
	}
}

func TestTextIsTakenAsItIs(t *testing.T) {
	for _, text := range []string{"a\xff\xfeb", " a ", "a,b", ""} {
		if f, err := parse(t, "--text="+text); err != nil || f.Text != text {
			t.Errorf("%q was read as %q, %v", text, f.Text, err)
		}
	}
}

func TestListsMayHaveBlanksAndGrow(t *testing.T) {
	f, err := parse(t, "--list", "a, b ,c", "--list=d\\,e", "--rules", "x<1; y,z")
	if err != nil || !slices.Equal(f.List, []string{"a", "b", "c", "d,e"}) || !slices.Equal(f.Rules, []string{"x<1", "y,z"}) {
		t.Errorf("%q %q %v", f.List, f.Rules, err)
	}
}

func TestErrorsSayWhatToWrite(t *testing.T) {
	for args, want := range map[string]string{
		"--number=0x10":                "--number: \"0x10\" is not a whole number: write decimal digits, such as 100",
		"--number=1_000":               "decimal digits",
		"--number=1e3":                 "decimal digits",
		"--number=":                    "\"\" is not a whole number",
		"--number=http":                "decimal digits",
		"--number=9223372036854775808": "is out of range",
		"--small=128":                  "is out of range",
		"--count=-1":                   "is not a whole number",
		"--number":                     "--number: no value follows: write --number=VALUE",
		"--text":                       "--text: no value follows: write --text=VALUE",
		"--list":                       "--list: no value follows: write --list=VALUE",
		"--text --on":                  "--text: no value follows, but --on: write --text=--on if that is the value",
		"--number --on":                "no value follows, but --on",
		"--list --on":                  "no value follows, but --on",
		"--text -x":                    "write --text=-x if that is the value",
	} {
		if _, err := parse(t, strings.Fields(args)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", args, err)
		}
	}
}
