package frames

import (
	"math"
	"slices"

	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/view/grid"
)

func letters(n int) string { return grid.Letters(n) }

func view1(s string) string { return view.Clean(s) }

// Scale says how the axis runs.
type Scale struct {
	Mode Mode
	Zoom int // powers of two; 0 is what suits
	// Horizon is where the axis of time ends if several pictures are compared: it
	// then begins at 0 and has the same scale in all of them. 0: they are not.
	Horizon timeline.Time
}

// Mode is what the axis counts.
type Mode uint8

// The modes.
const (
	Auto    Mode = iota // by time, unless frames would be too short to be seen
	ByTime              // to scale
	InOrder             // frame after frame
)

// Picture is a layout: where each block lies. Columns count from the first of
// the axis.
type Picture struct {
	W       int
	Order   bool
	PerCell float64       // time of a cell
	Start   timeline.Time // of the first column
	Runs    []Run         // those in sight, in order of leaving
	Now     int           // column of the playhead; may be W
	Fits    bool          // all of it is in sight
}

// Run is a block in columns: X to X+W is its time on the wire as far as it has
// come, until Tail it is on its way, from Hold until Tail held back.
type Run struct {
	Block   int
	X, W    int
	Tail    int
	Hold    int // 0: it is not held back
	Growing bool
}

// Place is where the playhead stands.
type Place struct {
	Pos    timeline.Position
	Time   timeline.Time
	Select int // index of the selected block, -1 none
}

// Lay computes the picture for w columns.
func Lay(in *Input, at Place, sc Scale, w int) Picture {
	p := Picture{W: max(w, 0), Order: sc.Mode == InOrder || sc.Mode == Auto && sc.Horizon == 0 && tooShort(in, w)}
	if w <= 0 || len(in.Blocks) == 0 {
		return p
	}
	if p.Order {
		p.order(in, at, sc)
	} else {
		p.time(in, at, sc)
	}
	return p
}

// tooShort reports that a picture to scale would have too many screens, as that
// of a capture taken where frames come faster than they were sent.
func tooShort(in *Input, w int) bool {
	return typical(in)*40*float64(w) < 3*float64(in.To-in.From)
}

// page is the first column to show of a picture that is longer than the
// screen: it turns by half pages, so that most steps leave it where it is.
func page(now, w, total int) int {
	if total <= w || w < 2 {
		return 0
	}
	half := w / 2
	return max(0, (now-half)/half*half)
}

func (p *Picture) time(in *Input, at Place, sc Scale) {
	from, to := in.From, in.To
	if sc.Horizon > 0 {
		from, to = 0, max(sc.Horizon, to)
	}
	span := float64(max(to-from, 1)) * 1.01
	p.PerCell = span / float64(p.W)
	if d := typical(in); d > 0 && d/p.PerCell < 2 && sc.Horizon == 0 {
		p.PerCell = d / 3
	}
	p.PerCell = max(p.PerCell*math.Pow(2, float64(-sc.Zoom)), 1)
	col := func(t timeline.Time) float64 { return float64(t-from) / p.PerCell }
	total := int(math.Ceil(col(to)))
	now := max(0, col(at.Time))
	off := 0
	if total > p.W {
		off = page(int(min(now, float64(total))), p.W, total)
	}
	p.Fits = total <= p.W
	p.Start = from + timeline.Time(float64(off)*p.PerCell)
	p.Now = clamp(int(math.Floor(now))-off, 0, p.W)
	x := func(t timeline.Time) int { return clamp(int(math.Round(col(t)))-off, -1, p.W+1) }
	for i := range in.Blocks {
		b := &in.Blocks[i]
		if b.Left[0] > at.Time || b.Begun > at.Pos {
			continue
		}
		r := Run{Block: i, X: x(b.Left[0]), Growing: b.Left[1] > at.Time}
		r.W = max(1, x(min(b.Left[1], at.Time))-r.X)
		if r.X+r.W > 0 || b.Arrive < 0 || x(b.Arrive) > 0 {
			arrive := at.Time
			if b.Closed <= at.Pos {
				arrive = min(arrive, b.Arrive)
			}
			r.Tail = x(arrive)
			if b.Held > 0 && b.Held < arrive {
				r.Hold = max(x(b.Held), r.X+r.W)
			}
		}
		if r.X < p.W && max(r.X+r.W, r.Tail) > 0 {
			p.Runs = append(p.Runs, r)
		}
	}
}

// typical is how long a long frame is on the wire.
func typical(in *Input) float64 {
	var ds []timeline.Time
	for i := range in.Blocks {
		if b := &in.Blocks[i]; 2*b.Total >= in.Longest && len(ds) < 1000 {
			ds = append(ds, b.Left[1]-b.Left[0])
		}
	}
	if len(ds) == 0 {
		return 0
	}
	slices.Sort(ds)
	return float64(ds[len(ds)/2])
}

// order gives every frame columns of its own.
func (p *Picture) order(in *Input, at Place, sc Scale) {
	least, most := 2, clamp(p.W/14, 4, 8)
	for range max(0, sc.Zoom) {
		least, most = least+1, most*3/2
	}
	for range max(0, -sc.Zoom) {
		least, most = 1, max(1, most/2)
	}
	x, now := 0, 0
	for i := range in.Blocks {
		b := &in.Blocks[i]
		w := least
		if in.Longest > 0 {
			w += int(math.Round(float64(most-least) * float64(b.Total) / float64(in.Longest)))
		}
		if b.Begun <= at.Pos {
			p.Runs = append(p.Runs, Run{Block: i, X: x, W: w, Growing: b.Closed > at.Pos})
		}
		if b.Closed <= at.Pos {
			now = max(now, x+w)
		}
		if i == at.Select {
			now = max(now, x+w)
		}
		x += w
	}
	if at.Select >= 0 {
		for _, r := range p.Runs {
			if r.Block == at.Select && in.Blocks[r.Block].Closed <= at.Pos {
				now = r.X + r.W
			}
		}
	}
	off := page(now, p.W, x)
	p.Fits, p.Now = x <= p.W, clamp(now-off, 0, p.W)
	kept := p.Runs[:0]
	for _, r := range p.Runs {
		if r.X -= off; r.X < p.W && r.X+r.W > 0 {
			kept = append(kept, r)
		}
	}
	p.Runs = kept
}

// Heights divide the lines of a pane.
type Heights struct {
	Axis, Links, Rule int
	Lane              int // lines of each lane
	Control           int // lines of a lane without messages
	Lanes             int // how many lanes are seen
	Detail, Legend    int
}

// Divide divides h lines among n lanes, of which the first few are control
// lanes, and the rest.
func Divide(h, n, control int) Heights {
	k := Heights{}
	switch {
	case h >= 14:
		k.Detail = 3
	case h >= 9:
		k.Detail = 2
	case h >= 4:
		k.Detail = 1
	}
	if h >= 3 {
		k.Axis = 1
	}
	switch {
	case h >= 11:
		k.Links = 2
	case h >= 5:
		k.Links = 1
	}
	if h >= 16 {
		k.Rule = 1
	}
	if h >= 24 {
		k.Legend = 1
	}
	room := h - k.Axis - k.Links - 2*k.Rule - k.Detail - k.Legend
	if n <= 0 || room <= 0 {
		return k
	}
	for k.Lane = 8; k.Lane > 1; k.Lane-- {
		if k.Control = min(k.Lane, 2); control*k.Control+(n-control)*k.Lane <= room {
			k.Lanes = n
			return k
		}
	}
	k.Lane, k.Control, k.Lanes = 1, 1, min(n, room)
	return k
}

func clamp(x, lo, hi int) int { return max(lo, min(hi, x)) }
