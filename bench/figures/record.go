package figures

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"momentum/internal/output"
)

// Commit returns the commit that is checked out.
func Commit() string {
	head, err := exec.Command("git", "rev-parse", "--short=12", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(head))
}

// File names the record of a run by the time at which it began.
func File(began time.Time) string { return began.Format("2006-01-02T150405Z") + ".json" }

// Save writes a record into a directory, which it makes.
func Save(directory, file string, record any) error {
	text, err := json.MarshalIndent(record, "", "\t")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return err
	}
	return output.Write(filepath.Join(directory, file), append(text, '\n'), os.Stdout)
}

// Median returns the value in the middle, or the mean of the two there; of none, 0.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}
