// Package line is what the panels of the state pane are made of: lines of a few
// kinds, as data. It must not know any protocol, nor how lines are drawn.
package line

// Line is a line of a panel.
type Line struct {
	Name, Value, Doc string
	Short            string // of a Stream: Value and Doc where there is little room
	Kind             Kind
	Fraction         float64 // of a Gauge
	Series           int     // of a Stream: which letter, -1 none
}

// Kind is how a line is drawn.
type Kind uint8

// Kinds of line.
const (
	Pair Kind = iota
	Head
	Gauge
	Stream
	Remark
	Bad
)

// MaxListed bounds how many streams and table entries are listed.
const MaxListed = 200
