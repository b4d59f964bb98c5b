package main

import "testing"

// TestTheProgramIsStartedAgainOnce: without the check the test would be replaced by a run.
func TestTheProgramIsStartedAgainOnce(t *testing.T) {
	t.Setenv(entered, "1")
	if err := restart(100); err != nil {
		t.Error(err)
	}
}
