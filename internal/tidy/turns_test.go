package tidy

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"strings"
	"testing"
)

// turn is a turn of phrase that plain English does without. A match is allowed if the words around it, which the
// pattern includes, match except.
type turn struct {
	pattern *regexp.Regexp
	except  *regexp.Regexp
	instead string
}

// begin marks where a passage begins: a comment, a text in code, or a page.
const begin = "¶"

var turns = []turn{
	{
		pattern: regexp.MustCompile(`(?i)(\w+\s+)?\bbehind\b([ \t\n]+[^\s` + begin + `]+){0,3}`),
		except:  regexp.MustCompile(`(?i)^(fall|falls|falling|fell|fallen|lag|lags|lagging|far|left|leaves?)\s|prox(y|ies)|nginx|\bNAT\b|balancer`),
		instead: `write "after", or name the proxy that a thing is behind`,
	},
	{
		pattern: regexp.MustCompile(`(?i)\bin\s+front\s+of\b`),
		instead: `write "before"`,
	},
	{
		pattern: regexp.MustCompile(`\bWho(ever|se)?\b|` + begin + `\s*who(ever|se)?\b ?`),
		except:  regexp.MustCompile(`^` + begin + `who$`), // a message's name
		instead: "begin the sentence with the thing that acts: the client, the user, the connection",
	},
	{
		pattern: regexp.MustCompile(`(?i)\bat\s+the\s+most\b`),
		instead: `write "at most"`,
	},
	{
		pattern: regexp.MustCompile(`(?i)\bamid(st)?\b`),
		instead: `write "during" or "among"`,
	},
}

// turnsLeft is how many turns each top-level directory still has; "." are the files at the top. The goal is none: lower
// a number whenever it has fallen, and delete it at zero.
var turnsLeft = map[string]int{
	"server": 1, // a migration that databases have applied: it cannot change
}

func TestProseAvoidsTheBannedTurns(t *testing.T) { hold(t, fewTurns(turnsLeft)) }

// fewTurns makes a rule of how many turns each top-level directory may have. It says nothing of a directory until there
// are more, and lists all of them then.
func fewTurns(allowed map[string]int) rule {
	return func(files tree) []string {
		found := make(map[string][]string)
		for _, f := range files {
			found[f.top()] = append(found[f.top()], turnsOf(f)...)
		}
		var broken []string
		for _, top := range files.tops() {
			if said := found[top]; len(said) > allowed[top] {
				broken = append(broken, fmt.Sprintf("%s: %d turns of phrase to avoid, more than %d:\n\t%s", top, len(said), allowed[top], strings.Join(said, "\n\t")))
			}
		}
		return broken
	}
}

func turnsOf(f *file) []string {
	var found []string
	text := passages(f)
	for _, t := range turns {
		for _, at := range t.pattern.FindAllStringIndex(text, -1) {
			match := text[at[0]:at[1]]
			if t.except == nil || !t.except.MatchString(match) {
				found = append(found, f.say(1+strings.Count(text[:at[0]], "\n"), "%q: %s", strings.Trim(match, begin+" "), t.instead))
			}
		}
	}
	return found
}

// passages is the prose of a file, with every word on its own line of the file: the comments and strings of Go, Markdown
// without code, the whole of other files. Records of the bench are no prose.
func passages(f *file) string {
	switch {
	case f.under("bench/results"):
		return ""
	case f.syntax != nil:
		return strings.Join(f.goPassages(), "\n")
	case path.Ext(f.path) == ".md":
		return begin + strings.Join(prose(f), "\n")
	}
	return begin + commentMark.ReplaceAllString(string(f.text), "$1")
}

// commentMark finds what makes a line a comment, so that a sentence can go on in the next line.
var commentMark = regexp.MustCompile(`(?m)^([ \t]*)(#+|//+|\*)[ \t]`)

func (f *file) goPassages() []string {
	lines := make([]string, f.lines()+1)
	add := func(p token.Pos, text string) {
		for i, line := range strings.Split(text, "\n") {
			lines[f.line(p)-1+i] += line
		}
	}
	for _, group := range f.syntax.Comments {
		for i, comment := range group.List {
			text := strings.Trim(comment.Text, "/*")
			if i == 0 {
				text = begin + text
			}
			add(comment.Pos(), text)
		}
	}
	if f.under("internal/tidy") {
		return lines // its texts are patterns and planted violations
	}
	ast.Inspect(f.syntax, func(node ast.Node) bool {
		if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			add(literal.Pos(), begin+strings.Trim(literal.Value, "\"`"))
		}
		return true
	})
	return lines
}
