package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
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
	return os.WriteFile(filepath.Join(resultsDirectory, r.file()), append(text, '\n'), 0o644)
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

// latest finds for each job, in the usual order, the newest run that measured it. Figures of different runs are
// never put side by side: the machine was not the same from one to the next.
func latest(all []record) []result {
	found := make(map[string]result)
	for i := range all {
		for _, j := range all[i].Jobs {
			found[j.Name] = result{j, &all[i]}
		}
	}
	var ordered []result
	for _, j := range slices.Concat(allJobs, smokeJobs) {
		if r, ok := found[j.Name]; ok {
			ordered = append(ordered, r)
			delete(found, j.Name)
		}
	}
	return ordered
}
