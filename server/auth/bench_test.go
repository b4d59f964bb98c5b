package auth

import (
	"crypto"
	"runtime"
	"strings"
	"testing"
)

// goodToken is as long as tokens in use are.
func goodToken(tb testing.TB) []byte {
	tb.Helper()
	token, err := Sign(testSecret, Claims{
		UserID("alice@example.com"), "alice", "alice@example.com", "0b5d6f8e-1c2d-4e3f-8a9b-112233445566", testNow, testNow + 3600, nil,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return []byte(token)
}

// garbage are tokens that a storm of invalid ones may consist of, each of the largest size.
func garbage() map[string][]byte {
	fill := func(n int) string { return strings.Repeat("QUFB", n) }
	return map[string][]byte{
		"too long":          []byte(strings.Repeat("A", 8*MaxTokenBytes)),
		"no dots":           []byte(fill(MaxTokenBytes / 4)),
		"long payload":      []byte(encode(hs256) + "." + fill(1000) + "." + encode(strings.Repeat("s", 32))),
		"long header":       []byte(fill(1000) + ".e30." + encode(strings.Repeat("s", 32))),
		"long signature":    []byte(encode(hs256) + ".e30." + fill(1000)),
		"nested header":     []byte(encode(strings.Repeat(`{"a":`, 70)) + ".e30." + encode(strings.Repeat("s", 32))),
		"header of members": []byte(encode("{"+strings.Repeat(`"":0,`, 70)+`"":0}`) + ".e30." + encode(strings.Repeat("s", 32))),
	}
}

func BenchmarkVerify(b *testing.B) {
	v, token := testVerifier(), goodToken(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, fault := v.Verify(token); fault != nil {
			b.Fatal(fault)
		}
	}
}

// BenchmarkVerifyPair is the cost of a signature of each kind, and of a forged one.
func BenchmarkVerifyPair(b *testing.B) {
	p := keyPairs(b)
	for _, private := range []crypto.Signer{p.rsa, p.ec, p.ed} {
		k := publicKey(b, "", private)
		v := verifierOf(k)
		good := signedBy(b, k.algorithm.method(), private, `{"alg":"`+string(k.algorithm)+`"}`)
		dot := strings.LastIndexByte(good, '.')
		forged := strings.Replace(good, good[dot:dot+9], ".AAAAAAAA", 1)
		for name, token := range map[string]string{"": good, " forged": forged} {
			b.Run(string(k.algorithm)+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, fault := v.Verify([]byte(token)); (fault == nil) != (token == good) {
						b.Fatal(fault)
					}
				}
			})
		}
	}
}

func BenchmarkRefuse(b *testing.B) {
	for name, token := range garbage() {
		b.Run(name, func(b *testing.B) {
			v := testVerifier()
			b.ReportAllocs()
			for b.Loop() {
				if _, fault := v.Verify(token); fault == nil {
					b.Fatal("accepted")
				}
			}
		})
	}
}

// TestARefusedTokenCostsAConstant: a longer token must not cost more memory, or invalid tokens would be a cheap way to
// keep the garbage collector busy. Most of it is encoding/json's stack for the nesting of a short header.
func TestARefusedTokenCostsAConstant(t *testing.T) {
	const runs, maxAllocs, maxBytes = 500, 20, 4096
	v := testVerifier()
	for name, token := range garbage() {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range runs {
			if _, fault := v.Verify(token); fault == nil {
				t.Fatal("accepted")
			}
		}
		runtime.ReadMemStats(&after)
		allocs, size := (after.Mallocs-before.Mallocs)/runs, (after.TotalAlloc-before.TotalAlloc)/runs
		if allocs > maxAllocs || size > maxBytes {
			t.Errorf("%s: %d allocations, %d bytes", name, allocs, size)
		}
	}
}

// TestGarbageIsRefusedWithoutAllocating covers the checks that refuse most garbage.
func TestGarbageIsRefusedWithoutAllocating(t *testing.T) {
	v := testVerifier()
	for _, name := range []string{"too long", "no dots"} {
		token := garbage()[name]
		if n := testing.AllocsPerRun(100, func() { v.Verify(token) }); n >= 1 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
