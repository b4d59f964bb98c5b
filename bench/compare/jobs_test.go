package main

import (
	"slices"
	"testing"
)

func TestJobsApplyToTheServersThatCanDoThem(t *testing.T) {
	plain, users := server{dialect: &plainDialect}, server{dialect: &productDialect}
	for _, c := range []struct {
		job          job
		plain, users bool
	}{
		{echo(1, 1), true, false},
		{broadcast(2, 1, 1), true, true},
		{storm(1), true, true},
		{idle(1), true, true},
		{heartbeat(1), false, true},
		{direct(0), false, true},
		{returning(1, true, 1), false, false}, // it needs a build that resumes: momentum serve by name
	} {
		if c.job.appliesTo(plain) != c.plain || c.job.appliesTo(users) != c.users {
			t.Errorf("%s: %v and %v", c.job.Name, c.job.appliesTo(plain), c.job.appliesTo(users))
		}
	}
}

// TestJobsHaveNamesOfTheirOwn: records are compared by them.
func TestJobsHaveNamesOfTheirOwn(t *testing.T) {
	seen := make(map[string]bool)
	for _, j := range allJobs {
		if seen[j.Name] {
			t.Errorf("two jobs are called %q", j.Name)
		}
		seen[j.Name] = true
		if j.Connections+directEnds+otherFiles > 20000 {
			t.Errorf("%q needs more than the usual limit of descriptors", j.Name)
		}
	}
}

// TestAJobIsComparedWithAnotherOfTheSameRun.
func TestAJobIsComparedWithAnotherOfTheSameRun(t *testing.T) {
	compared := 0
	for _, j := range allJobs {
		if j.Against == "" {
			continue
		}
		if compared++; !slices.ContainsFunc(allJobs, func(other job) bool { return other.Name == j.Against && other.Against == "" }) {
			t.Errorf("%q is compared with %q, which is no job", j.Name, j.Against)
		}
	}
	if compared != 8 {
		t.Errorf("%d jobs are compared with another", compared)
	}
}
