package tidy

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// link finds [text](target) and [name]: target.
var link = regexp.MustCompile(`\]\(<?([^)>\s]+)>?[^)]*\)|^\s*\[[^\]^]+\]:\s+<?([^>\s]+)`)

func TestLinksBetweenDocumentsResolve(t *testing.T) { hold(t, resolvedLinks) }

func resolvedLinks(files tree) []string {
	var broken []string
	for _, f := range files {
		if path.Ext(f.path) != ".md" {
			continue
		}
		for number, line := range prose(f) {
			for _, match := range link.FindAllStringSubmatch(line, -1) {
				if complaint := files.follow(f, match[1]+match[2]); complaint != "" {
					broken = append(broken, f.say(number+1, "%s", complaint))
				}
			}
		}
	}
	return broken
}

// follow returns the complaint about a link from f, or "".
func (t tree) follow(f *file, target string) string {
	if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
		return "" // not checked: it can change without us
	}
	where, anchor, _ := strings.Cut(target, "#")
	to := f.path
	if where != "" {
		to = path.Join(f.directory(), where)
	}
	if !slices.ContainsFunc(t, func(g *file) bool { return g.path == to || g.under(to) }) {
		return fmt.Sprintf("the link to %s leads nowhere: there is no %s", target, to)
	}
	at := slices.IndexFunc(t, func(g *file) bool { return g.path == to })
	if anchor != "" && at >= 0 && path.Ext(to) == ".md" && !slices.Contains(anchors(t[at]), anchor) {
		return fmt.Sprintf("the link to %s leads nowhere: no heading of %s makes #%s", target, to, anchor)
	}
	return ""
}

// prose is the lines of a document without code: blocks and `spans` are emptied.
func prose(f *file) []string {
	span := regexp.MustCompile("`[^`]*`")
	lines := strings.Split(string(f.text), "\n")
	code := false
	for i, line := range lines {
		fence := strings.HasPrefix(strings.TrimSpace(line), "```")
		if fence {
			code = !code
		}
		if code || fence {
			line = ""
		}
		lines[i] = span.ReplaceAllString(line, "``")
	}
	return lines
}

// anchors are the names of a document's headings in links: lower case, spaces as hyphens, without other punctuation, and
// with a number at the end if the same heading occurs again.
func anchors(f *file) []string {
	var all []string
	seen := make(map[string]int)
	code := false
	for line := range strings.SplitSeq(string(f.text), "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			code = !code
		}
		title := strings.TrimLeft(line, "#")
		if code || title == line || !strings.HasPrefix(title, " ") {
			continue
		}
		name := strings.Map(anchorRune, strings.TrimSpace(title))
		if n := seen[name]; n > 0 {
			all = append(all, fmt.Sprintf("%s-%d", name, n))
		} else {
			all = append(all, name)
		}
		seen[name]++
	}
	return all
}

func anchorRune(r rune) rune {
	switch {
	case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
		return unicode.ToLower(r)
	case r == ' ':
		return '-'
	}
	return -1
}
