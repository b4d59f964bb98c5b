package fanout

// spares are the emptied segments that the logs of a reactor share. Small segments are kept apart from large ones:
// otherwise the segments of a thousand topics would all become large in time.
type spares struct {
	small, large []*segment
}

// take returns an empty segment, preferably one that is as large as the log will make it.
func (p *spares) take(small bool) *segment {
	first, second := &p.large, &p.small
	if small {
		first, second = second, first
	}
	switch {
	case len(*first) > 0:
		return pop(first)
	case len(*second) > 0:
		return pop(second)
	}
	return &segment{}
}

// put keeps a segment for reuse, or leaves it to the garbage collector if enough are kept.
func (p *spares) put(g *segment) {
	g.reset()
	switch small := g.size() <= smallSegment; {
	case small && len(p.small) < keepSmall:
		p.small = append(p.small, g)
	case !small && len(p.large) < keepSegments:
		p.large = append(p.large, g)
	}
}
