package conversations

import (
	"os"
	"testing"

	tea "charm.land/bubbletea/v2"

	"netscope/decoders"
	"netscope/decoders/http1"
	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/view/viewtest"
)

// many is n short connections, of which every third is closed.
func many(n int) *timeline.Snapshot {
	s := viewtest.NewScript(http1.Decoder{})
	for i := range n {
		c := s.Dial(uint16(20000 + i))
		c.Send(decoders.AtoB, "GET / HTTP/1.1\r\nHost: server\r\n\r\n")
		body := make([]byte, 100*(i%50))
		c.Send(decoders.BtoA, "HTTP/1.0 200 OK\r\n\r\n"+string(body))
		if i%3 == 0 {
			c.Close(decoders.BtoA)
		}
	}
	return s.Done()
}

func TestView(t *testing.T) {
	s := many(12)
	f := viewtest.Frame(s)
	viewtest.View(t, "conversations", New(), f)
	viewtest.Sweep(t, New(), f, 140, 30)
	f = viewtest.At(f, s.End()/2)
	f.Width, f.Height = 38, 16
	viewtest.Golden(t, "halfway-38x16", New().Render(f))
	if dir := os.Getenv("NETSCOPE_PICTURES"); dir != "" {
		f = viewtest.At(f, s.End()-3)
		f.Width, f.Height = 130, 20
		_ = os.WriteFile(dir+"/conversations.ansi", []byte(New().Render(f)), 0o644)
	}
}

func TestSortKeepsTheSelection(t *testing.T) {
	f := viewtest.Frame(many(30))
	v := New()
	v.Render(f)
	want := v.id(v.list.Sel)
	for range 2 * int(keys) {
		v.Update(f, tea.KeyPressMsg{Code: 's', Text: "s"})
		v.Render(f)
		if got := v.id(v.list.Sel); got != want {
			t.Fatalf("by %v: conversation %d is selected, want %d", v.key, got, want)
		}
	}
	v.Update(f, tea.KeyPressMsg{Code: 's', Text: "s"}) // by packets
	for i := 1; i < v.n; i++ {
		a, b := f.Timeline.Conversation(v.id(i-1)), f.Timeline.Conversation(v.id(i))
		if a.Packets[0]+a.Packets[1] < b.Packets[0]+b.Packets[1] {
			t.Fatalf("row %d has fewer packets than row %d", i, i+1)
		}
	}
}

func TestEnterFilters(t *testing.T) {
	f := viewtest.Frame(many(3))
	v := New()
	v.Render(f)
	sel := v.id(v.list.Sel)
	for _, want := range []timeline.ConvID{sel, timeline.NoConv} {
		cmd := v.Update(f, tea.KeyPressMsg{Code: tea.KeyEnter})
		if got := cmd().(view.FilterConvMsg).Conv; got != want {
			t.Errorf("filter on %d, want %d", got, want)
		}
	}
}

func BenchmarkRender(b *testing.B) {
	s := many(20_000)
	f := viewtest.Frame(s)
	f.Width, f.Height = 200, 60
	v := New()
	for b.Loop() {
		v.Render(f)
	}
}
