package commandline

import (
	"fmt"
	"strings"
)

// zshBegin finds the place of the word: the program is %[1]s, %[2]s are the flags that take a value, %[3]s the paths.
const zshBegin = `#compdef %[1]s
# Completion of %[1]s for zsh. For every shell: %[1]s completion zsh > "${fpath[1]}/_%[1]s"
# For this one, after compinit: source <(%[1]s completion zsh)
_%[1]s() {
    local place= i current="${words[CURRENT]}" before="${words[CURRENT-1]}"
    local -a found
    for ((i = 2; i < CURRENT; i++)); do
        case "${words[i]}" in
        %[2]s) ((i++)); continue ;;
        esac
        case "$place/${words[i]}" in
        %[3]s) place="$place/${words[i]}" ;;
        esac
    done
    if [[ $current == --*=* ]]; then
        before="${current%%%%=*}"
        compset -P '*='
    fi
    case "$place $before" in
`

// zsh returns the script for zsh.
func (t *table) zsh() string {
	var s strings.Builder
	fmt.Fprintf(&s, zshBegin, t.program, strings.Join(t.takers(), "|"), strings.Join(t.paths(), "|"))
	for _, p := range t.places {
		for _, f := range p.flags {
			if f.takes {
				fmt.Fprintf(&s, "    %s) %s return ;;\n", quote(p.path+" "+f.name), f.zshValues())
			}
		}
	}
	s.WriteString("    esac\n    case \"$place\" in\n")
	for _, p := range t.places {
		fmt.Fprintf(&s, "    %s)\n        if [[ $current == -* ]]; then\n            found=(%s)\n            _describe -o flag found\n        else\n            found=(%s)\n            _describe command found\n        fi ;;\n",
			quote(p.path), zshList(p.flags, func(f flag) (string, string) { return f.name, f.help }),
			zshList(p.words, func(w word) (string, string) { return w.name, w.help }))
	}
	fmt.Fprintf(&s, `    esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _%[1]s "$@"
else
    compdef _%[1]s %[1]s
fi
`, t.program)
	return s.String()
}

// zshList writes names with their helps in the form of _describe: NAME:HELP.
func zshList[T any](all []T, of func(T) (name, help string)) string {
	items := make([]string, 0, len(all))
	for _, one := range all {
		name, help := of(one)
		items = append(items, quote(strings.ReplaceAll(name, ":", `\:`)+":"+help))
	}
	return strings.Join(items, " ")
}

func (f *flag) zshValues() string {
	switch {
	case f.file:
		return "_files;"
	case len(f.values) > 0:
		return "compadd -- " + strings.Join(f.values, " ") + ";"
	}
	return "_message 'a value';"
}
