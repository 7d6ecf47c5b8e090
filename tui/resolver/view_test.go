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

func TestPictures(t *testing.T) {
	for _, c := range []struct {
		name    string
		l       lab.Lab
		variant string
		n       int
	}{
		{"iterative", dns.Resolve{}, "iterative", 8},
		{"iterative-5", dns.Resolve{}, "iterative", 5},
		{"recursive", dns.Resolve{}, "recursive", 8},
		{"recursive-4", dns.Resolve{}, "recursive", 4},
		{"records", dns.Records{}, "query", 21},
		{"change", dns.Cache{}, "change", 65},
		{"dnssec", dns.Security{}, "dnssec", 18},
		{"poisoned", dns.Security{}, "kaminsky", 1 << 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := emulate(t, c.l, c.variant, nil)
			picture(t, c.name, New(), after(f, c.n))
		})
	}
}

var _ = strings.Contains
var _ = tea.KeyPressMsg{}
var _ = ansi.Strip
var _ = http1.Decoder{}
