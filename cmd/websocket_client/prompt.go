package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/chzyer/readline"
)

const prompt = "websocket> "

// terminal is the source of lines and the destination of output: a prompt with line editing, or a pipe.
type terminal struct {
	lines    chan string // closed at the end of the input
	failure  error       // why the input was not read to its end; valid after lines is closed
	out, err io.Writer
	done     chan struct{} // closed when no more lines are wanted
	close    func()
	person   bool // there is a prompt
}

// openTerminal shows a prompt with the user's name if both input and output are terminals.
func openTerminal(std streams, name string, known *people) (*terminal, error) {
	t := &terminal{lines: make(chan string, lineBacklog), out: std.out, err: std.err, done: make(chan struct{})}
	if !isInteractive(std) {
		t.close = func() { close(t.done) }
		go t.readPipe(std.in)
		return t, nil
	}
	keys := readline.NewCancelableStdin(std.in)
	pasted := newPasteReader(keys)
	editor, err := readline.NewEx(&readline.Config{
		Prompt: promptOf(name), Stdin: pasted, Stdout: std.out, Stderr: std.err,
		AutoComplete: completer{known}, Listener: readline.FuncListener(pasted.insert),
	})
	if err != nil {
		return nil, err
	}
	t.person = true
	_, _ = io.WriteString(std.out, bracketsOn) // a terminal that cannot do it ignores it
	t.out, t.err = aboveLine{editor, editor.Stdout()}, aboveLine{editor, editor.Stderr()}
	t.close = func() {
		close(t.done)
		keys.Close()   // otherwise the editor would wait for a key before it closes
		editor.Close() // restores the terminal
		_, _ = io.WriteString(std.out, bracketsOff)
	}
	go t.readEditor(editor)
	return t, nil
}

// aboveLine prints above the line that is being edited. The library redraws that line if it is already reading keys.
// Between drawing the prompt and reading the first key it would overwrite the prompt instead.
type aboveLine struct {
	editor *readline.Instance
	target io.Writer
}

// Write must be given whole lines.
func (w aboveLine) Write(lines []byte) (int, error) {
	poll := time.NewTicker(promptPoll)
	defer poll.Stop()
	for limit := time.After(promptTimeout); !w.editor.Terminal.IsReading(); {
		select {
		case <-poll.C: // the library offers no event to wait for
		case <-limit:
			return w.target.Write(lines)
		}
	}
	return w.target.Write(lines)
}

// promptOf is the prompt with the user's name.
func promptOf(name string) string {
	if name == "" {
		return prompt
	}
	return oneLine(name) + "@" + prompt
}

// isInteractive reports whether both input and output are terminals.
func isInteractive(std streams) bool { return isTerminal(std.in) && isTerminal(std.out.Writer()) }

func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && readline.IsTerminal(int(file.Fd()))
}

// readEditor reads lines until ^D, or ^C on an empty line. ^C on another line discards it.
func (t *terminal) readEditor(editor *readline.Instance) {
	defer close(t.lines)
	for {
		line, err := editor.Readline()
		if errors.Is(err, readline.ErrInterrupt) && line != "" {
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, readline.ErrInterrupt) {
			t.failure = err
		}
		if err != nil || !t.deliver(line) {
			return
		}
	}
}

// readPipe reads lines until the end of the input.
func (t *terminal) readPipe(in io.Reader) {
	defer close(t.lines)
	scanner := bufio.NewScanner(in)
	scanner.Buffer(nil, maxLineBytes)
	for scanner.Scan() {
		if !t.deliver(scanner.Text()) {
			return
		}
	}
	t.failure = scanner.Err()
	if errors.Is(t.failure, bufio.ErrTooLong) {
		t.failure = fmt.Errorf("a line is longer than %d bytes", maxLineBytes)
	}
}

// deliver passes a line on. It returns false if no more lines are wanted.
func (t *terminal) deliver(line string) bool {
	select {
	case t.lines <- line:
		return true
	case <-t.done:
		return false
	}
}
