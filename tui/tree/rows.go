// Package tree shows the fields of the packet and the message under the
// playhead as a tree that folds. It knows fields by label, value and span
// only, never what they mean.
package tree

import (
	"netscope/tui/view"
	"netscope/tui/view/fields"
)

// Row is a visible line of the tree.
type Row struct {
	Node  *fields.Node
	Depth int
	Open  bool // its children are shown
}

// Folding remembers which fields have been opened or closed by hand, by path,
// so that the same fields stay open from packet to packet.
type Folding map[string]bool

// IsOpen tells whether a field's children are shown: as chosen by hand, else
// the outermost level of a message and nothing of a packet's layers.
func (f Folding) IsOpen(n *fields.Node, depth int) bool {
	if o, ok := f[n.Ref.Path]; ok {
		return o
	}
	return !n.Ref.Packet && depth == 0
}

// Rows are the visible rows of trees.
func Rows(ns []fields.Node, f Folding) []Row { return appendRows(nil, ns, f, 0) }

func appendRows(out []Row, ns []fields.Node, f Folding, depth int) []Row {
	for i := range ns {
		n := &ns[i]
		r := Row{n, depth, len(n.Children) > 0 && f.IsOpen(n, depth)}
		out = append(out, r)
		if r.Open {
			out = appendRows(out, n.Children, f, depth+1)
		}
	}
	return out
}

// Reveal opens the ancestors of a field. It reports whether the field exists.
func (f Folding) Reveal(ns []fields.Node, ref view.FieldRef) bool { return f.reveal(ns, ref, 0) }

func (f Folding) reveal(ns []fields.Node, ref view.FieldRef, depth int) bool {
	for i := range ns {
		n := &ns[i]
		if n.Ref == ref {
			return true
		}
		if n.Ref.Packet == ref.Packet && f.reveal(n.Children, ref, depth+1) {
			if !f.IsOpen(n, depth) {
				f[n.Ref.Path] = true
			}
			return true
		}
	}
	return false
}

// index is the row of a field, or -1.
func index(rows []Row, ref view.FieldRef) int {
	if ref.Path == "" {
		return -1
	}
	for i, r := range rows {
		if r.Node.Ref == ref {
			return i
		}
	}
	return -1
}

// parent is the row that row i is folded under, or -1.
func parent(rows []Row, i int) int {
	for j := i - 1; j >= 0; j-- {
		if rows[j].Depth < rows[i].Depth {
			return j
		}
	}
	return -1
}
