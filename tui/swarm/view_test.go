package swarm

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	tea "charm.land/bubbletea/v2"

	"netscope/capture/file"
	"netscope/decoders/all"
	"netscope/decoders/bittorrent/swarm/swarmtest"
	"netscope/decoders/http1"
	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/view/viewtest"
)

func captured(t testing.TB, name string) *timeline.Snapshot {
	t.Helper()
	dir := os.Getenv("NETSCOPE_CAPTURES")
	if dir == "" {
		t.Skip("NETSCOPE_CAPTURES does not name a folder of captures")
	}
	r, err := file.Open(filepath.Join(dir, "bittorrent", name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	o := timeline.Options{Decoders: all.List()}
	if at := r.ReaderAt(); at != nil {
		o.File = at
	}
	b := timeline.NewBuilder(o)
	b.Finish(r.Run(context.Background(), b))
	return b.Snapshot()
}

// picture writes a screen for people to look at.
func picture(t *testing.T, name string, v view.View, f view.Frame) {
	dir := os.Getenv("NETSCOPE_PICTURES")
	if dir == "" {
		return
	}
	for _, s := range append(viewtest.Sizes(), viewtest.Size{W: 50, H: 15}, viewtest.Size{W: 78, H: 12}) {
		for _, th := range []*view.Theme{view.DefaultTheme(true), view.DefaultTheme(false)} {
			f.Width, f.Height, f.Theme = s.W, s.H, th
			file := fmt.Sprintf("%s/%s-%s-%dx%d.ansi", dir, name, th.Name, s.W, s.H)
			if err := os.WriteFile(file, []byte(v.Render(f)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestCaptured(t *testing.T) {
	s := captured(t, "local-transmission-aria2-opentracker.pcap")
	v := New()
	if !v.Suits(s) {
		t.Error("it does not open by itself")
	}
	f := viewtest.Frame(s)
	picture(t, "captured", v, viewtest.At(f, 300))
	viewtest.View(t, "captured", v, viewtest.At(f, 300))
	viewtest.Sweep(t, v, viewtest.At(f, 300), 130, 40)
	viewtest.Sweep(t, v, f, 130, 40)
}

func TestView(t *testing.T) {
	for _, c := range []struct {
		name           string
		peers, pieces  int
		rounds, follow int
	}{{"twelve", 13, 64, 5, -1}, {"followed", 13, 64, 5, 2}, {"many", 50, 3000, 2, -1}, {"many-followed", 50, 3000, 2, 33}} {
		s := swarmtest.TitForTat(c.peers, c.pieces, c.rounds)
		v := New()
		f := viewtest.Frame(s)
		v.Render(f)
		v.follow = int32(c.follow)
		picture(t, c.name, v, f)
		viewtest.View(t, c.name, v, f)
		viewtest.Sweep(t, v, f, 130, 40)
	}
}

// Forwards and back every position looks the same.
func TestSameGoingBack(t *testing.T) {
	s := swarmtest.TitForTat(8, 40, 4)
	f := viewtest.Frame(s)
	v := New()
	viewtest.Settle(v, f)
	var there []string
	for p := timeline.Position(0); p <= s.End(); p += 97 {
		there = append(there, v.Render(viewtest.At(f, p)))
	}
	for i := len(there) - 1; i >= 0; i-- {
		if v.Render(viewtest.At(f, timeline.Position(i*97))) != there[i] {
			t.Fatalf("position %d differs going back", i*97)
		}
	}
}

// The keys > and < go through the changes of the chokes, forwards and back.
func TestNextChange(t *testing.T) {
	s := swarmtest.TitForTat(5, 20, 3)
	v := New()
	f := viewtest.At(viewtest.Frame(s), 0)
	var there []timeline.Position
	for {
		mv, ok := press(v, f, ">").(view.MoveMsg)
		if !ok {
			break
		}
		if mv.Pos <= f.Head.Pos {
			t.Fatalf("from %d to %d", f.Head.Pos, mv.Pos)
		}
		if n := s.Message(mv.Message).Name; n != "choke" && n != "unchoke" {
			t.Errorf("it stops at %s", n)
		}
		there = append(there, mv.Pos)
		f = viewtest.At(f, mv.Pos)
	}
	if len(there) < 10 {
		t.Errorf("%d changes only", len(there))
	}
	for i := len(there) - 2; i >= 0; i-- {
		mv, _ := press(v, f, "<").(view.MoveMsg)
		if mv.Pos != there[i] {
			t.Fatalf("back to %d, not %d", mv.Pos, there[i])
		}
		f = viewtest.At(f, mv.Pos)
	}
}

func press(v *View, f view.Frame, k string) tea.Msg {
	cmd := v.Update(f, tea.KeyPressMsg{Code: rune(k[0]), Text: k})
	if cmd == nil {
		return nil
	}
	return cmd()
}

func TestNothing(t *testing.T) {
	v := New()
	f := viewtest.Frame(viewtest.HTTP(http1.Decoder{}))
	if v.Suits(f.Timeline) {
		t.Error("it opens where there is no swarm")
	}
	viewtest.Sweep(t, v, f, 100, 30)
	viewtest.Golden(t, "none-80x24", v.Render(f))
}

// A frame of a swarm of fifty peers must be drawn in a fraction of the time
// between two frames.
func BenchmarkRender(b *testing.B) {
	s := swarmtest.TitForTat(50, 3000, 2)
	v := New()
	f := viewtest.Frame(s)
	f.Width, f.Height = 200, 60
	v.Render(f)
	for b.Loop() {
		v.Render(f)
	}
}
