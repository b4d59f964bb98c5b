package server

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestConversationsWhileTheDateIsSet sets the host's date back and forward by an hour and more between any two lines of
// the golden conversations. They are the same as always, except for the dates in messages.
func TestConversationsWhileTheDateIsSet(t *testing.T) {
	byDate := []string{"disconnect", "lifts", "revocation", "token_life"} // bans, revocations and tokens hold until a date
	shown := regexp.MustCompile(`"20\d\d-\d\d-\d\dT[0-9:.]+Z"`)
	files, _ := filepath.Glob("testdata/*.txt")
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		if slices.Contains(byDate, name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			script, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			shift := time.Hour
			got := converse(t, string(script), func(w *world) {
				shift = -shift - time.Minute
				w.net.ShiftDate(shift)
			})
			want := shown.ReplaceAllString(string(script), `"date"`)
			if got = shown.ReplaceAllString(got, `"date"`); got != want {
				t.Errorf("the conversation went differently: %s", firstDifference(want, got))
			}
		})
	}
}
