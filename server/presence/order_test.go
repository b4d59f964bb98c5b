package presence

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/uuid"
)

// versions make ids as they are made in the world: each kind has other bytes that differ.
var versions = map[string]func(i int) uuid.UUID{
	"counter": func(i int) uuid.UUID { return id(i + 1) },
	"high counter": func(i int) (u uuid.UUID) {
		binary.BigEndian.PutUint32(u[:4], uint32(i+1))
		return u
	},
	"time first": func(i int) (u uuid.UUID) { // version 1: 100 ns since 1582, and a node that is the same for all
		binary.BigEndian.PutUint32(u[:4], uint32(i)*9973)
		copy(u[4:], "\x12\x34\x11\xee\x80\x00\xaa\xbb\xcc\xdd\xee\xff")
		return u
	},
	"time in order": func(i int) (u uuid.UUID) { // version 7: milliseconds since 1970, and random bits
		binary.BigEndian.PutUint64(u[:8], (1_700_000_000_000+uint64(i)*3)<<16|0x7000)
		binary.BigEndian.PutUint64(u[8:], rand.New(rand.NewPCG(uint64(i), 7)).Uint64())
		return u
	},
	"random": func(i int) (u uuid.UUID) {
		random := rand.New(rand.NewPCG(uint64(i), 4))
		binary.BigEndian.PutUint64(u[:8], random.Uint64())
		binary.BigEndian.PutUint64(u[8:], random.Uint64())
		return u
	},
}

// TestOrderAgainstAModel adds and removes users at random and compares the order with a sorted list.
func TestOrderAgainstAModel(t *testing.T) {
	for name, idOf := range versions {
		t.Run(name, func(t *testing.T) { orderAgainstAModel(t, idOf) })
	}
}

func orderAgainstAModel(t *testing.T, idOf func(int) uuid.UUID) {
	random := rand.New(rand.NewPCG(3, 3))
	var o order
	in := map[int]*User{}
	for step, users := 0, 10*bucketSize; step < 40*bucketSize; step++ {
		i := random.IntN(users)
		shrinking := step/(10*bucketSize)%2 == 1
		if u := in[i]; u != nil && (shrinking || random.IntN(4) == 0) {
			o.remove(u)
			delete(in, i)
		} else if u == nil && (!shrinking || random.IntN(4) == 0) {
			in[i] = &User{ID: idOf(i)}
			o.insert(in[i])
		}
		if step%97 == 0 {
			compareOrder(t, &o, in, idOf(random.IntN(users)), random.IntN(3*bucketSize))
		}
	}
	compareOrder(t, &o, in, uuid.Nil, len(in)+1)
	for _, u := range in {
		o.remove(u)
	}
	if o.size != 0 || len(o.buckets) > 1 {
		t.Errorf("%d users in %d buckets are left", o.size, len(o.buckets))
	}
}

func compareOrder(t *testing.T, o *order, in map[int]*User, after uuid.UUID, limit int) {
	t.Helper()
	var want, got []uuid.UUID
	for _, u := range in {
		if bytes.Compare(u.ID[:], after[:]) > 0 {
			want = append(want, u.ID)
		}
	}
	slices.SortFunc(want, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	looked := o.after(after, limit, func(u *User) { got = append(got, u.ID) })
	if want = want[:min(limit, len(want))]; !slices.Equal(got, want) {
		t.Fatalf("%d users after %v: %d, want %d", limit, after, len(got), len(want))
	}
	if o.size != len(in) || looked > limit+2*bucketSize {
		t.Fatalf("%d users are counted as %d; looked at %d for %d", len(in), o.size, looked, limit)
	}
	for i, b := range o.buckets {
		if len(b.users) > bucketSize || i > 0 && len(b.users) == 0 && len(o.buckets) > 2 {
			t.Fatalf("bucket %d of %d has %d users", i, len(o.buckets), len(b.users))
		}
	}
}

// TestBucketsThatBecomeSmallAreJoined has nearly all of many users leave: what the order takes must become small, too.
func TestBucketsThatBecomeSmallAreJoined(t *testing.T) {
	var o order
	all := make([]*User, 100*bucketSize)
	for i := range all {
		all[i] = &User{ID: id(i + 1)}
		o.insert(all[i])
	}
	for i, u := range all {
		if i%100 != 0 {
			o.remove(u)
		}
	}
	if most := o.size/(bucketSize/4) + 2; len(o.buckets) > most {
		t.Errorf("%d users are in %d buckets, want at most %d", o.size, len(o.buckets), most)
	}
}
