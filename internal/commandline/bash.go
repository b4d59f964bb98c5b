package commandline

import (
	"fmt"
	"strings"
)

// bashBegin finds the place of the word: the program is %[1]s, %[2]s are the flags that take a value, %[3]s the paths.
const bashBegin = `# Completion of %[1]s for bash. For every shell: %[1]s completion bash > /etc/bash_completion.d/%[1]s
# For this one: source <(%[1]s completion bash)
_%[1]s() {
    local current="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" path= i
    [[ $current == = ]] && current=
    [[ $before == = ]] && before="${COMP_WORDS[COMP_CWORD-2]}"
    for ((i = 1; i < COMP_CWORD; i++)); do
        case "${COMP_WORDS[i]}" in
        %[2]s)
            [[ ${COMP_WORDS[i+1]} == = ]] && ((i++))
            ((i++))
            continue ;;
        esac
        case "$path/${COMP_WORDS[i]}" in
        %[3]s) path="$path/${COMP_WORDS[i]}" ;;
        esac
    done
    COMPREPLY=()
    case "$path $before" in
`

// bash returns the script for bash. It uses no package beside bash itself, and needs bash 4.
func (t *table) bash() string {
	var s strings.Builder
	fmt.Fprintf(&s, bashBegin, t.program, strings.Join(t.takers(), "|"), strings.Join(t.paths(), "|"))
	for _, p := range t.places {
		for _, f := range p.flags {
			if f.takes {
				fmt.Fprintf(&s, "    %s) %s return ;;\n", quote(p.path+" "+f.name), f.bashValues())
			}
		}
	}
	s.WriteString("    esac\n    case \"$path\" in\n")
	for _, p := range t.places {
		fmt.Fprintf(&s, "    %s)\n        if [[ $current == -* ]]; then\n            COMPREPLY=($(compgen -W %s -- \"$current\"))\n        else\n            COMPREPLY=($(compgen -W %s -- \"$current\"))\n        fi ;;\n",
			quote(p.path), quote(p.flagNames()), quote(p.wordNames()))
	}
	fmt.Fprintf(&s, "    esac\n}\ncomplete -F _%[1]s %[1]s\n", t.program)
	return s.String()
}

func (f *flag) bashValues() string {
	switch {
	case f.file:
		return `COMPREPLY=($(compgen -f -- "$current"));`
	case len(f.values) > 0:
		return fmt.Sprintf(`COMPREPLY=($(compgen -W %s -- "$current"));`, quote(strings.Join(f.values, " ")))
	}
	return ""
}

func (p *place) flagNames() string {
	names := make([]string, 0, len(p.flags))
	for _, f := range p.flags {
		names = append(names, f.name)
	}
	return strings.Join(names, " ")
}

func (p *place) wordNames() string {
	names := make([]string, 0, len(p.words))
	for _, w := range p.words {
		names = append(names, w.name)
	}
	return strings.Join(names, " ")
}
