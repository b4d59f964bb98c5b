package fanout

// ring is a queue, first in, first out. The zero value is an empty one.
type ring[T any] struct {
	items []T
	first int
}

func (r *ring[T]) len() int { return len(r.items) - r.first }

func (r *ring[T]) push(t T) {
	if len(r.items) == cap(r.items) && r.first > len(r.items)/2 {
		r.items, r.first = r.items[:copy(r.items, r.items[r.first:])], 0
	}
	r.items = append(r.items, t)
}

func (r *ring[T]) pop() T {
	t := r.items[r.first]
	if r.first++; r.first == len(r.items) {
		r.items, r.first = r.items[:0], 0
	}
	return t
}
