package protocol

import (
	"testing"
)

func TestMessageTypeNames(t *testing.T) {
	for kind := UnknownType; kind < messageTypes+2; kind++ {
		name := kind.String()
		want := kind
		if kind >= messageTypes {
			want = UnknownType
		}
		if got := ParseMessageType([]byte(name)); got != want || name == "" || len(name) > longestTypeName {
			t.Errorf("%d is named %q, which is %d", kind, name, got)
		}
	}
}
