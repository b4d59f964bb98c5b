package main

import (
	"fmt"
	"strings"
)

// sinceBefore says how the figures of our builds relate to those of the older builds that were measured in the same rounds. It
// is empty if there were none.
func (r *record) sinceBefore() string {
	var b strings.Builder
	for _, j := range r.Jobs {
		for _, name := range []string{ours, product} {
			m := j.metrics()[0]
			if v := r.relative(m, name, j.Name, name+before, j.Name); v > 0 {
				fmt.Fprintf(&b, "%.3f × before: %s, %s, %s\n", v, name, j.Name, m.title)
			}
		}
	}
	return b.String()
}
