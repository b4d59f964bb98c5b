package stats

import "testing"

func TestRequestOutcomesHaveDifferentNames(t *testing.T) {
	seen := map[string]bool{}
	for r := range Requests {
		if name := r.String(); name == "" || seen[name] {
			t.Errorf("outcome %d is named %q", r, name)
		} else {
			seen[name] = true
		}
	}
}
