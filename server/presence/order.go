package presence

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/google/uuid"
)

// order keeps the users of a shard that are online or away in the order of their ids, so that a page of them costs what it
// shows. It is a list of buckets, each for the ids from its least one up to the next bucket's. Inside a bucket the users
// are in no order until somebody reads it: to add a user costs a binary search and an append. A bucket that is full is
// split in two, and two that have become small are joined. A user costs 8 bytes and the room left in the bucket, in all
// some 13.
type order struct {
	buckets []bucket
	size    int // users
}

type bucket struct {
	least key
	users []*User
}

// key is an id as two numbers, which compare faster than bytes.
type key struct{ high, low uint64 }

func keyOf(id *uuid.UUID) key {
	return key{binary.BigEndian.Uint64(id[:8]), binary.BigEndian.Uint64(id[8:])}
}

func (k key) after(other key) bool {
	return k.high > other.high || k.high == other.high && k.low > other.low
}

func byID(a, b *User) int { return bytes.Compare(a.ID[:], b.ID[:]) }

// find returns the index of the bucket that is for an id: the last one that begins at or before it, or the first.
func (o *order) find(k key) int {
	low, high := 0, len(o.buckets)
	for low < high {
		if middle := (low + high) / 2; o.buckets[middle].least.after(k) {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return max(low-1, 0)
}

func (o *order) insert(u *User) {
	if len(o.buckets) == 0 {
		o.buckets = append(o.buckets, bucket{})
	}
	k := keyOf(&u.ID)
	i := o.find(k)
	if len(o.buckets[i].users) == bucketSize {
		o.split(i)
		i = o.find(k)
	}
	o.buckets[i].users = append(o.buckets[i].users, u)
	o.size++
}

// split moves the upper half of a bucket into a new one.
func (o *order) split(i int) {
	users := o.buckets[i].users
	slices.SortFunc(users, byID)
	upper := slices.Clone(users[bucketSize/2:])
	clear(users[bucketSize/2:])
	o.buckets[i].users = users[:bucketSize/2]
	o.buckets = slices.Insert(o.buckets, i+1, bucket{keyOf(&upper[0].ID), upper})
}

func (o *order) remove(u *User) {
	i := o.find(keyOf(&u.ID))
	users := o.buckets[i].users
	at, last := slices.Index(users, u), len(users)-1
	users[at], users[last] = users[last], nil
	o.buckets[i].users = users[:last]
	o.size--
	o.join(i)
	o.join(i - 1)
}

// join joins a bucket and the next if both are there and together half full.
func (o *order) join(i int) {
	if i < 0 || i+1 >= len(o.buckets) {
		return
	}
	users, next := o.buckets[i].users, o.buckets[i+1].users
	if len(users)+len(next) <= bucketSize/2 {
		o.buckets[i].users = append(users, next...)
		o.buckets = slices.Delete(o.buckets, i+1, i+2)
	}
}

// after calls do with up to limit users whose ids are greater than an id, in order. It returns how many users it looked at,
// which is at most limit and two buckets more.
func (o *order) after(id uuid.UUID, limit int, do func(*User)) (looked int) {
	for i := o.find(keyOf(&id)); i < len(o.buckets) && limit > 0; i++ {
		users := o.buckets[i].users
		looked += len(users)
		slices.SortFunc(users, byID)
		for _, u := range users {
			if limit > 0 && bytes.Compare(u.ID[:], id[:]) > 0 {
				do(u)
				limit--
			}
		}
	}
	return looked
}
