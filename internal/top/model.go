package top

import (
	"strings"
	"time"

	"momentum/server/view"
)

// Row is a row of GET /ws/connections, as far as the table shows it.
type Row struct {
	Connection string `json:"connection"`
	UserID     string `json:"user_id"`
	Username   string `json:"username"`
	Address    string `json:"address"`
	Ended      string `json:"ended"` // the reason; "": it is live
	Window     struct {
		In      float64 `json:"bytes_received_per_second"`
		Out     float64 `json:"bytes_sent_per_second"`
		Refused int64   `json:"messages_refused"`
		Queue   int64   `json:"most_queued_bytes"`
	} `json:"window"`
}

// Model is the state of the screen.
type Model struct {
	View     *view.View // the last one; nil: there was none yet
	Rows     []Row      // the heaviest connections, in the node's order
	NoTable  bool       // the node has no list of them
	Old      string     // why the rows are old: the node has not answered with new ones; "": they are not
	Lost     string     // why there is no stream; "": there is one
	Since    time.Time  // when the last view came; before the first one, when the stream was found missing
	Sort     string     // one of sorts
	Window   int        // of the heaviest connections, in seconds: 10 or 60
	Filter   string     // part of a user, an address or a connection
	Typing   bool       // the filter is being typed
	Paused   bool       // views and rows are left out
	Help     bool       // the keys are shown instead
	Quit     bool       // the user wants to leave
	Coloured bool       // the terminal shows tones as colours
}

// sorts has the keys that sort the table. The queue has u, because q quits, as in all such programs.
var sorts = map[string]string{"b": "bytes_out", "i": "bytes_in", "u": "queue", "r": "refused"}

// windows are those that a node has, in seconds.
var windows = [2]int{10, 60}

// New returns the state before the first event.
func New() Model { return Model{Sort: "bytes_out", Window: windows[0]} }

// Seen takes a view of the node that has come at a time.
func (m Model) Seen(v *view.View, at time.Time) Model {
	m.Lost, m.Since = "", at
	if !m.Paused {
		m.View = v
	}
	return m
}

// Listed takes the heaviest connections. Those of another order or window than the wanted one came too late.
func (m Model) Listed(sort string, window int, rows []Row) Model {
	m.Old = ""
	if !m.Paused && sort == m.Sort && window == m.Window {
		m.Rows = rows
	}
	return m
}

// Unlisted takes the reason why the node gave no list. The last rows stay.
func (m Model) Unlisted(why string) Model {
	m.Old = why
	return m
}

// Cut takes the reason why the stream is lost, as found at a time. The last view stays. The node that comes back may be of another version, which has a list.
func (m Model) Cut(why string, at time.Time) Model {
	if m.Since.IsZero() {
		m.Since = at
	}
	m.Lost, m.NoTable = why, false
	return m
}

// Key takes a key, by name, such as "b", "enter" or "ctrl+c"; text is what it types.
func (m Model) Key(name, text string) Model {
	switch {
	case name == "ctrl+c":
		m.Quit = true
	case m.Typing:
		return m.typed(name, text)
	case m.Help:
		m.Help = false
	case name == "q":
		m.Quit = true
	case name == "p":
		m.Paused = !m.Paused
	case name == "?":
		m.Help = true
	case name == "/":
		m.Typing = true
	case name == "esc":
		m.Filter = ""
	case name == "w":
		m.Window, m.Rows = windows[0]+windows[1]-m.Window, nil
	case sorts[name] != "" && sorts[name] != m.Sort:
		m.Sort, m.Rows = sorts[name], nil
	}
	return m
}

// typed takes a key while the filter is typed.
func (m Model) typed(name, text string) Model {
	switch letters := []rune(m.Filter); {
	case name == "enter":
		m.Typing = false
	case name == "esc":
		m.Typing, m.Filter = false, ""
	case name == "backspace" && len(letters) > 0:
		m.Filter = string(letters[:len(letters)-1])
	default:
		m.Filter += printable(text)
	}
	return m
}

// shown returns the rows that match the filter.
func (m Model) shown() (rows []Row) {
	for _, r := range m.Rows {
		all := strings.ToLower(strings.Join([]string{r.Connection, r.UserID, r.Username, r.Address}, " "))
		if strings.Contains(all, strings.ToLower(m.Filter)) {
			rows = append(rows, r)
		}
	}
	return rows
}
