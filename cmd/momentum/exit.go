package main

import "errors"

// Exit codes. A supervisor should restart a server after the first, and not after the second.
const (
	exitFailed   = 1 // the next attempt may succeed: a database is away, a port is in use
	exitSettings = 2 // no attempt can succeed: the command line, a variable, a file, or a setting is wrong
)

// settingsError is a failure that recurs until the settings are changed.
type settingsError struct{ error }

// Unwrap returns the failure.
func (e settingsError) Unwrap() error { return e.error }

// wrongSettings wraps err in a settingsError, unless it is nil.
func wrongSettings(err error) error {
	if err == nil {
		return nil
	}
	return settingsError{err}
}

// reportedError is a failure that the command has printed itself.
type reportedError struct{ error }

// Unwrap returns the failure.
func (e reportedError) Unwrap() error { return e.error }

// exitCode returns the exit code for err.
func exitCode(err error) int {
	var wrong settingsError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &wrong):
		return exitSettings
	}
	return exitFailed
}
