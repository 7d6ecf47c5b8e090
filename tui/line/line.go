// Package line is a line of text that a person edits: keys in, text out. It
// must not know what the text is for.
package line

import (
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"netscope/tui/view"
)

// Line is a line of text being edited. The zero value is empty.
type Line struct {
	text []rune
	at   int // cursor: before text[at]
}

// New is a line with text, the cursor behind it.
func New(s string) Line {
	r := []rune(s)
	return Line{text: r, at: len(r)}
}

// String is the text.
func (l *Line) String() string { return string(l.text) }

// maxLine is the longest line that may be typed or pasted, in characters.
const maxLine = 4096

// Insert puts text at the cursor, without control characters.
func (l *Line) Insert(s string) {
	var r []rune
	for _, c := range s {
		if c >= 0x20 && c != 0x7f && c != utf8.RuneError && len(l.text)+len(r) < maxLine {
			r = append(r, c)
		}
	}
	l.text = append(l.text[:l.at], append(r, l.text[l.at:]...)...)
	l.at += len(r)
}

// Update applies a key; used is false if the key means nothing to a line.
func (l *Line) Update(msg tea.Msg) (used bool) {
	switch msg := msg.(type) {
	case tea.PasteMsg:
		l.Insert(msg.Content)
		return true
	case tea.KeyPressMsg:
		switch msg.String() {
		case "left", "ctrl+b":
			l.at = max(0, l.at-1)
		case "right", "ctrl+f":
			l.at = min(len(l.text), l.at+1)
		case "home", "ctrl+a":
			l.at = 0
		case "end", "ctrl+e":
			l.at = len(l.text)
		case "backspace", "ctrl+h":
			if l.at > 0 {
				l.text = append(l.text[:l.at-1], l.text[l.at:]...)
				l.at--
			}
		case "delete", "ctrl+d":
			if l.at < len(l.text) {
				l.text = append(l.text[:l.at], l.text[l.at+1:]...)
			}
		case "ctrl+u":
			l.text, l.at = l.text[l.at:], 0
		case "ctrl+k":
			l.text = l.text[:l.at]
		case "ctrl+w":
			from := l.at
			for from > 0 && l.text[from-1] == ' ' {
				from--
			}
			for from > 0 && l.text[from-1] != ' ' && l.text[from-1] != '/' {
				from--
			}
			if from == l.at && from > 0 {
				from--
			}
			l.text = append(l.text[:from], l.text[l.at:]...)
			l.at = from
		default:
			if msg.Text == "" {
				return false
			}
			l.Insert(msg.Text)
		}
		return true
	}
	return false
}

// cursorStyle shows where text goes; it is reversed in every theme.
const cursorStyle view.Style = "\x1b[7m"

// Render draws the line in w cells with its cursor, scrolled so that the
// cursor is seen.
func (l *Line) Render(w int) string {
	if w <= 1 {
		return view.Blank(w)
	}
	from := 0
	for from < l.at && view.Width(string(l.text[from:l.at])) > w-1 {
		from++
	}
	under, rest := " ", ""
	if l.at < len(l.text) {
		under, rest = string(l.text[l.at]), view.Clean(string(l.text[l.at+1:]))
	}
	return view.Fit(view.Clean(string(l.text[from:l.at]))+cursorStyle.Paint(view.Clean(under))+rest, w)
}
