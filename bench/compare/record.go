package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"momentum/internal/output"
)

// resultsDirectory holds the records, one file a run, named by when it began.
const resultsDirectory = "bench/results"

// record is one run, with all that is needed to judge it later.
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

func (r *record) file() string { return r.Date.Format("2006-01-02T150405Z") + ".json" }

func (r *record) save() error {
	text, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(resultsDirectory, 0o755); err != nil {
		return err
	}
	return output.Write(filepath.Join(resultsDirectory, r.file()), append(text, '\n'), os.Stdout)
}

// records reads all that were kept, the oldest first.
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
			return nil, fmt.Errorf("%s is no record: %w", name, err)
		}
		all = append(all, r)
	}
	return all, nil
}

// result is a job and the record that its table is made from.
type result struct {
	job
	from *record
}

const (
	// leastRounds is how many a table is made from: of fewer the median is one that a bad second has spoilt.
	leastRounds = 3

	// leastRivals is how many a table has beside us and the floor.
	leastRivals = 3
)

// stands says whether the record has all that a table of a job needs: us, the floor and some rivals, in each of several
// rounds. Others are kept and not shown, so that a look at one server takes no table's place.
func (r *record) stands(j job) bool {
	whole := func(name string) bool { return r.succeeded(name, j.Name) == r.Rounds }
	rivals, suited := 0, 0
	for _, s := range allServers {
		if !isRival(s.name) || !j.suits(s) {
			continue
		}
		if suited++; whole(s.name) {
			rivals++
		}
	}
	switch {
	case r.Rounds < leastRounds:
		return false
	case suited == 0: // a job for the whole server alone
		return whole(product)
	}
	return whole(ours) && whole(floor) && rivals >= leastRivals
}

// succeeded counts the rounds that a server did a job in.
func (r *record) succeeded(server, job string) (rounds int) {
	for i := range r.Measurements {
		if m := &r.Measurements[i]; m.Server == server && m.Job == job && m.Failed == "" {
			rounds++
		}
	}
	return rounds
}

// failures is an error that names whoever failed at something.
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

// latest finds for each job, in the usual order, the newest run that has all of its table. Figures of different runs
// are never put side by side: the machine was not the same from one to the next.
func latest(all []record) []result {
	found := make(map[string]result)
	for i := range all {
		for _, j := range all[i].Jobs {
			if !all[i].stands(j) {
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
