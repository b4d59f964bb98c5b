package netpolltest

import (
	"time"
	"unsafe"
)

// start is when worlds begin.
var start = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// Now is the world's clock. As those of time.Now, its readings have two parts: the date, which ShiftDate sets, and the
// time that has passed, by which two readings are compared and subtracted.
func (w *World) Now() time.Time { return reading(w.clock.Add(w.shift), w.clock.Sub(start)) }

// ShiftDate sets the date as somebody does who corrects the host's clock, forward or back. No time passes.
func (w *World) ShiftDate(by time.Duration) { w.shift += by }

// reading makes a time.Time with a monotonic part that is not the host's. Package time has no function for that, so this
// writes its fields; TestReadingsHaveTwoParts fails should they change.
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
