package heavy

// ranked is an amount of the connection at a place.
type ranked struct {
	amount uint64
	place  uint16
}

// heap has the connections with the highest amounts so far, at most Listed; the lowest of them is first.
type heap []ranked

func (h heap) full() bool { return len(h) == Listed }

// sift moves the first one, whose amount has risen, down to its place.
func (h heap) sift() {
	for i := 0; ; {
		child := 2*i + 1
		if child+1 < len(h) && h[child+1].amount < h[child].amount {
			child++
		}
		if child >= len(h) || h[child].amount >= h[i].amount {
			return
		}
		h[i], h[child] = h[child], h[i]
		i = child
	}
}

// add adds one to a heap that is not full.
func (h *heap) add(r ranked) {
	*h = append(*h, r)
	list := *h
	for i := len(list) - 1; i > 0 && list[i].amount < list[(i-1)/2].amount; i = (i - 1) / 2 {
		list[i], list[(i-1)/2] = list[(i-1)/2], list[i]
	}
}

// offer keeps one with an amount if it is among the highest so far.
func (h *heap) offer(r ranked) {
	switch {
	case r.amount == 0:
	case !h.full():
		h.add(r)
	case r.amount > (*h)[0].amount:
		(*h)[0] = r
		h.sift()
	}
}
