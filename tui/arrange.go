package tui

// Below this the screen holds one plain sentence.
const (
	minWidth  = 60
	minHeight = 16
)

// slotID names a place on the explorer page that holds a view.
type slotID uint8

const (
	slotLeft slotID = iota // what the client sends
	slotMain
	slotRight  // what the server sends
	slotFields // details of what is selected
	slotBytes
	slotWide // the picture of the whole
	slots
)

// placed is a slot and its place; tabs says that its views are offered as tabs
// because there is no room for them elsewhere.
type placed struct {
	id   slotID
	at   rect
	tabs bool
}

// arrange divides the room between the top and the bottom line. Broad says that
// the main pane's view needs the whole width. It is pure.
func arrange(r rect, maxed bool, focus slotID, broad bool) []placed {
	if maxed {
		return []placed{{focus, r, true}}
	}
	switch {
	case broad && r.w >= 110 && r.h >= 27:
		th, half := r.h-max(9, r.h*28/100), r.w/2
		return []placed{
			{slotMain, rect{r.x, r.y, r.w, th}, true},
			{slotLeft, rect{r.x, r.y + th, half, r.h - th}, false},
			{slotFields, rect{r.x + half, r.y + th, r.w - half, r.h - th}, false},
		}
	case broad && r.h >= 20:
		th := r.h * 15 / 20
		return []placed{
			{slotMain, rect{r.x, r.y, r.w, th}, true},
			{slotFields, rect{r.x, r.y + th, r.w, r.h - th}, true},
		}
	case r.w >= 110 && r.h >= 27:
		return arrangeFull(r)
	case r.w >= 110:
		lw := r.w * 11 / 20
		return []placed{
			{slotMain, rect{r.x, r.y, lw, r.h}, true},
			{slotFields, rect{r.x + lw, r.y, r.w - lw, r.h}, true},
		}
	case r.h >= 18:
		th := r.h * 11 / 20
		return []placed{
			{slotMain, rect{r.x, r.y, r.w, th}, true},
			{slotFields, rect{r.x, r.y + th, r.w, r.h - th}, true},
		}
	}
	return []placed{{slotMain, r, true}}
}

func arrangeFull(r rect) []placed {
	wide := max(8, r.h*23/100)
	detail := max(9, r.h*28/100)
	top := r.h - wide - detail
	side := r.w * 29 / 100
	half := r.w / 2
	y2, y3 := r.y+top, r.y+top+detail
	return []placed{
		{slotLeft, rect{r.x, r.y, side, top}, false},
		{slotMain, rect{r.x + side, r.y, r.w - 2*side, top}, false},
		{slotRight, rect{r.x + r.w - side, r.y, side, top}, false},
		{slotFields, rect{r.x, y2, half, detail}, false},
		{slotBytes, rect{r.x + half, y2, r.w - half, detail}, false},
		{slotWide, rect{r.x, y3, r.w, wide}, false},
	}
}

// wishes are the views that a slot shows at first: the first of these that
// exists. If none does, it takes the one of its number.
func wishes(id slotID) []string {
	switch id {
	case slotLeft:
		return []string{"client", "messages"}
	case slotMain:
		return []string{"ladder"}
	case slotRight:
		return []string{"server", "packets"}
	case slotFields:
		return []string{"fields", "tree", "packets"}
	case slotBytes:
		return []string{"bytes", "hexdump", "state"}
	}
	return []string{"waterfall"}
}
