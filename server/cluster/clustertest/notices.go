package clustertest

import (
	"bytes"
	"slices"
	"time"

	"momentum/server/cluster"
)

// notices are what nodes have kept, in the order in which it came.
type notices []cluster.Notice

// keep keeps a text once, until the later end of two, and drops those that have ended for a minute or that it makes void.
func (l *notices) keep(one cluster.Notice, now time.Time, most int) error {
	*l = slices.DeleteFunc(*l, func(kept cluster.Notice) bool {
		return ended(&kept, now.Add(-time.Minute)) || slices.Contains(one.Void, string(kept.Text))
	})
	i := slices.IndexFunc(*l, func(kept cluster.Notice) bool { return bytes.Equal(kept.Text, one.Text) })
	if i < 0 && len(*l) >= most {
		return cluster.ErrUnavailable
	}
	if i < 0 {
		*l = append(*l, one)
	} else if kept := &(*l)[i]; kept.Until != 0 && (one.Until == 0 || one.Until > kept.Until) {
		kept.Until = one.Until
	}
	return nil
}

// at returns the texts that have not ended at a time.
func (l notices) at(now time.Time) (texts [][]byte) {
	for _, one := range l {
		if !ended(&one, now) {
			texts = append(texts, one.Text)
		}
	}
	return texts
}

func ended(one *cluster.Notice, now time.Time) bool {
	return one.Until != 0 && !now.Before(time.Unix(one.Until, 0))
}
