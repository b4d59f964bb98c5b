package netpolltest

import (
	"testing"
	"time"
)

func TestReadingsHaveTwoParts(t *testing.T) {
	var c Clock
	before := c.Now()
	if date := before.Format(time.RFC3339Nano); date != "2024-01-01T00:00:00Z" || !before.Equal(clockStart) {
		t.Errorf("a clock begins at %s", date)
	}
	c.Pass(1500 * time.Millisecond)
	c.ShiftDate(-time.Hour)
	after := c.Now()
	if date := after.Format(time.RFC3339Nano); date != "2023-12-31T23:00:01.5Z" {
		t.Errorf("the date is %s", date)
	}
	if passed := after.Sub(before); passed != 1500*time.Millisecond || !after.After(before) {
		t.Errorf("%v have passed", passed)
	}
	if shift := after.Round(0).Sub(before.Round(0)); shift != 1500*time.Millisecond-time.Hour { // without the monotonic parts
		t.Errorf("the date has moved by %v", shift)
	}
	if later := after.Add(time.Minute); later.Sub(before) != time.Minute+1500*time.Millisecond || later.Unix()-after.Unix() != 60 {
		t.Errorf("a minute later it is %v", later)
	}
}
