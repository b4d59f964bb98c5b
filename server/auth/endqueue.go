package auth

// ending is when the entry of a subject ends, or ended before it was prolonged.
type ending struct {
	at      int64 // seconds since 1970
	subject subject
}

// endQueue is a binary heap: the first element ends first.
type endQueue []ending

func (q *endQueue) push(e ending) {
	*q = append(*q, e)
	h := *q
	for i := len(h) - 1; i > 0; {
		parent := (i - 1) / 2
		if h[parent].at <= h[i].at {
			break
		}
		h[parent], h[i] = h[i], h[parent]
		i = parent
	}
}

// pop removes the first element of a queue that is not empty.
func (q *endQueue) pop() ending {
	h := *q
	first, last := h[0], len(h)-1
	h[0], h[last] = h[last], ending{}
	h = h[:last]
	for i := 0; ; {
		next := 2*i + 1
		if next >= last {
			break
		}
		if next+1 < last && h[next+1].at < h[next].at {
			next++
		}
		if h[i].at <= h[next].at {
			break
		}
		h[i], h[next] = h[next], h[i]
		i = next
	}
	*q = h
	return first
}
