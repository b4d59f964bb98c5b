// Package figures has what the programs that measure have in common: how they begin, and how they keep their figures.
package figures

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"
)

// Main runs a program until it is done or interrupted, prints its error, and returns its exit status.
func Main(name string, run func(context.Context) error) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		return 1
	}
	return 0
}

// Count has a flag set a number. flag.Int would read 010 as octal.
func Count(to *int, name, usage string) {
	flag.Func(name, usage, func(text string) (err error) {
		*to, err = strconv.Atoi(text)
		return err
	})
}
