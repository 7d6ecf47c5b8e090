package bits

import (
	"netscope/tui/view"
	"netscope/tui/view/fields"
)

// jump is a field that points to other bytes, and the rows of both.
type jump struct {
	node     *fields.Node
	from, to int // rows
}

const maxJumps = 512 // that are drawn of one message

// jumpsOf finds the fields that point.
func jumpsOf(rows []Row) (out []jump) {
	for i := range rows {
		for j := range rows[i].Cells {
			n := rows[i].Cells[j].Node
			if n.ToLen == 0 || len(out) == maxJumps {
				continue
			}
			if to := rowAt(rows, n.Ref.Packet, n.To); to >= 0 {
				out = append(out, jump{node: n, from: i, to: to})
			}
		}
	}
	return out
}

// rowAt is the row with a byte, or -1.
func rowAt(rows []Row, packet bool, off int) int {
	for i := range rows {
		r := &rows[i]
		if r.Kind == Heading || r.Kind == Zoom {
			continue
		}
		for j := range r.Cells {
			if ref := r.Cells[j].Node.Ref; ref.Packet == packet && off >= ref.Off && off < ref.Off+max(ref.Len, 1) {
				return i
			}
		}
	}
	return -1
}

// drawJumps draws the jumps beside the table, each in the innermost lane that
// is free along its way; the selected one is always there.
func (v *View) drawJumps(f *view.Frame, g geometry, h int) {
	if g.jumps < 4 || len(v.jumps) == 0 {
		return
	}
	lanes := make([][]bool, (g.jumps-2)/2) // lane, line: taken
	for i := range lanes {
		lanes[i] = make([]bool, h+2)
	}
	draw := func(j *jump, picked bool) {
		a, b := v.line(j.from)-v.top+1, v.line(j.to)-v.top+1
		lo, hi := min(a, b), max(a, b)
		if hi < 0 || lo >= h || a < 0 && b < 0 || a >= h && b >= h {
			return
		}
		lo, hi = max(lo, 0), min(hi, h-1)
		for k := range lanes {
			free := true
			for y := lo; y <= hi && free; y++ {
				free = !lanes[k][y]
			}
			if !free {
				continue
			}
			for y := lo; y <= hi; y++ {
				lanes[k][y] = true
			}
			v.path(f, g, g.left+g.width+2+2*k, a, b, h, picked)
			return
		}
	}
	for i := range v.jumps {
		if v.jumps[i].node.Ref == f.Head.Field {
			draw(&v.jumps[i], true)
		}
	}
	for i := range v.jumps {
		if v.jumps[i].node.Ref != f.Head.Field {
			draw(&v.jumps[i], false)
		}
	}
}

// path draws one jump from line a to line b by column x.
func (v *View) path(f *view.Frame, g geometry, x, a, b, h int, picked bool) {
	st := f.Theme.Dim
	if picked {
		st = f.Theme.BorderFocus
	}
	left := g.left + g.width
	for y := max(min(a, b), 0); y <= min(max(a, b), h-1); y++ {
		if v.g.Blank(x, y) {
			v.g.Set(x, y, "│", st)
		}
	}
	flat := func(y int, head, corner string) {
		if y < 0 || y >= h {
			return
		}
		for c := left; c < x; c++ {
			if v.g.Blank(c, y) {
				v.g.Set(c, y, "─", st)
			}
		}
		v.g.Set(left, y, head, st)
		v.g.Set(x, y, corner, st)
	}
	up, down := "╮", "╯"
	if a < b {
		flat(a, "─", up)
		flat(b, "◀", down)
	} else {
		flat(a, "─", down)
		flat(b, "◀", up)
	}
}

// line is the line on which a row begins.
func (v *View) line(row int) int {
	if row < len(v.starts) {
		return v.starts[row]
	}
	return 0
}
