package view

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// blanks serves short runs of spaces without allocating.
const blanks = "                                                                                                                                                                                                                "

// Blank is n spaces (none if n < 0).
func Blank(n int) string {
	if n <= 0 {
		return ""
	}
	if n <= len(blanks) {
		return blanks[:n]
	}
	return strings.Repeat(" ", n)
}

// Width is how many cells s takes; escape sequences take none.
func Width(s string) int {
	w := 0
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c >= 0x20 && c < 0x7f:
			w++
			i++
		case c == 0x1b && i+1 < len(s) && s[i+1] == '[':
			i += 2
			for i < len(s) && (s[i] < 0x40 || s[i] > 0x7e) {
				i++
			}
			i++
		case c == 0xe2 && i+2 < len(s) && narrowE2(s[i+1], s[i+2]):
			// The symbols that we draw with are in every line, so they are
			// worth a short cut.
			w++
			i += 3
		case c == 0xc2 && i+1 < len(s) && s[i+1] >= 0xa1 && s[i+1] != 0xad && s[i+1] != 0xa9 && s[i+1] != 0xae:
			w++
			i += 2
		default:
			return ansi.StringWidth(s)
		}
	}
	return w
}

// narrowE2 tells by their second and third byte those runes from U+2000 to
// U+2FFF that are one cell wide and never combine, of those that we draw with:
// dashes, arrows, scan lines, box drawing, blocks, triangles, ticks.
func narrowE2(b, c byte) bool {
	switch b {
	case 0x94, 0x95, 0x96, 0x86, 0x87:
		return true
	case 0x80:
		return c >= 0x90 && c <= 0xa7
	case 0x8e:
		return c >= 0xba && c <= 0xbd
	case 0x97:
		return c < 0xbd
	case 0x9c:
		return c == 0x93 || c == 0x97
	}
	return false
}

// Fit cuts s with "…" or pads it with blanks to exactly w cells. It knows
// escape sequences.
func Fit(s string, w int) string {
	if w <= 0 {
		return ""
	}
	n := Width(s)
	if n == w {
		return s
	}
	if n > w {
		s = ansi.Truncate(s, w, "…")
		if n = Width(s); n >= w {
			return s
		}
	}
	return s + Blank(w-n)
}

// FitRight is like Fit, but pads on the left: for numbers.
func FitRight(s string, w int) string {
	if n := Width(s); n < w {
		return Blank(w-n) + s
	}
	return Fit(s, w)
}

// Center is like Fit, but pads on both sides.
func Center(s string, w int) string {
	n := Width(s)
	if n >= w {
		return Fit(s, w)
	}
	l := (w - n) / 2
	return Blank(l) + s + Blank(w-n-l)
}

// Sides puts l at the left and r at the right of w cells. If both do not fit,
// r goes first, then l is cut.
func Sides(l, r string, w int) string {
	lw, rw := Width(l), Width(r)
	if lw+rw+1 > w {
		if rw+8 > w {
			return Fit(l, w)
		}
		return Fit(l, w-rw-1) + " " + r
	}
	return l + Blank(w-lw-rw) + r
}

// Lines cuts text into lines.
func Lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n")
}

// Block makes exactly h lines of exactly w cells of lines.
func Block(lines []string, w, h int) string {
	if w <= 0 || h <= 0 {
		return ""
	}
	var b strings.Builder
	n := 0
	for _, l := range lines {
		n += len(l)
	}
	b.Grow(n + (w+1)*h)
	for i := range h {
		if i > 0 {
			b.WriteByte('\n')
		}
		if i < len(lines) {
			b.WriteString(Fit(lines[i], w))
		} else {
			b.WriteString(Blank(w))
		}
	}
	return b.String()
}

// Wrap breaks plain text into lines of at most w cells, at blanks.
func Wrap(s string, w int) []string {
	if w <= 0 {
		return nil
	}
	return Lines(ansi.Wrap(s, w, ""))
}

// Sentence is a block with one plain sentence, wrapped and set a little off
// the corner: for panes that have nothing to show.
func Sentence(t *Theme, text string, w, h int) string {
	margin := 1
	if w < 24 {
		margin = 0
	}
	var lines []string
	if h > 4 {
		lines = append(lines, "")
	}
	for _, l := range Wrap(text, w-2*margin) {
		lines = append(lines, Blank(margin)+t.Dim.Paint(l))
	}
	return Block(lines, w, h)
}

// Clean makes text from the network safe to draw: control characters, escape
// sequences and characters that change the direction of writing are replaced
// by symbols of one cell.
func Clean(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return clean(s)
		}
	}
	return s
}

func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < 0x20:
			return 0x2400 + r // the control pictures ␀ … ␟
		case r == 0x7f:
			return '␡'
		case r >= 0x80 && r < 0xa0, unicode.Is(unicode.Cf, r), unicode.Is(joins, r), r >= 0xe0000:
			return '·'
		}
		return r
	}, strings.ToValidUTF8(s, "·"))
}

// joins are characters that make one cell with their neighbours, whatever
// these are, and so would swallow a border or a padding blank: prepended
// letters, line separators, variation selectors.
var joins = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x0d4e, 0x0d4e, 1}, {0x2028, 0x2029, 1}, {0xfe00, 0xfe0f, 1}, {0xfffd, 0xfffd, 1},
	},
	R32: []unicode.Range32{
		{0x111c2, 0x111c3, 1}, {0x113d1, 0x113d1, 1}, {0x1193f, 0x1193f, 1}, {0x11941, 0x11941, 1}, {0x11a3a, 0x11a3a, 1},
		{0x11a84, 0x11a89, 1}, {0x11d46, 0x11d46, 1}, {0x11f02, 0x11f02, 1},
	},
}

func strip(s string) string { return ansi.Strip(s) }
