package ordered

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

type name string

func (n name) Compare(other name) int { return strings.Compare(string(n), string(other)) }

type item struct{ name name }

func (i *item) Key() name { return i.name }

// namings make names in several orders.
var namings = map[string]func(i int) name{
	"digits":    func(i int) name { return name(strconv.Itoa(i + 1)) },
	"in order":  func(i int) name { return name(strconv.Itoa(1_000_000 + i)) },
	"backwards": func(i int) name { return name(strconv.Itoa(2_000_000 - i)) },
	"random":    func(i int) name { return name(strconv.FormatUint(rand.New(rand.NewPCG(uint64(i), 4)).Uint64(), 36)) },
}

// TestSetAgainstAModel adds and removes items at random and compares the set with a sorted list.
func TestSetAgainstAModel(t *testing.T) {
	for order, nameOf := range namings {
		t.Run(order, func(t *testing.T) { setAgainstAModel(t, nameOf) })
	}
}

func setAgainstAModel(t *testing.T, nameOf func(int) name) {
	random := rand.New(rand.NewPCG(3, 3))
	var o Set[name, *item]
	in := map[int]*item{}
	for step, items := 0, 10*BucketSize; step < 40*BucketSize; step++ {
		i := random.IntN(items)
		shrinking := step/(10*BucketSize)%2 == 1
		if u := in[i]; u != nil && (shrinking || random.IntN(4) == 0) {
			o.Remove(u)
			delete(in, i)
		} else if u == nil && (!shrinking || random.IntN(4) == 0) {
			in[i] = &item{nameOf(i)}
			o.Insert(in[i])
		}
		if step%97 == 0 {
			compareSet(t, &o, in, nameOf(random.IntN(items)), random.IntN(3*BucketSize))
		}
	}
	compareSet(t, &o, in, "", len(in)+1)
	for _, u := range in {
		o.Remove(u)
	}
	if o.Len() != 0 || len(o.buckets) > 1 {
		t.Errorf("%d items in %d buckets are left", o.Len(), len(o.buckets))
	}
}

func compareSet(t *testing.T, o *Set[name, *item], in map[int]*item, after name, limit int) {
	t.Helper()
	var want, got []name
	for _, u := range in {
		if u.name > after {
			want = append(want, u.name)
		}
	}
	slices.SortFunc(want, cmp.Compare[name])
	looked := o.After(after, limit, func(u *item) { got = append(got, u.name) })
	if want = want[:min(limit, len(want))]; !slices.Equal(got, want) {
		t.Fatalf("%d items after %v: %d, want %d", limit, after, len(got), len(want))
	}
	if o.Len() != len(in) || looked > limit+2*BucketSize {
		t.Fatalf("%d items are counted as %d; looked at %d for %d", len(in), o.Len(), looked, limit)
	}
	for i, b := range o.buckets {
		if len(b.items) > BucketSize || i > 0 && len(b.items) == 0 && len(o.buckets) > 2 {
			t.Fatalf("bucket %d of %d has %d items", i, len(o.buckets), len(b.items))
		}
	}
}

// TestBucketsThatBecomeSmallAreJoined has nearly all of many items leave, from the first to the last, from the last to the
// first and at random: what the set takes must become small, too.
func TestBucketsThatBecomeSmallAreJoined(t *testing.T) {
	for _, sequence := range []func([]*item){
		func([]*item) {},
		slices.Reverse[[]*item],
		func(all []*item) {
			rand.New(rand.NewPCG(1, 1)).Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
		},
	} {
		var o Set[name, *item]
		all := make([]*item, 100*BucketSize)
		for i := range all {
			all[i] = &item{namings["digits"](i)}
			o.Insert(all[i])
		}
		sequence(all)
		for i, u := range all {
			if i%100 != 0 {
				o.Remove(u)
			}
		}
		if most := o.Len()/(BucketSize/4) + 2; len(o.buckets) > most {
			t.Errorf("%d items are in %d buckets, want at most %d", o.Len(), len(o.buckets), most)
		}
	}
}
