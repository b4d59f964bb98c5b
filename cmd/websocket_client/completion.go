package main

import "strings"

// completer completes commands, and the users of msg.
type completer struct{ known *people }

// Do returns the ends of the words that may stand at the cursor, and how many characters of them are typed.
func (c completer) Do(line []rune, at int) ([][]rune, int) {
	typed := string(line[:at])
	words, begun := commands, strings.TrimPrefix(typed, "/")
	if name, user, isSecond := strings.Cut(begun, " "); isSecond {
		if name != "msg" || strings.Contains(user, " ") {
			return nil, 0
		}
		words, begun = c.known.sorted(), user
	}
	var ends [][]rune
	for _, word := range words {
		if end, ok := strings.CutPrefix(word, begun); ok && !strings.Contains(word, " ") {
			ends = append(ends, []rune(end+" "))
		}
	}
	return ends, len([]rune(begun))
}
