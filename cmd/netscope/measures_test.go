package main

import (
	"bufio"
	"strings"
	"testing"
	"unicode/utf8"

	"netscope/protocols/lab"
)

func number(x float64) *float64 { return &x }

func TestMeasuresAsText(t *testing.T) {
	delay := lab.Measure{Name: "delay", Unit: "s", Ideal: number(0.13), Predicted: number(0.13),
		Formula: "RTT(a, b) + " + strings.Repeat("RTT(b, c) + ", 9) + "RTT(c, d)"}
	pages := lab.Measure{Name: "page time", Unit: "s", Ideal: number(1.4), Predicted: number(1.4617)}
	var line []lab.Measure
	for n := range 49 {
		x := float64(n + 1)
		line = append(line, lab.Measure{Name: "time", Unit: "h", X: &x, XName: "N", Ideal: number(x / 10)})
	}
	var b strings.Builder
	r := &textReport{w: bufio.NewWriter(&b)}
	r.measures(append([]lab.Measure{delay, pages}, line...))
	r.running = true
	delay.Measured, pages.Measured = number(0.13), number(1.5)
	r.measures(append([]lab.Measure{delay, pages}, line...))
	r.flush()
	text := b.String()
	for _, want := range []string{
		"predicted 130 ms\n", "predicted 130 ms  measured 130 ms\n",
		"ideal 1.4 s  predicted 1.462 s\n" + strings.Repeat(" ", 34) + "measured 1.5 s (+2.62 %)\n",
		"time (8 of 49 points; --json has all)\n", "N = 1          ideal 0.1 h\n", "N = 49         ideal 4.9 h\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if n := strings.Count(text, "= RTT(a, b)"); n != 1 {
		t.Errorf("the formula is written %d times, want once", n)
	}
	if n := strings.Count(text, "8 of 49"); n != 1 {
		t.Errorf("a line without measured points is written %d times, want once", n)
	}
	for l := range strings.Lines(text) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(l, "\n")); n > textWidth {
			t.Errorf("%d columns: %s", n, l)
		}
	}
}

func TestQuantity(t *testing.T) {
	for _, c := range []struct {
		x          float64
		unit, want string
	}{
		{0, "s", "0 s"}, {10, "s", "10 s"}, {77.9933, "s", "77.99 s"}, {3.39172, "s", "3.392 s"},
		{0.13, "s", "130 ms"}, {0.00004, "s", "40 µs"}, {-0.25, "s", "-250 ms"},
		{8, "", "8"}, {146481, "B", "146481 B"}, {0.33333, "", "0.3333"}, {12345.6, "s", "12346 s"},
	} {
		if got := quantity(c.x, c.unit); got != c.want {
			t.Errorf("quantity(%v, %q) = %q, want %q", c.x, c.unit, got, c.want)
		}
	}
}
