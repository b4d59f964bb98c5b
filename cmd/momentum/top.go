package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/term"

	"momentum/internal/adminapi"
	"momentum/internal/config"
	"momentum/internal/top"
	"momentum/server/view"
)

// topCmd shows a running node.
type topCmd struct {
	Settings config.Settings `embed:""`
	Once     bool            `help:"Print one view and exit, as without a terminal."`
	JSON     bool            `name:"json" help:"Print each view as a line of JSON, for programs; with --once, one."`
}

// onceWidth is the width of a text for a file.
const onceWidth = 100

// Run shows the node until the user quits. Without a terminal there is nobody to quit, so it prints one view.
func (cmd *topCmd) Run(out io.Writer, s *config.Sources) error {
	node, err := nodeOf(&cmd.Settings, s)
	if err != nil {
		return err
	}
	if screen, ok := out.(*os.File); ok && !cmd.Once && !cmd.JSON && term.IsTerminal(int(screen.Fd())) && term.IsTerminal(int(os.Stdin.Fd())) {
		return callFault(top.Run(context.Background(), node, os.Stdin, screen))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err = cmd.print(ctx, out, node)
	if ctx.Err() != nil { // the user has seen enough
		return nil
	}
	return callFault(err)
}

// print prints views.
func (cmd *topCmd) print(ctx context.Context, out io.Writer, node *adminapi.Client) error {
	var printing error
	err := top.Views(ctx, node, func(v *view.View, text []byte) bool {
		if cmd.JSON {
			_, printing = fmt.Fprintf(out, "%s\n", text)
			return printing == nil && !cmd.Once
		}
		printing = printOnce(ctx, out, node, v)
		return false
	})
	if printing != nil {
		return printing
	}
	return err
}

// printOnce prints a view, with the heaviest connections.
func printOnce(ctx context.Context, out io.Writer, node *adminapi.Client, v *view.View) error {
	m := top.New().Seen(v, time.Now())
	rows, known, err := top.Heaviest(ctx, node, m.Sort, m.Window)
	if err != nil {
		return err
	}
	m.NoTable = !known
	_, err = io.WriteString(out, m.Listed(m.Sort, m.Window, rows).Once(onceWidth))
	return err
}
