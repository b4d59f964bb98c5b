package stats

import "testing"

func TestResumeOutcomesHaveDifferentNames(t *testing.T) {
	seen := map[string]bool{}
	for r := range Resumes {
		if name := r.String(); name == "" || seen[name] {
			t.Errorf("outcome %d is named %q", r, name)
		} else {
			seen[name] = true
		}
	}
}
