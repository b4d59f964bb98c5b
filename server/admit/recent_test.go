package admit

import (
	"fmt"
	"testing"
)

func TestTokensAreRememberedByHash(t *testing.T) {
	const tokens = 1000
	r := NewRecent(2 * tokens)
	for i := range tokens {
		r.Add(fmt.Append(nil, "token ", i))
	}
	returning := 0
	for i := range tokens {
		if r.Kind(fmt.Append(nil, "token ", i)) == Returning {
			returning++
		}
		if r.Kind(fmt.Append(nil, "other ", i)) == Returning {
			t.Errorf("token %d, which was never added, passes for a returning one", i)
		}
	}
	if returning < tokens/2 {
		t.Errorf("%d of %d tokens are remembered", returning, tokens)
	}
}

func TestNilRecentRemembersNothing(t *testing.T) {
	var r *Recent
	r.Add([]byte("token"))
	if r.Kind([]byte("token")) != New {
		t.Error("a nil Recent remembers a token")
	}
}
