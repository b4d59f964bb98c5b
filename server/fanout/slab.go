package fanout

// slab holds values in chunks, so that it grows without copying and its values never move. The index 0 means none. The
// zero value is an empty slab.
type slab[T any] struct {
	chunks []*[slabChunk]T
	free   []int32 // released values, the most recent last
	top    int32   // the highest index that was ever taken
	used   int
}

func (p *slab[T]) at(i int32) *T { return &p.chunks[uint32(i)/slabChunk][uint32(i)%slabChunk] }

// take returns the index of an unused value, which is as it was when it was released.
func (p *slab[T]) take() int32 {
	p.used++
	if len(p.free) > 0 {
		return pop(&p.free)
	}
	p.top++
	if int(p.top/slabChunk) == len(p.chunks) {
		p.chunks = append(p.chunks, new([slabChunk]T))
	}
	return p.top
}

func (p *slab[T]) release(i int32) {
	p.used--
	p.free = append(p.free, i)
}

func pop[T any](list *[]T) T {
	last := (*list)[len(*list)-1]
	*list = (*list)[:len(*list)-1]
	return last
}
