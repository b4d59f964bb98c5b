package doctor

import (
	"io/fs"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// badOffset is how far the clocks of two hosts may differ: tokens are refused as not yet valid, or expire early.
	badOffset = 2 * time.Second

	// jump is how far a clock may move against the time since the start while the doctor works.
	jump = 500 * time.Millisecond
)

// Clock is the state of a host's clock.
type Clock struct {
	Synchronised bool
	Known        bool
	MaxError     time.Duration
}

// ReadClock asks the kernel for the state of the clock (adjtimex(2)). It changes nothing.
func ReadClock() Clock {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	return Clock{Synchronised: state != unix.TIME_ERROR && t.Status&unix.STA_UNSYNC == 0, Known: err == nil, MaxError: time.Duration(t.Maxerror) * time.Microsecond}
}

// Clocks examines the state of the clock, and whether the time zones are installed.
func Clocks(c Clock, files fs.FS) (all []Finding) {
	const subject = "clock"
	switch {
	case !c.Known:
		all = append(all, warning(subject, nil, "the kernel does not say whether the clock is synchronised"))
	case !c.Synchronised:
		all = append(all, warning(subject, []string{"a shell: apt-get install chrony, or timedatectl set-ntp true"},
			"nothing synchronises the clock: tokens expire early or late, and nodes disagree about bans"))
	default:
		all = append(all, ok(subject, "it is synchronised, to %v", c.MaxError.Round(time.Millisecond)))
	}
	if _, err := fs.Stat(files, "usr/share/zoneinfo/UTC"); err != nil {
		return append(all, warning("time zones", []string{"a shell: apt-get install tzdata; without it, leave TZ unset"}, "no time zone data is installed: the log is in UTC, whatever TZ says"))
	}
	return append(all, ok("time zones", "they are installed"))
}

// Jumped examines whether the clock was set while the doctor worked: wall and steady are the times that have passed on the clock, and since
// the start of the host.
func Jumped(wall, steady time.Duration) []Finding {
	if off := (wall - steady).Abs(); off > jump {
		return []Finding{problem("clock", []string{"chrony: makestep 1 3, so that it jumps only at the start"}, "it has jumped by %v in the last %v", off.Round(time.Millisecond), steady.Round(time.Second))}
	}
	return nil
}

// offset compares the clock of a server with ours.
func offset(server string, theirs, ours time.Time) []Finding {
	if off := theirs.Sub(ours); off.Abs() > badOffset {
		return []Finding{problem("clock", []string{"a shell, on both hosts: timedatectl set-ntp true"}, "it differs by %v from that of %s", off.Round(time.Millisecond), server)}
	}
	return []Finding{ok("clock", "it agrees with that of %s", server)}
}
