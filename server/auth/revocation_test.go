package auth

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/google/uuid"
)

func TestRevocations(t *testing.T) {
	alice, bob := UserID("alice@example.com"), UserID("bob@example.com")
	of := func(user uuid.UUID, id string, issued int64) *Claims {
		return &Claims{UserID: user, ID: id, IssuedAt: issued}
	}
	for name, tt := range map[string]struct {
		in    []Revocation
		token *Claims
		now   int64
		want  Verdict
	}{
		"none":                            {nil, of(alice, "a", 5), 10, Verdict{}},
		"the token":                       {[]Revocation{{TokenID: "a", Until: 100}}, of(alice, "a", 5), 10, Verdict{Revoked: true}},
		"another token":                   {[]Revocation{{TokenID: "b", Until: 100}}, of(alice, "a", 5), 10, Verdict{}},
		"a token without an id":           {[]Revocation{{TokenID: "b", Until: 100}}, of(alice, "", 5), 10, Verdict{}},
		"the revocation has ended":        {[]Revocation{{TokenID: "a", Until: 10}}, of(alice, "a", 5), 10, Verdict{}},
		"the revocation never ends":       {[]Revocation{{TokenID: "a", Until: Forever}}, of(alice, "a", 5), math.MaxInt64 - 1, Verdict{Revoked: true}},
		"a shorter one does not end it":   {[]Revocation{{TokenID: "a", Until: Forever}, {TokenID: "a", Until: 9}}, of(alice, "a", 5), 10, Verdict{Revoked: true}},
		"issued before":                   {[]Revocation{{UserID: alice, IssuedBefore: 6, Until: 100}}, of(alice, "a", 5), 10, Verdict{Revoked: true}},
		"issued at that second":           {[]Revocation{{UserID: alice, IssuedBefore: 5, Until: 100}}, of(alice, "a", 5), 10, Verdict{}},
		"issued at an unknown time":       {[]Revocation{{UserID: alice, IssuedBefore: 1, Until: 100}}, of(alice, "a", 0), 10, Verdict{Revoked: true}},
		"another user":                    {[]Revocation{{UserID: bob, IssuedBefore: 6, Until: 100}}, of(alice, "a", 5), 10, Verdict{}},
		"a jti that is a user's id":       {[]Revocation{{TokenID: alice.String(), Until: 100}}, of(alice, "a", 5), 10, Verdict{}},
		"banned":                          {[]Revocation{Ban(alice, 11)}, of(alice, "a", 5), 10, Verdict{BannedUntil: 11}},
		"the ban has ended":               {[]Revocation{Ban(alice, 10)}, of(alice, "a", 5), 10, Verdict{}},
		"the longest ban counts":          {[]Revocation{Ban(alice, 20), Ban(alice, 11)}, of(alice, "a", 5), 10, Verdict{BannedUntil: 20}},
		"a ban leaves a revocation":       {[]Revocation{{UserID: alice, IssuedBefore: 6, Until: 100}, Ban(alice, 10)}, of(alice, "a", 5), 10, Verdict{Revoked: true}},
		"a revocation leaves a ban":       {[]Revocation{Ban(alice, 20), {UserID: alice, IssuedBefore: 3, Until: 100}}, of(alice, "a", 5), 10, Verdict{BannedUntil: 20}},
		"the furthest reaching one holds": {[]Revocation{{UserID: alice, IssuedBefore: 6, Until: 9}, {UserID: alice, IssuedBefore: 3, Until: 100}}, of(alice, "a", 5), 10, Verdict{Revoked: true}},
	} {
		t.Run(name, func(t *testing.T) {
			var set Revocations
			for _, r := range tt.in {
				mustAdd(t, &set, r, 1)
			}
			set.Expire(tt.now)
			if got := set.Check(tt.token, tt.now); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func mustAdd(t *testing.T, set *Revocations, r Revocation, now int64) {
	t.Helper()
	if _, err := set.Add(r, now); err != nil {
		t.Fatal(err)
	}
}

// TestUntilNamesTheEndInForce covers the end of a revocation in the answer to an operator.
func TestUntilNamesTheEndInForce(t *testing.T) {
	alice := UserID("alice@example.com")
	var set Revocations
	for _, step := range []struct {
		add  Revocation
		want int64
	}{
		{Revocation{TokenID: "a", Until: 50}, 50},
		{Revocation{TokenID: "a", Until: 40}, 50},
		{Revocation{TokenID: "a", Until: Forever}, Forever},
		{Revocation{TokenID: "a", Until: 60}, Forever},
		{Revocation{UserID: alice, IssuedBefore: 6, Until: Forever}, Forever},
		{Ban(alice, 20), 20},
		{Ban(alice, 10), 20},
	} {
		mustAdd(t, &set, step.add, 1)
		if got := set.Until(step.add); got != step.want {
			t.Errorf("after %+v: until %d, want %d", step.add, got, step.want)
		}
	}
	if got := set.Until(Revocation{TokenID: "b", Until: 50}); got != 0 {
		t.Errorf("a revocation that was never added is in force until %d", got)
	}
}

// TestRevocationsAreBounded fills the set. An existing entry can still change. A new one finds room only after
// another has ended.
func TestRevocationsAreBounded(t *testing.T) {
	var set Revocations
	for i := range int64(MaxRevocations) {
		mustAdd(t, &set, Revocation{TokenID: fmt.Sprint(i), Until: 100 + i}, 1)
	}
	one := Revocation{TokenID: "one more", Until: 1 << 30}
	if _, err := set.Add(one, 1); err != ErrTooManyRevocations {
		t.Fatalf("one too many: %v", err)
	}
	if set.Check(&Claims{ID: one.TokenID}, 1).Revoked {
		t.Error("it is in force all the same")
	}
	mustAdd(t, &set, Revocation{TokenID: "7", Until: 1 << 40}, 1)
	if _, err := set.Add(one, 100); err != nil || !set.Check(&Claims{ID: one.TokenID}, 100).Revoked {
		t.Errorf("one more when another has ended: %v", err)
	}
	if left := set.Count(1 << 39); left != 1 {
		t.Errorf("%d are left when all but one have ended", left)
	}
}

func TestAnEntryStaysUntilAllOfItHasEnded(t *testing.T) {
	alice := UserID("alice@example.com")
	var set Revocations
	for _, r := range []Revocation{Ban(alice, 20), {UserID: alice, IssuedBefore: 6, Until: 100}} {
		mustAdd(t, &set, r, 1)
	}
	if left := set.Count(50); left != 1 || !set.Check(&Claims{UserID: alice}, 50).Revoked {
		t.Errorf("%d left; the revocation went with the ban", left)
	}
	if left := set.Count(100); left != 0 {
		t.Errorf("%d left", left)
	}
}

// TestRevocationsAgainstAModel adds, prolongs and lets end at random, and compares with a map that is searched in full.
func TestRevocationsAgainstAModel(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var set Revocations
	model := map[string]int64{}
	now := int64(1)
	for step := range 20_000 {
		if random.IntN(3) == 0 {
			now += random.Int64N(20)
		}
		id, until := fmt.Sprint(random.IntN(500)), now+random.Int64N(300)
		if random.IntN(100) == 0 {
			until = Forever
		}
		for other, end := range model {
			if end <= now {
				delete(model, other)
			}
		}
		if until > now {
			mustAdd(t, &set, Revocation{TokenID: id, Until: until}, now)
			model[id] = max(model[id], until)
		}
		if got := set.Count(now); got != len(model) {
			t.Fatalf("step %d: %d in force, want %d", step, got, len(model))
		}
		if id := fmt.Sprint(random.IntN(500)); set.Check(&Claims{ID: id}, now).Revoked != (now < model[id]) {
			t.Fatalf("step %d: token %s revoked until %d, now %d", step, id, model[id], now)
		}
	}
	ending := 0
	for _, end := range model {
		if end != Forever {
			ending++
		}
	}
	if len(set.ends) != ending {
		t.Errorf("%d ends are queued for %d entries that end", len(set.ends), ending)
	}
}

func TestAnEmptySetCostsNoAllocation(t *testing.T) {
	var set Revocations
	c := &Claims{UserID: UserID("alice@example.com"), ID: "a"}
	if n := testing.AllocsPerRun(100, func() { set.Check(c, 1) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestCountTakesNoLockWhenNothingHasEnded holds the lock meanwhile, as every Add does for a moment.
func TestCountTakesNoLockWhenNothingHasEnded(t *testing.T) {
	var set Revocations
	mustAdd(t, &set, Revocation{TokenID: "a", Until: 100}, 1)
	mustAdd(t, &set, Revocation{TokenID: "b", Until: Forever}, 1)
	set.mu.Lock()
	defer set.mu.Unlock()
	if n := set.Count(99); n != 2 {
		t.Errorf("%d in force", n)
	}
}

// TestAddReportsWhetherItChangedAnything: a repeated revocation does not start another eviction.
func TestAddReportsWhetherItChangedAnything(t *testing.T) {
	var set Revocations
	user := uuid.UUID{1}
	for _, step := range []struct {
		r       Revocation
		changed bool
	}{
		{Revocation{TokenID: "a", Until: 10}, true},
		{Revocation{TokenID: "a", Until: 9}, false},
		{Revocation{TokenID: "a", Until: 11}, true},
		{Revocation{TokenID: "a", Until: Forever}, true},
		{Revocation{UserID: user, IssuedBefore: 5, Until: 10}, true},
		{Revocation{UserID: user, IssuedBefore: 5, Until: 10}, false},
		{Revocation{UserID: user, IssuedBefore: 6, Until: 10}, true},
		{Ban(user, 10), true},
		{Ban(user, 10), false},
	} {
		if changed, err := set.Add(step.r, 1); err != nil || changed != step.changed {
			t.Errorf("%+v: changed %v, error %v", step.r, changed, err)
		}
	}
}

// fill returns a full set; entry i ends at end(i).
func fill(b *testing.B, end func(i int) int64) *Revocations {
	b.Helper()
	set := new(Revocations)
	for i := range MaxRevocations {
		if _, err := set.Add(Revocation{TokenID: uuid.NewSHA1(uuid.Nil, fmt.Append(nil, i)).String(), Until: end(i)}, 1); err != nil {
			b.Fatal(err)
		}
	}
	return set
}

// BenchmarkRevocationsCount measures the count that each scrape and each call of /ws/stats makes, with a full set.
func BenchmarkRevocationsCount(b *testing.B) {
	set := fill(b, func(i int) int64 { return 1000 + int64(i) })
	for b.Loop() {
		set.Count(10)
	}
}

// BenchmarkRevocationsExpireBatch measures how long the lock is held when many entries end at once.
func BenchmarkRevocationsExpireBatch(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		set := fill(b, func(int) int64 { return 1000 })
		b.StartTimer()
		set.expireBatch(1000)
	}
}

// BenchmarkRevocationsMemory reports the bytes an entry takes in a full set.
func BenchmarkRevocationsMemory(b *testing.B) {
	var before, after runtime.MemStats
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		set := fill(b, func(i int) int64 { return 1000 + int64(i) })
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(set.Count(1)), "B/entry")
	}
}
