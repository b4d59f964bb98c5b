package stats

import (
	"testing"

	"momentum/protocol"
)

func TestEveryCodeHasASlot(t *testing.T) {
	for code := range 5000 {
		slot := codeSlot(protocol.StatusCode(code))
		if slot < 0 || slot >= closeCodes {
			t.Fatalf("code %d is in slot %d", code, slot)
		}
		if code >= 1000 && code < 1016 && slot != code-1000 {
			t.Errorf("code %d is counted as %s", code, codeName(slot))
		}
	}
}
