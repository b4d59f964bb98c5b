package commandline

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

type flags struct {
	Count  int  `default:"010"`
	Repeat *int `help:"How often."`
}

func TestNumbersAreDecimal(t *testing.T) {
	for args, want := range map[string]int{"": 10, "--count 0100": 100, "--count=-007": -7, "--count 8": 8, "--count 09": 9} {
		var f flags
		if err := Parse(&f, "tool", "A tool.", strings.Fields(args), nil, nil); err != nil || f.Count != want {
			t.Errorf("%q is %d, want %d: %v", args, f.Count, want, err)
		}
	}
	var f flags
	if err := Parse(&f, "tool", "A tool.", []string{"--repeat", "010"}, nil, nil); err != nil || *f.Repeat != 10 {
		t.Errorf("--repeat 010 is %v: %v", f.Repeat, err)
	}
	for _, text := range []string{"0x10", "1_000", "0b1", "0o7", "1e3", "many", ""} {
		if err := Parse(&f, "tool", "A tool.", []string{"--count=" + text}, nil, nil); err == nil || !strings.Contains(err.Error(), "is not a whole number") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestHelpIsPrintedAndNothingElseIsDone(t *testing.T) {
	var out bytes.Buffer
	err := Parse(&flags{}, "tool", "A tool.", []string{"--help", "--count", "7"}, &out, nil)
	if !errors.Is(err, ErrHelp) || !strings.Contains(out.String(), "A tool.") || !strings.Contains(out.String(), "--repeat") {
		t.Errorf("%v, %s", err, out.String())
	}
}
