package view

// Theme gives styles by meaning. Each is an SGR opening sequence made once;
// Paint closes it. Views use names only, never colours.
//
// Meaning is never by colour alone: whatever a style says is also said by a
// letter, a word, or a line style.
type Theme struct {
	Name string
	Dark bool

	// Ground and Ink are the terminal's colours, 0xRRGGBB, that the theme is
	// made for. They are set only when a person has chosen the theme, since
	// the terminal's own may be another's.
	Ground, Ink uint32

	Text, Dim, Faint, Strong             Style
	Title, Key, Link                     Style
	Border, BorderFocus                  Style
	Request, Response, Event             Style // messages by kind
	Data, Ack, Handshake                 Style // packets by kind
	Lost, Retransmitted, Warn, Error, OK Style
	Predicted, Measured                  Style
	Selection, Mark, Match               Style // backgrounds
	Note                                 Style
	Series                               []Style // for hosts, streams, variants: told apart also by letter
	FieldName, FieldValue, Offset, Hex   Style
	TabActive, TabInactive, Bar          Style
}

// Style is an SGR sequence ("\x1b[38;2;…m"), or empty for no colour.
type Style string

// Paint wraps s in the style.
func (st Style) Paint(s string) string {
	if st == "" || s == "" {
		return s
	}
	return string(st) + s + "\x1b[m"
}
