package commandline

import (
	"fmt"
	"strings"
)

// fish returns the script for fish.
func (t *table) fish() string {
	var s strings.Builder
	fmt.Fprintf(&s, `# Completion of %[1]s for fish. For every shell: %[1]s completion fish > ~/.config/fish/completions/%[1]s.fish
# For this one: %[1]s completion fish | source
function __%[1]s_at
    set -l path ''
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
            continue
        end
        if contains -- $word %[2]s
            set skip 1
        else if contains -- "$path/$word" %[3]s
            set path "$path/$word"
        end
    end
    test "$path" = "$argv[1]"
end
complete -c %[1]s -f
`, t.program, strings.Join(t.takers(), " "), strings.Join(t.paths(), " "))
	for _, p := range t.places {
		at := fmt.Sprintf("complete -c %[1]s -n '__%[1]s_at \"%[2]s\"'", t.program, p.path)
		for _, w := range p.words {
			fmt.Fprintf(&s, "%s -a %s -d %s\n", at, w.name, fishQuote(w.help))
		}
		for _, f := range p.flags {
			fmt.Fprintf(&s, "%s -l %s -d %s%s\n", at, strings.TrimPrefix(f.name, "--"), fishQuote(f.help), f.fishValues())
		}
	}
	return s.String()
}

func (f *flag) fishValues() string {
	switch {
	case f.file:
		return " -r -F"
	case len(f.values) > 0:
		return " -x -a " + fishQuote(strings.Join(f.values, " "))
	case f.takes:
		return " -x"
	}
	return ""
}

// fishQuote quotes a text for fish, in which a backslash means something between single quotes.
func fishQuote(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(text) + "'"
}
