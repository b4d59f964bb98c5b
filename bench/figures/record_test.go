package figures

import (
	"os"
	"testing"
	"time"
)

func TestAMedianIsInTheMiddle(t *testing.T) {
	if Median(nil) != 0 || Median([]float64{4, 1}) != 2.5 || Median([]float64{9, 1, 2}) != 2 {
		t.Error("a median is wrong")
	}
}

func TestARecordIsSaved(t *testing.T) {
	t.Chdir(t.TempDir())
	file := File(time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC))
	if err := Save("a/b", file, map[string]int{"x": 1}); err != nil || Commit() != "unknown" {
		t.Error(Commit(), err)
	}
	if text, err := os.ReadFile("a/b/2024-01-02T030405Z.json"); string(text) != "{\n\t\"x\": 1\n}\n" {
		t.Errorf("%q, %v", text, err)
	}
}
