package server

import (
	"fmt"
	"strings"
)

// directoryVerbs are the actions of the directory in a golden conversation: "directory VERB WORDS".
var directoryVerbs = map[string]func(r *roster, words []string) (answer string){
	"remembers": directoryRemembers, // NAME STANDING
	"forgets":   directoryForgets,   // NAME
	"answers":   directoryAnswers,   // NAME STANDING
	"waits":     directoryWaits,     // how many questions have no answer
}

func (w *world) consult(what string) string {
	words := strings.Fields(what)
	do, ok := directoryVerbs[words[0]]
	if !ok {
		w.t.Fatalf("a directory cannot %q", what)
	}
	if answer := do(w.options.Directory.(*roster), words[1:]); answer != "" {
		return "directory: " + answer
	}
	return ""
}

func directoryRemembers(r *roster, words []string) string {
	r.remember(words[0], words[1])
	return ""
}

func directoryForgets(r *roster, words []string) string {
	delete(r.remembered, userID(words[0]))
	return ""
}

func directoryAnswers(r *roster, words []string) string {
	return fmt.Sprintf("asked by %d", r.answer(words[0], words[1]))
}

func directoryWaits(r *roster, _ []string) string { return fmt.Sprintf("%d wait", len(r.asked)) }
