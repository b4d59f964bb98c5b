package netpolltest

import (
	"time"
	"unsafe"
)

// Clock is a clock that a test moves. As those of time.Now, its readings have two parts: the date, and the time that has
// passed, by which two readings are compared and subtracted. It begins with the year 2024.
type Clock struct {
	passed time.Duration
	shift  time.Duration // of the date
}

var clockStart = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// Now reads the clock.
func (c *Clock) Now() time.Time { return reading(clockStart.Add(c.passed+c.shift), c.passed) }

// Pass lets time pass.
func (c *Clock) Pass(d time.Duration) { c.passed += d }

// ShiftDate moves the host's date forward or back. No time passes.
func (c *Clock) ShiftDate(by time.Duration) { c.shift += by }

// reading makes a time.Time whose monotonic part is not the host's. Package time has no function for that, so this writes
// its fields; TestReadingsHaveTwoParts fails should they change.
func reading(date time.Time, passed time.Duration) (t time.Time) {
	const monotonic, yearBits, nanosecondBits = 1 << 63, 33, 30
	since1885 := date.Unix() - time.Date(1885, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	fields := (*struct {
		wall uint64
		ext  int64
		loc  *time.Location
	})(unsafe.Pointer(&t))
	fields.wall = monotonic | uint64(since1885)&(1<<yearBits-1)<<nanosecondBits | uint64(date.Nanosecond())
	fields.ext = int64(passed)
	return t
}
