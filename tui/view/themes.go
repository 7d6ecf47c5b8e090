package view

import (
	"image/color"
	"strings"

	"charm.land/lipgloss/v2"
)

// palette is a theme's colours by meaning, as 0xRRGGBB. A colour of 0 is the
// terminal's own.
type palette struct {
	text, dim, faint, strong             uint32
	accent                               uint32 // titles, focus, keys
	border                               uint32
	request, response, event             uint32
	data, ack, handshake                 uint32
	lost, retransmitted, warn, error, ok uint32
	predicted, measured, note            uint32
	selection, mark, match, bar          uint32 // backgrounds
	selectionText                        uint32
	series                               []uint32
	ground                               uint32 // what all this is made to be read on
	name, value, offset                  uint32
}

// Themes are all themes, in the order in which the theme key goes through
// them. The last one has no colours at all.
func Themes() []*Theme {
	return []*Theme{
		fromPalette("dark", true, darkPalette()),
		fromPalette("light", false, lightPalette()),
		fromPalette("high contrast", true, contrastPalette()),
		fromPalette("colour-blind, dark", true, safeDarkPalette()),
		fromPalette("colour-blind, light", false, safeLightPalette()),
		Mono(),
	}
}

// DefaultTheme is the theme for a dark or a light terminal.
func DefaultTheme(dark bool) *Theme {
	if dark {
		return fromPalette("dark", true, darkPalette())
	}
	return fromPalette("light", false, lightPalette())
}

func darkPalette() palette {
	return palette{
		text: 0xc8ccd4, dim: 0x8b93a1, faint: 0x565d6b, strong: 0xf2f4f8,
		accent: 0x7cb7ff, border: 0x474e5c,
		request: 0x7cb7ff, response: 0x8fd3a4, event: 0xc3a6ff,
		data: 0xa9c7e8, ack: 0x717a8a, handshake: 0xd9b36c,
		lost: 0xff7b72, retransmitted: 0xffab5e, warn: 0xf0c674, error: 0xff7b72, ok: 0x8fd3a4,
		predicted: 0xd9b36c, measured: 0x8fd3a4, note: 0xc3a6ff,
		selection: 0x2b3a52, mark: 0x4a3d63, match: 0x5c4a1e, bar: 0x20242d, selectionText: 0,
		series: []uint32{0x7cb7ff, 0x8fd3a4, 0xd9b36c, 0xc3a6ff, 0x6fd6d6, 0xff9e9e, 0xb5cf6b, 0xe39ad0},
		name:   0x8b93a1, value: 0xe3e6ec, offset: 0x565d6b, ground: 0x15171c,
	}
}

func lightPalette() palette {
	return palette{
		text: 0x30353f, dim: 0x616977, faint: 0xa3aab5, strong: 0x0b0e14,
		accent: 0x0b5cad, border: 0xb4bac4,
		request: 0x0b5cad, response: 0x1a7240, event: 0x6a3fb5,
		data: 0x2f5f92, ack: 0x7b8494, handshake: 0x8a5a00,
		lost: 0xc0262d, retransmitted: 0xb65500, warn: 0x8a5a00, error: 0xc0262d, ok: 0x1a7240,
		predicted: 0x8a5a00, measured: 0x1a7240, note: 0x6a3fb5,
		selection: 0xd5e5f8, mark: 0xe7dcf7, match: 0xfbe8b0, bar: 0xeef0f3, selectionText: 0,
		series: []uint32{0x0b5cad, 0x1a7240, 0x8a5a00, 0x6a3fb5, 0x00727a, 0xb23b3b, 0x5c6f00, 0x9c2f7e},
		name:   0x616977, value: 0x14181f, offset: 0xa3aab5, ground: 0xffffff,
	}
}

func contrastPalette() palette {
	return palette{
		text: 0xffffff, dim: 0xd8d8d8, faint: 0xb0b0b0, strong: 0xffffff,
		accent: 0xffff00, border: 0xffffff,
		request: 0x5fd7ff, response: 0x5fff87, event: 0xffafff,
		data: 0xffffff, ack: 0xc0c0c0, handshake: 0xffd75f,
		lost: 0xff5f5f, retransmitted: 0xffaf00, warn: 0xffff00, error: 0xff5f5f, ok: 0x5fff87,
		predicted: 0xffd75f, measured: 0x5fff87, note: 0xffafff,
		selection: 0xffff00, mark: 0x5f005f, match: 0x875f00, bar: 0x303030, selectionText: 0x000001,
		series: []uint32{0x5fd7ff, 0x5fff87, 0xffd75f, 0xffafff, 0x5fffff, 0xff8787, 0xd7ff5f, 0xffffff},
		name:   0xd8d8d8, value: 0xffffff, offset: 0xb0b0b0, ground: 0x000001,
	}
}

// The two safe palettes use the eight colours of Okabe and Ito (2008), which
// people with any common colour vision tell apart, lightened or darkened to
// read well on the background.
func safeDarkPalette() palette {
	p := darkPalette()
	const blue, sky, orange, yellow, vermilion, purple = 0x6aaef0, 0x56b4e9, 0xe69f00, 0xf0e442, 0xf28a4b, 0xcc9ac0
	p.accent, p.request, p.response, p.event = sky, sky, orange, purple
	p.data, p.handshake = blue, yellow
	p.lost, p.retransmitted, p.warn, p.error, p.ok = vermilion, yellow, yellow, vermilion, sky
	p.predicted, p.measured, p.note = yellow, sky, purple
	p.series = []uint32{sky, orange, yellow, purple, 0x2fbf94, vermilion, 0xc8ccd4, blue}
	return p
}

func safeLightPalette() palette {
	p := lightPalette()
	const blue, orange, vermilion, purple, green = 0x0072b2, 0x9a6700, 0xb84a00, 0x9b4f7e, 0x00795a
	p.accent, p.request, p.response, p.event = blue, blue, orange, purple
	p.data, p.handshake = blue, orange
	p.lost, p.retransmitted, p.warn, p.error, p.ok = vermilion, orange, orange, vermilion, blue
	p.predicted, p.measured, p.note = orange, blue, purple
	p.series = []uint32{blue, orange, green, purple, 0x30353f, vermilion, 0x2a7fa8, 0x6b6b00}
	return p
}

// Mono is the theme without colours, for NO_COLOR: bold, faint, italic,
// underlined and reversed text only.
func Mono() *Theme {
	const bold, faint, italic, under, reverse Style = "\x1b[1m", "\x1b[2m", "\x1b[3m", "\x1b[4m", "\x1b[7m"
	return &Theme{
		Name: "no colour", Dark: true,
		Dim: faint, Faint: faint, Strong: bold,
		Title: bold, Key: bold, Link: under,
		Border: faint, BorderFocus: bold,
		Request: bold, Ack: faint,
		Lost: bold, Retransmitted: bold, Warn: bold, Error: bold,
		Measured:  bold,
		Selection: reverse, Mark: under, Match: under,
		Series:    []Style{bold, "", italic, faint}, // nothing that shows on blanks
		FieldName: faint, Offset: faint,
		TabActive: bold, TabInactive: faint,
	}
}

func fromPalette(name string, dark bool, p palette) *Theme {
	t := &Theme{
		Name: name, Dark: dark, Ground: p.ground, Ink: p.text,
		Text: fg(p.text), Dim: fg(p.dim), Faint: fg(p.faint), Strong: bold(p.strong),
		Title: bold(p.strong), Key: bold(p.accent), Link: under(p.accent),
		Border: fg(p.border), BorderFocus: fg(p.accent),
		Request: fg(p.request), Response: fg(p.response), Event: fg(p.event),
		Data: fg(p.data), Ack: fg(p.ack), Handshake: fg(p.handshake),
		Lost: bold(p.lost), Retransmitted: fg(p.retransmitted),
		Warn: fg(p.warn), Error: bold(p.error), OK: fg(p.ok),
		Predicted: fg(p.predicted), Measured: fg(p.measured), Note: fg(p.note),
		Selection: bg(p.selection, p.selectionText), Mark: bg(p.mark, 0), Match: bg(p.match, 0),
		FieldName: fg(p.name), FieldValue: fg(p.value), Offset: fg(p.offset), Hex: fg(p.text),
		TabActive: bold(p.accent), TabInactive: fg(p.dim), Bar: bg(p.bar, 0),
	}
	for _, c := range p.series {
		t.Series = append(t.Series, fg(c))
	}
	return t
}

func fg(c uint32) Style   { return opening(lipgloss.NewStyle().Foreground(rgb(c))) }
func bold(c uint32) Style { return opening(lipgloss.NewStyle().Foreground(rgb(c)).Bold(true)) }

func under(c uint32) Style { return opening(lipgloss.NewStyle().Foreground(rgb(c)).Underline(true)) }

// bg makes a background; text, if not 0, is the foreground to go with it.
func bg(c, text uint32) Style {
	s := lipgloss.NewStyle().Background(rgb(c))
	if text != 0 {
		s = s.Foreground(rgb(text))
	}
	return opening(s)
}

// opening is the sequence that a style begins with. It is made once: rendering
// each cell of a screen through lipgloss would take ten times as long as
// everything else.
func opening(s lipgloss.Style) Style {
	const cell = "x"
	begin, _, _ := strings.Cut(s.Render(cell), cell)
	return Style(begin)
}

func rgb(c uint32) color.Color {
	return color.RGBA{R: uint8(c >> 16), G: uint8(c >> 8), B: uint8(c), A: 255}
}
