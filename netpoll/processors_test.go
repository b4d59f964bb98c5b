package netpoll

import (
	"runtime"
	"testing"
)

func TestOneProcessorIsSpareUnlessTheEnvironmentSaysHowMany(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	t.Setenv("GOMAXPROCS", "2")
	SpareProcessor(4)
	if n := runtime.GOMAXPROCS(0); n != 2 {
		t.Errorf("%d processors instead of those of the environment", n)
	}
	t.Setenv("GOMAXPROCS", "")
	SpareProcessor(4)
	if n := runtime.GOMAXPROCS(0); n != 5 {
		t.Errorf("%d processors for 4 reactors", n)
	}
}
