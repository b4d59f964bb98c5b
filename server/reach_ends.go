package server

import "context"

// Ends returns ends of sessions and handshakes on all nodes, the newest first, after a place. Count is how many the filter selects.
func (r Reach) Ends(ctx context.Context, f EndFilter, after EndPlace, limit int) (Page[EndRow], error) {
	if !r.alone {
		limit = min(limit, maxEnds)
	}
	found, missed, err := everywhere[page[EndRow]](ctx, r, "ends", endQuestion{f, after, limit})
	all := mergePages(found, limit, func(a, b EndRow) int { return a.Place().Compare(b.Place()) }, func(*EndRow, EndRow) {})
	return Page[EndRow]{missed, all.Total, all.Rows, all.More}, err
}
