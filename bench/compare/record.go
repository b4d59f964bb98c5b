package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"momentum/bench/figures"
)

// resultsDirectory holds the records: one file for each run, named by the time at which it began.
const resultsDirectory = "bench/results"

// record is one run, with everything that is needed to interpret it later.
type record struct {
	Date         time.Time         `json:"date"`
	Commit       string            `json:"commit"`
	Machine      machine           `json:"machine"`
	Rounds       int               `json:"rounds"`
	Window       string            `json:"window"`
	Versions     map[string]string `json:"versions"`
	Jobs         []job             `json:"jobs"`
	Measurements []measurement     `json:"measurements"`
}

func newRecord(p *plan) record {
	r := record{
		Date: time.Now().UTC().Truncate(time.Second), Commit: commit(), Machine: thisMachine(),
		Rounds: p.rounds, Window: p.window.String(), Versions: make(map[string]string), Jobs: p.jobs,
	}
	for _, s := range p.servers {
		r.Versions[s.name] = s.version()
	}
	return r
}

// commit returns the commit of the measured sources, with a plus if there are uncommitted changes.
func commit() string {
	head := figures.Commit()
	changes, err := exec.Command("git", "status", "--porcelain", "--", ".", ":!*.md", ":!"+resultsDirectory).Output()
	if head != "unknown" && (err != nil || len(changes) > 0) {
		head += "+"
	}
	return head
}

func (r *record) file() string { return figures.File(r.Date) }

func (r *record) save() error { return figures.Save(resultsDirectory, r.file(), r) }

// records reads all records, the oldest first.
func records() ([]record, error) {
	files, err := filepath.Glob(filepath.Join(resultsDirectory, "*.json"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	var all []record
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		var r record
		if err := json.Unmarshal(text, &r); err != nil {
			return nil, fmt.Errorf("%s is not a record: %w", name, err)
		}
		all = append(all, r)
	}
	return all, nil
}

// result is a job and the record from which its table is made.
type result struct {
	job
	from *record
}

const (
	// minRounds is how many rounds a table needs: with fewer, the median may be a round that other work has spoilt.
	minRounds = 3

	// minRivals is how many rivals a table needs.
	minRivals = 3
)

// complete reports whether the record has everything that the table of a job needs: our server, the floor and some rivals in
// each of several rounds; momentum serve and all rivals that can do it, if the floor cannot. Other records are kept and not shown, so that a run of one server does not replace a table.
func (r *record) complete(j job) bool {
	all := func(name string) bool { return r.succeeded(name, j.Name) == j.rounds(r.Rounds) }
	rivals, suited := 0, 0
	for _, s := range allServers {
		if !isRival(s.name) || !j.appliesTo(s) {
			continue
		}
		if suited++; all(s.name) {
			rivals++
		}
	}
	switch {
	case j.rounds(r.Rounds) < j.rounds(minRounds):
		return false
	case !j.appliesTo(server{name: floor, dialect: &plainDialect}): // a job for momentum serve, and few others
		return all(product) && rivals == suited
	}
	return all(ours) && all(floor) && rivals >= minRivals
}

// succeeded returns in how many rounds a server did a job without an error.
func (r *record) succeeded(server, job string) (rounds int) {
	for i := range r.Measurements {
		if m := &r.Measurements[i]; m.Server == server && m.Job == job && m.Failed == "" {
			rounds++
		}
	}
	return rounds
}

// failures returns an error that names the servers that failed, or nil.
func (r *record) failures() error {
	var names []string
	failed := 0
	for i := range r.Measurements {
		if m := &r.Measurements[i]; m.Failed != "" {
			failed++
			if !slices.Contains(names, m.Server) {
				names = append(names, m.Server)
			}
		}
	}
	if failed == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d measurements failed, of %s", failed, len(r.Measurements), strings.Join(names, ", "))
}

// latest returns for each job, in the usual order, the newest record that is complete for it. Figures of different runs are
// never shown side by side, since the machine's load differs from one to the next.
func latest(all []record) []result {
	found := make(map[string]result)
	for i := range all {
		for _, j := range all[i].Jobs {
			if !all[i].complete(j) {
				continue
			}
			found[j.Name] = result{j, &all[i]}
		}
	}
	var ordered []result
	for _, j := range allJobs {
		if r, ok := found[j.Name]; ok {
			ordered = append(ordered, r)
			delete(found, j.Name)
		}
	}
	return ordered
}
