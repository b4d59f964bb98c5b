package tidy

import (
	"fmt"
	"math"
	"path"
	"regexp"
	"strings"
	"testing"
)

// symptom is a word whose frequency shows that prose is not plain English. The limits are per 1,000 words.
type symptom struct {
	name            string
	pattern         *regexp.Regexp
	comments, pages float64 // today's limits; lower them whenever the frequency has fallen
	goal            float64
}

var symptoms = []symptom{
	{"behind", regexp.MustCompile(`(?i)\bbehind\b`), 0.3, 0.3, 0.3},
	{"who, whoever, whose", regexp.MustCompile(`(?i)\bwho(ever|se)?\b`), 1, 1, 1},
	{"what", regexp.MustCompile(`(?i)\bwhat\b`), 2, 2, 2},
}

func TestWordsOnlyFall(t *testing.T) { hold(t, wordsWithin(symptoms)) }

// wordsWithin makes a rule of a table of symptoms.
func wordsWithin(table []symptom) rule {
	return func(files tree) []string {
		var broken []string
		for _, s := range table {
			broken = append(broken, s.exceeded("comments", comments(files), s.comments)...)
			broken = append(broken, s.exceeded("Markdown pages", pages(files), s.pages)...)
		}
		return broken
	}
}

// exceeded compares to one decimal.
func (s symptom) exceeded(where, prose string, limit float64) []string {
	if frequency := perThousand(s.pattern, prose); math.Round(10*frequency) > math.Round(10*limit) {
		return []string{fmt.Sprintf("%s: %.1f times %s in 1,000 words, more than %.1f (the goal is %.1f): write subject, verb, object, and name the thing",
			where, frequency, s.name, limit, s.goal)}
	}
	return nil
}

var word = regexp.MustCompile(`\pL[\pL'’-]*`)

func countWords(prose string) int { return len(word.FindAllStringIndex(prose, -1)) }

func perThousand(pattern *regexp.Regexp, prose string) float64 {
	return 1000 * float64(len(pattern.FindAllStringIndex(prose, -1))) / float64(max(countWords(prose), 1))
}

// comments is the prose of all comments in the Go files, without directives to the compiler.
func comments(files tree) string {
	var text strings.Builder
	for _, f := range files.goFiles() {
		for _, group := range f.syntax.Comments {
			text.WriteString(group.Text() + "\n")
		}
	}
	return text.String()
}

// pages is the prose of the Markdown files, without code.
func pages(files tree) string {
	var text strings.Builder
	for _, f := range files {
		if path.Ext(f.path) == ".md" {
			text.WriteString(strings.Join(prose(f), "\n") + "\n")
		}
	}
	return text.String()
}
