package load

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"momentum/internal/output"
)

// recordVersion is incremented when older versions of the tool can no longer read the file.
const recordVersion = 2

// Record is everything that one call of the tool measured: --json saves it and --baseline reads it.
type Record struct {
	Version    int          `json:"version"`
	Started    time.Time    `json:"started"`
	Target     string       `json:"target"` // without query and password
	Host       Host         `json:"host"`
	Plan       Plan         `json:"plan"`
	Repeat     int          `json:"repeat"`
	Incomplete string       `json:"incomplete,omitempty"` // why some runs are missing
	Groups     []Group      `json:"tests"`
	Verdicts   []Verdict    `json:"slo,omitempty"`
	Comparison []Comparison `json:"baseline,omitempty"`
}

// Host describes the host of the generator.
type Host struct {
	CPUs   int    `json:"cpus"`
	Kernel string `json:"kernel"`
	Go     string `json:"go"`
}

// NewRecord returns a record without runs.
func NewRecord(p *Plan, repeat int, now time.Time) *Record {
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return &Record{
		Version: recordVersion, Started: now.UTC().Truncate(time.Second), Target: redacted(p.URL), Plan: *p, Repeat: repeat,
		Host: Host{runtime.NumCPU(), strings.TrimSpace(string(kernel)), runtime.Version()},
	}
}

// redacted returns the URL without its query, which may contain a token, and without a password.
func redacted(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// Add adds a run to the group of its test.
func (r *Record) Add(result *Result) {
	if g := r.group(result.Test); g != nil {
		g.Runs = append(g.Runs, result)
		return
	}
	r.Groups = append(r.Groups, Group{result.Test, []*Result{result}})
}

func (r *Record) group(test Test) *Group {
	for i := range r.Groups {
		if r.Groups[i].Test == test {
			return &r.Groups[i]
		}
	}
	return nil
}

// Invalid reports whether the generator was the bottleneck of any phase.
func (r *Record) Invalid() bool {
	return r.any(func(one *Result) bool { return len(one.Invalid) > 0 })
}

// GeneratorLimited reports whether a condition or the baseline was applied to a figure that the generator limited.
func (r *Record) GeneratorLimited() bool {
	return slices.ContainsFunc(r.Verdicts, func(v Verdict) bool { return v.GeneratorLimited }) ||
		slices.ContainsFunc(r.Comparison, func(c Comparison) bool { return c.GeneratorLimited })
}

// HasErrors reports whether clients met errors in any run, or runs are missing.
func (r *Record) HasErrors() bool {
	return r.Incomplete != "" || r.any(func(one *Result) bool { return len(one.Problems) > 0 })
}

// Complete reports whether all runs were made and none was interrupted.
func (r *Record) Complete() bool {
	return r.Incomplete == "" && !r.any(func(one *Result) bool { return one.Interrupted })
}

func (r *Record) any(holds func(*Result) bool) bool {
	for _, g := range r.Groups {
		for _, one := range g.Runs {
			if holds(one) {
				return true
			}
		}
	}
	return false
}

// Failed reports whether a condition does not hold or a metric has regressed.
func (r *Record) Failed() bool {
	for _, v := range r.Verdicts {
		if !v.Held {
			return true
		}
	}
	for _, c := range r.Comparison {
		if c.Regressed {
			return true
		}
	}
	return false
}

// Save writes the record to path, which may stand for standard output.
func (r *Record) Save(path string, stdout io.Writer) error {
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	return output.Write(path, append(text, '\n'), stdout)
}

// ReadRecord reads a saved file.
func ReadRecord(path string) (*Record, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var r Record
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("%s is not a file that --json has saved: %w", path, err)
	}
	if r.Version != recordVersion {
		return nil, fmt.Errorf("%s has version %d, and this tool reads version %d: measure the baseline again", path, r.Version, recordVersion)
	}
	for _, g := range r.Groups {
		if len(g.Runs) == 0 {
			return nil, fmt.Errorf("%s has a %s test without a run", path, g.Test)
		}
	}
	if !r.Complete() {
		return nil, fmt.Errorf("%s is of a run that was interrupted or incomplete: measure the baseline again", path)
	}
	return &r, nil
}
