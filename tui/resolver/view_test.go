package resolver

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"netscope/capture/file"
	"netscope/capture/store"
	"netscope/decoders/all"
	"netscope/decoders/http1"
	"netscope/decoders/timeline"
	"netscope/protocols/dns"
	"netscope/protocols/lab"
	"netscope/protocols/lab/run"
	"netscope/tui/view"
	"netscope/tui/view/viewtest"
)

// emulate is a frame at the end of a lab's run.
func emulate(t testing.TB, l lab.Lab, variant string, set lab.Params) view.Frame {
	t.Helper()
	p := lab.Defaults(l.Spec().Params)
	for k, v := range set {
		p[k] = v
	}
	b := timeline.NewBuilder(timeline.Options{Lab: true, Store: store.New(0), Details: store.New(0), Decoders: all.List()})
	hello, end := run.InBubble(t.(*testing.T), l, run.Request{Variant: variant, Params: p, Seed: 1}, b)
	if end.Err != "" {
		t.Fatal(end.Err)
	}
	b.Finish(nil)
	f := viewtest.Frame(b.Snapshot())
	f.Subject.Hosts = nil
	for _, h := range hello.Hosts {
		f.Subject.Hosts = append(f.Subject.Hosts, view.Host{Name: h.Name, Role: h.Role})
	}
	return f
}

func captured(t testing.TB, name string) *timeline.Snapshot {
	t.Helper()
	dir := os.Getenv("NETSCOPE_CAPTURES")
	if dir == "" {
		t.Skip("NETSCOPE_CAPTURES does not name a folder of captures")
	}
	r, err := file.Open(filepath.Join(dir, name))
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

// after is the frame when the n-th message has arrived.
func after(f view.Frame, n int) view.Frame {
	p := timeline.Position(0)
	for range n {
		stop, ok := f.Timeline.Step(p, timeline.ByMessage, 1, nil)
		if !ok {
			break
		}
		p = stop.Pos
	}
	return viewtest.At(f, p)
}

// picture writes a screen for people to look at.
func picture(t *testing.T, name string, v view.View, f view.Frame) {
	dir := os.Getenv("NETSCOPE_PICTURES")
	if dir == "" {
		return
	}
	for _, s := range append(viewtest.Sizes(), viewtest.Size{W: 78, H: 14}, viewtest.Size{W: 118, H: 23}, viewtest.Size{W: 38, H: 15}, viewtest.Size{W: 58, H: 20}) {
		for _, th := range []*view.Theme{view.DefaultTheme(true), view.DefaultTheme(false)} {
			f.Width, f.Height, f.Theme = s.W, s.H, th
			file := fmt.Sprintf("%s/%s-%s-%dx%d.ansi", dir, name, th.Name, s.W, s.H)
			if err := os.WriteFile(file, []byte(v.Render(f)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// atEvent is the frame at the n-th note of a kind.
func atEvent(t *testing.T, f view.Frame, kind string, n int) view.Frame {
	t.Helper()
	v := New()
	viewtest.Settle(v, f)
	for i := range v.tr.Log.Events {
		if e := &v.tr.Log.Events[i]; e.Kind == kind {
			if n--; n == 0 {
				return viewtest.At(f, e.Pos)
			}
		}
	}
	t.Fatalf("no %s", kind)
	return f
}

func TestView(t *testing.T) {
	for _, c := range []struct {
		name    string
		l       lab.Lab
		variant string
		at      func(view.Frame) view.Frame
	}{
		{"start", dns.Resolve{}, "iterative", func(f view.Frame) view.Frame { return viewtest.At(f, 0) }},
		{"iterative-5", dns.Resolve{}, "iterative", func(f view.Frame) view.Frame { return after(f, 5) }},
		{"iterative", dns.Resolve{}, "iterative", func(f view.Frame) view.Frame { return after(f, 8) }},
		{"again", dns.Resolve{}, "iterative", func(f view.Frame) view.Frame { return f }},
		{"recursive-4", dns.Resolve{}, "recursive", func(f view.Frame) view.Frame { return after(f, 4) }},
		{"recursive", dns.Resolve{}, "recursive", func(f view.Frame) view.Frame { return after(f, 8) }},
		{"records", dns.Records{}, "query", func(f view.Frame) view.Frame { return after(f, 21) }},
		{"stale", dns.Cache{}, "change", func(f view.Frame) view.Frame { return after(f, 65) }},
		{"dnssec", dns.Security{}, "dnssec", func(f view.Frame) view.Frame { return after(f, 18) }},
		{"bogus", dns.Security{}, "dnssec", func(f view.Frame) view.Frame { return after(f, 24) }},
		{"poisoned", dns.Security{}, "fixed-port", func(f view.Frame) view.Frame { return atEvent(t, f, "forged-accepted", 1) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := c.at(emulate(t, c.l, c.variant, nil))
			v := New()
			picture(t, c.name, v, f)
			viewtest.View(t, c.name, v, f)
			viewtest.Sweep(t, v, f, 210, 62)
			v.lists = true
			viewtest.Sweep(t, v, f, 130, 40)
		})
	}
}

// Two runs side by side on a screen of 80 columns are legible: every message's
// number, every server, who waits.
func TestAbreast(t *testing.T) {
	for _, c := range []struct{ variant, waits string }{{"iterative", "engineering.nyu.edu"}, {"recursive", "waits for"}} {
		for _, s := range []viewtest.Size{{W: 38, H: 15}, {W: 58, H: 27}} {
			f := emulate(t, dns.Resolve{}, c.variant, nil)
			f.Width, f.Height = s.W, s.H
			text := ansi.Strip(New().Render(after(f, 8)))
			for _, want := range []string{"①", "②", "③", "④", "⑤", "⑥", "⑦", "⑧", "root", "tld-edu", "dns.cs.umass.e", "dns.nyu.edu", "engineerin", "130 ms", "▶", "▼"} {
				if !strings.Contains(text, want) {
					t.Errorf("%s at %dx%d: %s cannot be seen\n%s", c.variant, s.W, s.H, want, text)
				}
			}
			viewtest.Golden(t, fmt.Sprintf("abreast-%s-%dx%d", c.variant, s.W, s.H), New().Render(after(f, 8)))
			if text := ansi.Strip(New().Render(after(f, 4))); !strings.Contains(text, "waits") {
				t.Errorf("%s: nobody waits\n%s", c.variant, text)
			}
		}
	}
}

// Forwards and back every position looks the same.
func TestSameGoingBack(t *testing.T) {
	f := emulate(t, dns.Cache{}, "change", nil)
	f.Width, f.Height = 120, 30
	v := New()
	var there []string
	for p := timeline.Position(0); p <= f.Timeline.End(); p += 11 {
		there = append(there, v.Render(viewtest.At(f, p)))
	}
	for i := len(there) - 1; i >= 0; i-- {
		if v.Render(viewtest.At(f, timeline.Position(i*11))) != there[i] {
			t.Fatalf("position %d differs going back", i*11)
		}
	}
}

// j goes through the messages of a resolution, > through the resolutions.
func TestKeys(t *testing.T) {
	f := emulate(t, dns.Resolve{}, "recursive", nil)
	v := New()
	f = viewtest.At(f, 0)
	mv, ok := press(v, f, "j").(view.MoveMsg)
	for n := 1; n <= 8; n++ { // as in the figure
		if !ok {
			t.Fatalf("there is no message %d", n)
		}
		f = viewtest.At(f, mv.Pos)
		f.Head.Message = mv.Message
		if text := ansi.Strip(v.Render(f)); !strings.Contains(text, ordinal(n)) || n < 8 && strings.Contains(text, ordinal(n+1)) {
			t.Fatalf("after message %d:\n%s", n, text)
		}
		mv, ok = press(v, f, "j").(view.MoveMsg)
	}
	if ok {
		t.Error("there is a ninth message")
	}
	next, ok := press(v, f, ">").(view.MoveMsg)
	if !ok || next.Pos <= f.Head.Pos {
		t.Fatalf("no second resolution: %+v", next)
	}
	f = viewtest.At(f, next.Pos)
	f.Head.Message = next.Message
	if text := ansi.Strip(v.Render(f)); !strings.Contains(text, "resolution 2 of 2") || !strings.Contains(text, "cache hit") {
		t.Errorf("the second resolution:\n%s", text)
	}
	if back, ok := press(v, f, "<").(view.MoveMsg); !ok || back.Pos >= f.Head.Pos {
		t.Error("no way back")
	}
}

func press(v *View, f view.Frame, k string) tea.Msg {
	cmd := v.Update(f, tea.KeyPressMsg{Code: rune(k[0]), Text: k})
	if cmd == nil {
		return nil
	}
	return cmd()
}

// It opens by itself where names are resolved, and not where that is only the
// beginning of something else.
func TestSuits(t *testing.T) {
	for name, want := range map[string]bool{"dns/tcpdump-dnssec.pcap": true, "dns/tcpdump-edns-opts.pcap": true, "dns/zeek-nsec3.pcap": true} {
		if got := New().Suits(captured(t, name)); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if New().Suits(viewtest.HTTP(http1.Decoder{})) {
		t.Error("it opens for HTTP")
	}
}

// Captures have no host names and no notes.
func TestCaptured(t *testing.T) {
	for _, name := range []string{"tcpdump-dnssec.pcap", "tcpdump-edns-opts.pcap", "wireshark-dns-mdns.pcap", "wireshark-dns-ooo.pcap", "zeek-nsec3.pcap"} {
		s := captured(t, filepath.Join("dns", name))
		f := viewtest.Frame(s)
		f.Subject = view.Subject{Kind: view.FileSubject}
		v := New()
		picture(t, name, v, f)
		viewtest.Sweep(t, v, f, 130, 40)
		for p := timeline.Position(0); p <= s.End(); p++ {
			v.Render(viewtest.At(f, p))
		}
	}
}

func TestNothing(t *testing.T) {
	v := New()
	f := viewtest.Frame(viewtest.HTTP(http1.Decoder{}))
	viewtest.Sweep(t, v, f, 100, 30)
	viewtest.Golden(t, "none-80x24", v.Render(f))
}
