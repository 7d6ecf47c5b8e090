package tree

import (
	"os"
	"testing"

	tea "charm.land/bubbletea/v2"

	"netscope/decoders/http1"
	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/view/viewtest"
)

func TestView(t *testing.T) {
	s := viewtest.HTTP(http1.Decoder{})
	f := viewtest.Frame(s)
	viewtest.View(t, "message", New(), f)
	viewtest.Sweep(t, New(), f, 100, 30)
	v := New()
	v.Render(f)
	f.Head.Field = v.rows[2].Node.Ref
	f.Width, f.Height = 38, 16
	viewtest.Golden(t, "selected-38x16", v.Render(f))
	if dir := os.Getenv("NETSCOPE_PICTURES"); dir != "" {
		f.Width, f.Height = 90, 26
		_ = os.WriteFile(dir+"/tree.ansi", []byte(v.Render(f)), 0o644)
	}
	f.Head.Granularity = timeline.ByPacket
	viewtest.View(t, "packet", New(), f)
}

// Whatever is done to the tree, the selection is a field that exists.
func TestKeys(t *testing.T) {
	s := viewtest.HTTP(http1.Decoder{})
	f := viewtest.Frame(s)
	v := New()
	for _, k := range []string{"j", "j", "l", "j", "h", "h", "h", "l", "*", "G", "j", "enter", "k", "k"} {
		v.Render(f)
		code := []rune(k)[0]
		msg := tea.KeyPressMsg{Code: code, Text: k}
		if k == "enter" {
			msg = tea.KeyPressMsg{Code: tea.KeyEnter}
		}
		if cmd := v.Update(f, msg); cmd != nil {
			f.Head.Field = cmd().(view.SelectFieldMsg).Field
			if index(v.rows, f.Head.Field) < 0 {
				t.Fatalf("after %s: %+v is not visible", k, f.Head.Field)
			}
		}
	}
	if f.Head.Field.Path == "" {
		t.Error("nothing was selected")
	}
}

func BenchmarkRender(b *testing.B) {
	s := viewtest.Exchanges(30_000, http1.Decoder{}).Done()
	f := viewtest.Frame(s)
	f.Width, f.Height = 200, 60
	v := New()
	for b.Loop() {
		v.Render(f)
	}
}
