package admit

import (
	"fmt"
	"testing"
)

func TestTokensAreRememberedByHash(t *testing.T) {
	const tokens = 1000
	r := NewRecent(2 * tokens)
	for i := range tokens {
		r.Add(r.Sum(fmt.Append(nil, "token ", i)))
	}
	returning := 0
	for i := range tokens {
		if r.Kind(r.Sum(fmt.Append(nil, "token ", i))) == Returning {
			returning++
		}
		if r.Kind(r.Sum(fmt.Append(nil, "other ", i))) == Returning {
			t.Errorf("token %d, which was never added, passes for a returning one", i)
		}
	}
	if returning < tokens/2 {
		t.Errorf("%d of %d tokens are remembered", returning, tokens)
	}
}

func TestNilRecentRemembersNothing(t *testing.T) {
	var r *Recent
	r.Add(r.Sum([]byte("token")))
	if r.Kind(r.Sum([]byte("token"))) != New {
		t.Error("a nil Recent remembers a token")
	}
}
