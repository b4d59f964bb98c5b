package top

import (
	"slices"
	"strings"
)

// tone says how urgent a text is. A terminal with colours shows it as a colour; the words say the same without.
type tone int

const (
	plain tone = iota
	good
	caution
	bad
	title
)

// colours are the codes of ECMA-48 of each tone: colours of the terminal's own palette, which suits its background.
var colours = [...]string{good: "32", caution: "33", bad: "1;31", title: "1"}

// piece is a part of a line.
type piece struct {
	text string
	tone tone
}

// line is a line of the screen.
type line []piece

// lineOf returns a line of one tone.
func lineOf(t tone, text string) line { return line{{text, t}} }

// pieces returns plain texts.
func pieces(texts ...string) (all []piece) {
	for _, text := range texts {
		all = append(all, piece{text, plain})
	}
	return all
}

// letters returns the length of a line.
func (l line) letters() (n int) {
	for _, p := range l {
		n += len([]rune(p.text))
	}
	return n
}

// render returns a line as a text of at most width letters. Only its tones become codes for the terminal: it may have names that come from clients.
func (l line) render(width int, coloured bool) string {
	var shown []piece
	for _, p := range l {
		letters := []rune(printable(p.text))
		p.text = string(letters[:min(len(letters), max(0, width))])
		width -= len(letters)
		shown = append(shown, p)
	}
	text := ""
	for _, p := range slices.Backward(shown) {
		if text == "" {
			p.text = strings.TrimRight(p.text, " ")
		}
		if coloured && p.tone != plain && p.text != "" {
			p.text = "\x1b[" + colours[p.tone] + "m" + p.text + "\x1b[m"
		}
		text = p.text + text
	}
	return text
}

// wrap writes items on as many lines as they need.
func wrap(items []piece, width int) (lines []line) {
	var row line
	for _, item := range items {
		switch {
		case row == nil:
			row = line{item}
		case row.letters()+len([]rune(item.text))+3 > width:
			lines = append(lines, row)
			row = line{{"  ", plain}, item}
		default:
			row = append(row, piece{" · ", plain}, item)
		}
	}
	return append(lines, row)
}
