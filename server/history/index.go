package history

import "slices"

// index says where some records of a long ring begin, so that a reader of the last ones need not pass over all others. Records
// have their sizes at their beginnings alone.
type index struct {
	skip    uint32   // records before the first one that is listed
	offsets []uint32 // where it begins, and every stride-th after it
}

const (
	// stride is how many records a reader passes over at most: 64 take 0.3 µs. The index takes 4 bytes for as many.
	stride = 64

	// indexFrom is the number of records from which a ring has an index: most channels never have one.
	indexFrom = 4 * stride
)

// added lists the record that begins at an offset, if it is one to be listed. There were count records before it.
func (x *index) added(count, offset uint32) {
	if x != nil && count == x.skip+stride*uint32(len(x.offsets)) {
		x.offsets = append(x.offsets, offset)
	}
}

// dropped takes the oldest record out.
func (x *index) dropped() {
	switch {
	case x == nil:
	case x.skip > 0:
		x.skip--
	default:
		x.offsets = slices.Delete(x.offsets, 0, 1)
		x.skip = stride - 1
	}
}

// near returns the last listed record up to the one with a number, both counted from the oldest, and where it begins; ok is
// false if there is none.
func (x *index) near(number uint32) (listed, offset uint32, ok bool) {
	if x == nil || number < x.skip || len(x.offsets) == 0 {
		return 0, 0, false
	}
	i := min((number-x.skip)/stride, uint32(len(x.offsets)-1))
	return x.skip + stride*i, x.offsets[i], true
}
