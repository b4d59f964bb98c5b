package main

import "errors"

// Exit codes. A supervisor should start a server again that may come up the next time, and not one that cannot.
const (
	exitFailed   = 1 // it failed, and the next try may succeed: a database is away, a port is in use
	exitSettings = 2 // it can never succeed: the command line, a variable, a file, or what they say
)

// settingsError is a failure that comes again until the settings are changed.
type settingsError struct{ error }

// Unwrap returns the failure.
func (e settingsError) Unwrap() error { return e.error }

// wrongSettings marks err as one, unless it is nil.
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

// exitCode returns what to end with after err.
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
