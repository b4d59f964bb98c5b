// Package ordered keeps values in the order of their keys, so that a page of them costs what it shows, however many there are.
package ordered

import "slices"

// Key is a key that knows its order: negative if it is before another one, positive if it is after it.
type Key[K any] interface{ Compare(other K) int }

// Item is a value that is kept. Its key never changes, and no other item of the set has the same.
type Item[K any] interface {
	comparable
	Key() K
}

// BucketSize bounds the items in a bucket, all of which are looked at when the bucket is read, split or loses one.
const BucketSize = 128

// Set is a list of buckets, each for the keys from its least one up to the next bucket's. Inside a bucket the items are in no
// order until the bucket is read: to add one costs a binary search and an append. A bucket that is full is split in two,
// and two that have become small are joined. An item costs its own size and the room left in the bucket, in all some 13
// bytes if it is a pointer. The zero value is an empty set.
type Set[K Key[K], V Item[K]] struct {
	buckets []bucket[K, V]
	size    int
}

type bucket[K Key[K], V Item[K]] struct {
	least K
	items []V
}

// Len returns the number of items.
func (o *Set[K, V]) Len() int { return o.size }

// find returns the index of the bucket that is for a key: the last one that begins at or before it, or the first.
func (o *Set[K, V]) find(k K) int {
	low, high := 0, len(o.buckets)
	for low < high {
		if middle := (low + high) / 2; o.buckets[middle].least.Compare(k) > 0 {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return max(low-1, 0)
}

// Insert adds an item that is not there.
func (o *Set[K, V]) Insert(v V) {
	if len(o.buckets) == 0 {
		o.buckets = append(o.buckets, bucket[K, V]{})
	}
	k := v.Key()
	i := o.find(k)
	if len(o.buckets[i].items) == BucketSize {
		o.split(i)
		i = o.find(k)
	}
	o.buckets[i].items = append(o.buckets[i].items, v)
	o.size++
}

// split moves the upper half of a bucket into a new one.
func (o *Set[K, V]) split(i int) {
	items := o.buckets[i].items
	slices.SortFunc(items, byKey[K, V])
	upper := slices.Clone(items[BucketSize/2:])
	clear(items[BucketSize/2:])
	o.buckets[i].items = items[:BucketSize/2]
	o.buckets = slices.Insert(o.buckets, i+1, bucket[K, V]{upper[0].Key(), upper})
}

func byKey[K Key[K], V Item[K]](a, b V) int { return a.Key().Compare(b.Key()) }

// Remove removes an item that is there.
func (o *Set[K, V]) Remove(v V) {
	i := o.find(v.Key())
	items := o.buckets[i].items
	at, last := slices.Index(items, v), len(items)-1
	var none V
	items[at], items[last] = items[last], none
	o.buckets[i].items = items[:last]
	o.size--
	o.join(i)
	o.join(i - 1)
}

// join joins a bucket and the next if both are there and together half full.
func (o *Set[K, V]) join(i int) {
	if i < 0 || i+1 >= len(o.buckets) {
		return
	}
	items, next := o.buckets[i].items, o.buckets[i+1].items
	if len(items)+len(next) <= BucketSize/2 {
		o.buckets[i].items = append(items, next...)
		o.buckets = slices.Delete(o.buckets, i+1, i+2)
	}
}

// After calls do with up to limit items whose keys are after a key, in order. It returns how many items it looked at, which
// is at most limit and two buckets more.
func (o *Set[K, V]) After(k K, limit int, do func(V)) (looked int) {
	for i := o.find(k); i < len(o.buckets) && limit > 0; i++ {
		items := o.buckets[i].items
		looked += len(items)
		slices.SortFunc(items, byKey[K, V])
		for _, v := range items {
			if limit > 0 && v.Key().Compare(k) > 0 {
				do(v)
				limit--
			}
		}
	}
	return looked
}
