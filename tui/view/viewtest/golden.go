// Package viewtest helps to test views: a frame builder, a small made-up
// timeline, and goldens of what a view draws. Only tests import it.
package viewtest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"netscope/tui/view"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Size is a screen or pane size in cells.
type Size struct{ W, H int }

// Sizes are those at which everything must look finished.
func Sizes() []Size { return []Size{{80, 24}, {120, 36}, {200, 60}} }

// Exact fails unless content is exactly h lines of exactly w cells.
func Exact(t testing.TB, content string, w, h int) {
	t.Helper()
	lines := strings.Split(content, "\n")
	if len(lines) != h {
		t.Errorf("%d lines, want %d", len(lines), h)
	}
	for i, l := range lines {
		if n := ansi.StringWidth(l); n != w {
			t.Errorf("line %d is %d cells wide, want %d: %q", i+1, n, w, ansi.Strip(l))
			return
		}
	}
}

// Golden compares text without its escape sequences with
// testdata/<name>.golden; with -update it writes that file.
func Golden(t testing.TB, name, content string) {
	t.Helper()
	var b strings.Builder
	for _, l := range strings.Split(content, "\n") {
		b.WriteString(strings.TrimRight(ansi.Strip(l), " ") + "\n")
	}
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; run the test with -update to write it", err)
	}
	if got := b.String(); got != string(want) {
		t.Errorf("%s differs; run with -update if this is meant.\n%s", file, firstDifference(string(want), got))
	}
}

// View renders v at all sizes in every theme, asserts exact sizes, and
// compares the text with goldens name-WxH.
func View(t *testing.T, name string, v view.View, f view.Frame) {
	t.Helper()
	for _, s := range Sizes() {
		t.Run(fmt.Sprintf("%dx%d", s.W, s.H), func(t *testing.T) {
			f := f
			f.Width, f.Height = s.W, s.H
			Settle(v, f)
			for _, th := range view.Themes() {
				f.Theme = th
				Exact(t, v.Render(f), s.W, s.H)
			}
			f.Theme = view.DefaultTheme(true)
			Golden(t, fmt.Sprintf("%s-%dx%d", name, s.W, s.H), v.Render(f))
		})
	}
}

// Sweep renders v at every size from 1x1 to w x h (in steps that hit all small
// sizes) and asserts that the size is exact and nothing panics.
func Sweep(t *testing.T, v view.View, f view.Frame, w, h int) {
	t.Helper()
	for x := 1; x <= w; x += 1 + x/12 {
		for y := 1; y <= h; y += 1 + y/12 {
			f.Width, f.Height = x, y
			Exact(t, v.Render(f), x, y)
			if t.Failed() {
				t.Fatalf("at %dx%d", x, y)
			}
		}
	}
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		a, b := "(no line)", "(no line)"
		if i < len(w) {
			a = w[i]
		}
		if i < len(g) {
			b = g[i]
		}
		if a != b {
			return fmt.Sprintf("line %d\nwant %q\ngot  %q", i+1, a, b)
		}
	}
	return ""
}
