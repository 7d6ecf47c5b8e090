package bits

import (
	"fmt"
	"strings"

	"netscope/tui/view"
	"netscope/tui/view/fields"
)

// RowKind is how a row of the table is drawn.
type RowKind uint8

// The kinds of row.
const (
	Heading RowKind = iota // a section: its name, and what is in it
	Words                  // up to four bytes, cells as wide as their bits
	Zoom                   // the bits of the field above
	Wide                   // one field over the whole width
	Strip                  // the pieces of one field, one after the other
)

// Cell is a field in a row.
type Cell struct {
	Node     *fields.Node
	From, To int // Words: bits of 32; Zoom: bits of the field; Strip: the piece's number
	Text     string
}

// Row is a row of the table.
type Row struct {
	Kind  RowKind
	Depth int    // of a heading
	Text  string // of a heading, or before a strip
	Node  *fields.Node
	Off   int // where its first byte is
	Bits  int // Zoom: how many there are
	Cells []Cell
}

const (
	wordBytes = 4    // bytes in a row
	maxRows   = 8192 // that are laid out; what follows is told in a heading
)

// Layout makes the rows of some trees: every byte once, in fields as small as
// are known.
func Layout(nodes []fields.Node) []Row {
	l := &layout{}
	for i := range nodes {
		l.node(&nodes[i], 0)
	}
	l.flush()
	return l.rows
}

type layout struct {
	rows []Row
	word Row // being filled
	used int // bytes of it
}

// node lays out a field and what is in it.
func (l *layout) node(n *fields.Node, depth int) {
	switch {
	case len(l.rows) > maxRows:
		return
	case len(l.rows) == maxRows:
		l.rows = append(l.rows, Row{Kind: Heading, Text: "more fields are not drawn"})
		return
	case n.Ref.Len == 0 && len(n.Children) == 0:
		return // not on the wire
	}
	switch kids := tiles(n); {
	case inBits(n):
		l.field(n)
		l.zoom(n)
	case kids == nil:
		l.field(n)
	case pieces(n, kids):
		l.strip(n, kids)
	default:
		l.flush()
		l.rows = append(l.rows, Row{Kind: Heading, Depth: depth, Text: n.Label, Node: n, Off: n.Ref.Off})
		for _, k := range kids {
			l.node(k, depth+1)
		}
		l.flush()
	}
}

// inBits reports whether a field is made of parts of bytes.
func inBits(n *fields.Node) bool {
	if n.Ref.Len > wordBytes {
		return false
	}
	for i := range n.Children {
		if n.Children[i].Bits > 0 {
			return true
		}
	}
	return false
}

// tiles are the fields in a field that lie one after the other; nil if they do
// not show all of it. Where two cover the same bytes, the later, finer ones are
// taken.
func tiles(n *fields.Node) (out []*fields.Node) {
	end := n.Ref.Off
	whole := n.Ref.Len == 0
	for i := range n.Children {
		c := &n.Children[i]
		if c.Bits > 0 || c.Ref.Len == 0 && len(c.Children) == 0 {
			continue
		}
		for len(out) > 0 && c.Ref.Off < end {
			last := out[len(out)-1]
			finer := last.Ref.Len > c.Ref.Len || inBits(c) && last.Ref.Off == c.Ref.Off && !inBits(last)
			if last.Ref.Off < c.Ref.Off || !finer {
				break
			}
			out, end = out[:len(out)-1], last.Ref.Off
		}
		if c.Ref.Off < end && len(out) > 0 {
			continue // the same bytes again
		}
		out = append(out, c)
		end = c.Ref.Off + c.Ref.Len
	}
	if !whole && (len(out) == 0 || end < n.Ref.Off+n.Ref.Len && !heads(out)) {
		return nil
	}
	return out
}

// heads reports whether there is more to the fields than names for bytes.
func heads(ns []*fields.Node) bool {
	for _, n := range ns {
		if len(n.Children) > 0 {
			return true
		}
	}
	return len(ns) > 2
}

// pieces reports whether a field is one value in several pieces, as a domain
// name is: it has a name and a value of its own, and the pieces have none.
func pieces(n *fields.Node, kids []*fields.Node) bool {
	if n.Value == "" || !strings.Contains(n.Ref.Path, ".") || len(kids) == 0 {
		return false
	}
	for _, k := range kids {
		if last := k.Ref.Path[strings.LastIndexByte(k.Ref.Path, '/')+1:]; strings.Contains(last, ".") || k.Ref.Len == 0 || len(k.Children) > 0 && !inBits(k) {
			return false
		}
	}
	return true
}

// field puts a field where it fits.
func (l *layout) field(n *fields.Node) {
	if n.Ref.Len > wordBytes || n.Ref.Len == 0 {
		l.flush()
		l.rows = append(l.rows, Row{Kind: Wide, Off: n.Ref.Off, Node: n, Cells: []Cell{{Node: n, To: 32, Text: text(n)}}})
		return
	}
	if l.used > 0 && (l.used+n.Ref.Len > wordBytes || n.Ref.Off != l.word.Off+l.used) {
		l.flush()
	}
	if l.used == 0 {
		l.word = Row{Kind: Words, Off: n.Ref.Off}
	}
	l.word.Cells = append(l.word.Cells, Cell{Node: n, From: 8 * l.used, To: 8 * (l.used + n.Ref.Len), Text: text(n)})
	if l.used += n.Ref.Len; l.used == wordBytes {
		l.flush()
	}
}

// flush ends the row that is being filled.
func (l *layout) flush() {
	if l.used > 0 {
		l.rows = append(l.rows, l.word)
	}
	l.used = 0
}

// zoom draws the bits of a field on a row of their own, below the one with the
// field.
func (l *layout) zoom(n *fields.Node) {
	l.flush()
	total := 8 * n.Ref.Len
	row := Row{Kind: Zoom, Off: n.Ref.Off, Node: n, Bits: total}
	at := 0
	for i := range n.Children {
		c := &n.Children[i]
		from := 8*(c.Ref.Off-n.Ref.Off) + c.Bit
		if c.Bits == 0 || from < at || from+c.Bits > total {
			continue
		}
		row.Cells = append(row.Cells, Cell{Node: c, From: from, To: from + c.Bits, Text: c.Label})
		at = from + c.Bits
	}
	l.rows = append(l.rows, row)
}

// strip draws the pieces of a field one after the other.
func (l *layout) strip(n *fields.Node, kids []*fields.Node) {
	l.flush()
	row := Row{Kind: Strip, Off: n.Ref.Off, Text: n.Label, Node: n}
	for i, k := range kids {
		t := k.Value
		if k.Label == "Label" {
			t = fmt.Sprintf("%d %s", k.Ref.Len-1, k.Value)
		}
		row.Cells = append(row.Cells, Cell{Node: k, From: i, To: i + 1, Text: view.Clean(t)})
	}
	l.rows = append(l.rows, row)
}

func text(n *fields.Node) string {
	if n.Value == "" {
		return view.Clean(n.Label)
	}
	return view.Clean(n.Label + "  " + n.Value)
}

// lines is how many lines a row takes, its upper border included.
func (r *Row) lines() int {
	switch r.Kind {
	case Heading:
		return 1
	case Zoom:
		return 3
	}
	return 2
}
