package chart

import "math"

// canvas is a rectangle of cells of 2×4 dots each, for lines finer than a
// character. It knows of each cell which line drew there last.
type canvas struct {
	w, h  int // in cells
	bits  []uint8
	owner []int16 // index of a line, -1 none
}

func newCanvas(w, h int) *canvas {
	c := &canvas{w: w, h: h, bits: make([]uint8, w*h), owner: make([]int16, w*h)}
	for i := range c.owner {
		c.owner[i] = -1
	}
	return c
}

// pattern is the bit of the dot in column x and row y of a cell (Unicode,
// "Braille Patterns").
func pattern(x, y int) uint8 {
	return [2][4]uint8{{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}}[x][y]
}

// dot sets a dot; outside the canvas it does nothing.
func (c *canvas) dot(x, y int, owner int) {
	if x < 0 || y < 0 || x >= 2*c.w || y >= 4*c.h {
		return
	}
	i := y/4*c.w + x/2
	c.bits[i] |= pattern(x%2, y%4)
	c.owner[i] = int16(owner)
}

// line draws from one dot to another; of a broken one every other four dots.
func (c *canvas) line(x0, y0, x1, y1 float64, owner int, broken bool) {
	n := int(math.Ceil(max(math.Abs(x1-x0), math.Abs(y1-y0))))
	n = min(max(n, 1), 8*(c.w+c.h)*4)
	for i := range n + 1 {
		t := float64(i) / float64(n)
		x, y := int(math.Round(x0+(x1-x0)*t)), int(math.Round(y0+(y1-y0)*t))
		if broken && (x/3)%2 == 1 {
			continue
		}
		c.dot(x, y, owner)
	}
}

// cell is what is drawn in a cell, "" nothing.
func (c *canvas) cell(x, y int) (s string, owner int) {
	i := y*c.w + x
	if c.bits[i] == 0 {
		return "", -1
	}
	return string(rune(0x2800 + int(c.bits[i]))), int(c.owner[i])
}
