// Package logging writes a process's log without making any part of the process wait for its reader.
package logging
