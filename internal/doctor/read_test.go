package doctor

import (
	"slices"
	"testing"
)

func TestFilesOfTheKernelHaveNumbers(t *testing.T) {
	files := planted(map[string]string{"a": "1\t2 3\n", "b": "max\n", "c": "MemTotal: 7 kB\nMemAvailable:   5 kB\n"})
	if got := numbers(files, "a"); !slices.Equal(got, []int64{1, 2, 3}) {
		t.Errorf("%v", got)
	}
	if _, known := number(files, "b"); known {
		t.Error("a word is a number")
	}
	if n, known := field(files, "c", "MemAvailable:"); n != 5 || !known {
		t.Errorf("%d, %v", n, known)
	}
	if _, known := field(files, "none", "MemTotal:"); known {
		t.Error("a file that is missing has a number")
	}
}
