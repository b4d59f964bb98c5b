package top

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	tea "charm.land/bubbletea/v2"

	"momentum/internal/adminapi"
	"momentum/server/view"
)

// again is the time between two attempts to reach a node that is away.
const again = time.Second

type (
	seen   struct{ view *view.View }
	cut    struct{ why error }
	listed struct {
		sort   string
		window int
		rows   []Row
		known  bool
		err    error
	}
)

// program connects the model with a terminal and a node.
type program struct {
	ctx           context.Context //nolint:containedctx // of the program, whose commands have no other way to it
	node          Node
	send          func(tea.Msg)
	model         Model
	now           func() time.Time
	asking        bool  // a list is under way
	denied        error // the node does not let the user see it
	width, height int
}

func newProgram(ctx context.Context, node Node) *program {
	p := &program{ctx: ctx, node: node, model: New(), now: time.Now, width: 80, height: 24}
	p.model.Coloured = os.Getenv("NO_COLOR") == "" // any value counts, as no-color.org has it; the library finds out whether the terminal has colours
	return p
}

// Run shows the node until the user quits, or the node refuses the token, whose error it returns. It restores the terminal, also after a
// panic or SIGTERM.
func Run(ctx context.Context, node Node, in io.Reader, out io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	p := newProgram(ctx, node)
	t := tea.NewProgram(p, tea.WithInput(in), tea.WithOutput(out), tea.WithContext(ctx))
	p.send = t.Send
	_, err := t.Run()
	return errors.Join(p.denied, err)
}

// Init begins to follow the stream. As a command of the library, it may panic without leaving the terminal as it is.
func (p *program) Init() tea.Cmd { return p.follow }

func (p *program) follow() tea.Msg {
	err := Views(p.ctx, p.node, func(v *view.View, _ []byte) bool {
		p.send(seen{v})
		return p.ctx.Err() == nil
	})
	return cut{err}
}

// Update takes a message of the terminal or of the node.
func (p *program) Update(message tea.Msg) (tea.Model, tea.Cmd) {
	switch m := message.(type) {
	case tea.WindowSizeMsg:
		p.width, p.height = m.Width, m.Height
	case tea.KeyPressMsg:
		return p.key(m)
	case seen:
		p.model = p.model.Seen(m.view, p.now())
		return p, p.ask()
	case listed:
		p.asking = false
		return p, p.list(m)
	case cut:
		if m.why != nil {
			p.model = p.model.Cut(m.why.Error(), p.now())
		}
		if p.refused(m.why) {
			return p, tea.Quit
		}
		return p, tea.Tick(again, func(time.Time) tea.Msg { return p.follow() })
	}
	return p, nil
}

// list takes the answer to a question for a list.
func (p *program) list(m listed) tea.Cmd {
	p.model.NoTable = !m.known
	if m.err == nil {
		p.model = p.model.Listed(m.sort, m.window, m.rows)
		return nil
	}
	p.model = p.model.Unlisted(m.err.Error())
	if p.refused(m.err) {
		return tea.Quit
	}
	return nil
}

// refused reports whether the node refuses the token. It would do so again.
func (p *program) refused(err error) bool {
	if adminapi.IsDenied(err) {
		p.denied = err
	}
	return p.denied != nil
}

func (p *program) key(k tea.KeyPressMsg) (tea.Model, tea.Cmd) {
	before := p.model
	p.model = p.model.Key(k.Keystroke(), k.Text)
	switch {
	case p.model.Quit:
		return p, tea.Quit
	case p.model.Sort != before.Sort, p.model.Window != before.Window:
		return p, p.ask()
	}
	return p, nil
}

// ask asks for the heaviest connections, unless an answer is awaited.
func (p *program) ask() tea.Cmd {
	if p.asking || p.model.NoTable {
		return nil
	}
	p.asking = true
	sort, window := p.model.Sort, p.model.Window
	return func() tea.Msg {
		rows, known, err := Heaviest(p.ctx, p.node, sort, window)
		return listed{sort, window, rows, known, err}
	}
}

// View returns the screen.
func (p *program) View() tea.View {
	v := tea.NewView(p.model.Text(p.width, p.height))
	v.AltScreen = true
	return v
}
