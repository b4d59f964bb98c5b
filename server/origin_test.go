package server

import (
	"testing"

	"momentum/server/admit"
)

func TestASocketIsCountedUnderItsClientsAddressOrNotAtAll(t *testing.T) {
	if n := (&origin{client: 7}).network(); n != 0 {
		t.Errorf("a socket that is not counted is counted under %v", n)
	}
	if n := (&origin{client: 7, counted: true}).network(); n != admit.Network(7) {
		t.Errorf("a socket of address 7 is counted under %v", n)
	}
}
