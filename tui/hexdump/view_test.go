package hexdump

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
	viewtest.View(t, "stream", New(), f)
	viewtest.Sweep(t, New(), f, 160, 30)
	f.Head.Field = view.FieldRef{Path: "x", Off: 9, Len: 3}
	f.Width, f.Height = 38, 16
	viewtest.Golden(t, "lit-38x16", New().Render(f))
	if dir := os.Getenv("NETSCOPE_PICTURES"); dir != "" {
		f.Width, f.Height = 80, 14
		v := New()
		v.cursor = 9
		_ = os.WriteFile(dir+"/bytes.ansi", []byte(v.Render(f)), 0o644)
	}
	f.Head.Field = view.FieldRef{}
	f.Head.Granularity = timeline.ByPacket
	viewtest.View(t, "packet", New(), f)
	v := New()
	v.tab, v.chosen = BodyTab, true
	viewtest.View(t, "body", v, f)
}

// Walking over all bytes of a message selects fields that cover them.
func TestCursorSelectsItsField(t *testing.T) {
	s := viewtest.HTTP(http1.Decoder{})
	f := viewtest.Frame(s)
	v := New()
	v.Render(f)
	m := s.Message(f.Head.Message)
	for off := m.Off; off < m.Off+m.HeadLen; off++ {
		cmd := v.Update(f, tea.KeyPressMsg{Code: tea.KeyRight})
		if cmd == nil {
			t.Fatal("the cursor did not move")
		}
		f.Head.Field = cmd().(view.SelectFieldMsg).Field
		v.Render(f)
		at := int(v.cursor - m.Off)
		if r := f.Head.Field; v.cursor >= m.Off && (at < r.Off || at >= r.Off+r.Len) {
			t.Fatalf("byte %d selected %+v", at, r)
		}
	}
}

func TestShapes(t *testing.T) {
	for w := 1; w < 200; w++ {
		s := Fit(w, 1<<20)
		end := s.Hex + hexWidth(s.PerRow)
		if s.Text > 0 {
			end = s.Text + s.PerRow
		}
		if end > w && w >= 3 {
			t.Errorf("width %d: %+v ends at %d", w, s, end)
		}
		for i := range s.PerRow {
			if s.ByteAt(s.Col(i)) != i || s.Text > 0 && s.ByteAt(s.Text+i) != i {
				t.Errorf("width %d: byte %d is not found again", w, i)
			}
		}
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
