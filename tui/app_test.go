package tui

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"testing"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	decs "netscope/decoders/all"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/tui/hexdump"
	"netscope/tui/ladder"
	"netscope/tui/messages"
	"netscope/tui/packets"
	"netscope/tui/session"
	"netscope/tui/state"
	"netscope/tui/tree"
	"netscope/tui/view"
	"netscope/tui/view/viewtest"
	"netscope/tui/waterfall"
)

// fakeLab is a lab whose runs are made up.
type fakeLab struct{ lab.Lab }

func (fakeLab) Spec() lab.Spec {
	return lab.Spec{
		ID: "http-connections", Title: "HTTP: connections", Group: "Web and HTTP",
		Summary: "what a page costs over one connection, several, or one each",
		About:   "A browser fetches a page and its objects.\nThe ways differ in how many connections they open.",
		Params: []lab.Param{
			{Name: "rtt", Label: "RTT", Doc: "Time of a packet without length to the server and back.", Kind: lab.Duration, Default: 0.1, Min: 0.001, Max: 10},
			{Name: "rate", Label: "Rate", Doc: "Of the link, each way.", Kind: lab.Rate, Default: 1e6, Min: 1e3, Max: 1e10},
			{Name: "objects", Label: "Objects", Doc: "How many the page has.", Kind: lab.Count, Default: 10, Min: 0, Max: 100},
			{Name: "order", Label: "Order", Doc: "In which the server answers.", Kind: lab.Choice, Choices: []string{"first come", "short first"}},
		},
		Variants: []lab.Variant{
			{ID: "non-persistent", Title: "non-persistent, serial", Summary: "A connection for each object, one after the other."},
			{ID: "persistent", Title: "persistent", Summary: "One connection, one request at a time."},
			{ID: "pipelined", Title: "pipelined", Summary: "One connection, all requests at once."},
		},
	}
}

func (fakeLab) Topology(_ string, ps lab.Params) lab.Topology {
	p := lab.Path{Delay: ps.Duration("rtt") / 2, Rate: ps["rate"]}
	return lab.Topology{
		Nodes: []lab.Node{{Name: "client", Role: "client"}, {Name: "server", Role: "server"}},
		Links: []lab.Link{{A: "client", B: "server", AB: p, BA: p}},
	}
}

func (fakeLab) Predict(v string, _ lab.Params) []lab.Measure {
	x, y := 0.9, 0.95
	return []lab.Measure{{Name: "page time", Formula: "2·RTT + L/R", Ideal: &x, Predicted: &y, Unit: "s", Variant: v}}
}

func (l fakeLab) Measure(v string, p lab.Params, s *timeline.Snapshot, at timeline.Position) []lab.Measure {
	ms := l.Predict(v, p)
	if at >= s.End() {
		x := s.Now().Seconds()
		ms[0].Measured = &x
	}
	return ms
}

// fakeOpener opens made-up sessions.
type fakeOpener struct {
	opened, closed int
	exchanges      int
	writes         []string
	last           session.LabRequest // of a lab
}

func (o *fakeOpener) Labs() []lab.Lab { return []lab.Lab{fakeLab{}} }
func (o *fakeOpener) Interfaces() ([]session.Interface, error) {
	return []session.Interface{{Name: "eth0", About: "192.0.2.7, up"}, {Name: "any", About: "all of them", Why: "Capturing needs the right to; see netscope doctor."}}, nil
}

func (o *fakeOpener) Recent() []session.Recent {
	return []session.Recent{{Path: "/home/me/captures/page.pcapng"}}
}

func (o *fakeOpener) OpenLab(_ context.Context, r session.LabRequest) (*session.Session, error) {
	o.last = r
	s := o.session(max(3, o.exchanges) + len(r.Journal)) // a fork goes on for longer
	s.Run = r
	s.Subject.Topology = r.Lab.Topology(r.Variant, r.Params)
	s.Subject.Kind, s.Subject.Title = view.LabSubject, r.Lab.Spec().Title
	s.Subject.Params, s.Subject.Values = r.Lab.Spec().Params, r.Params
	s.Measures = func(snap *timeline.Snapshot, at timeline.Position) []lab.Measure {
		return r.Lab.Measure(r.Variant, r.Params, snap, at)
	}
	return s, nil
}

func (o *fakeOpener) OpenFile(_ context.Context, path string) (*session.Session, error) {
	if strings.Contains(path, "missing") {
		return nil, errors.New(path + " cannot be opened: there is no such file.")
	}
	s := o.session(3)
	s.Subject.Kind, s.Subject.Title = view.FileSubject, path
	return s, nil
}

func (o *fakeOpener) OpenLive(context.Context, string) (*session.Session, error) {
	s := o.session(3)
	s.Subject.Kind, s.Subject.Title = view.LiveSubject, "eth0"
	return s, nil
}

func (o *fakeOpener) session(n int) *session.Session {
	o.opened++
	snap := viewtest.Exchanges(n, decs.List()...).Done()
	return &session.Session{
		Subject: view.Subject{Hosts: []view.Host{
			{Name: "client", Addrs: []string{"10.1.0.1"}, Role: "client"},
			{Name: "server", Addrs: []string{"10.1.0.2"}, Role: "server"},
		}},
		Snapshot: func() *timeline.Snapshot { return snap },
		Write: func(_ context.Context, path string, replace bool) error {
			if path == "exists.pcapng" && !replace {
				return fmt.Errorf("%s: %w", path, fs.ErrExist)
			}
			o.writes = append(o.writes, path)
			return nil
		},
		Close: func() error { o.closed++; return nil },
	}
}

func testViews() []func() view.View {
	return []func() view.View{
		func() view.View { return messages.New(messages.Both) },
		func() view.View { return ladder.New() },
		func() view.View { return packets.New(tree.New(), hexdump.New()) },
		func() view.View { return waterfall.New() },
		func() view.View { return state.New() },
		func() view.View { return tree.New() },
		func() view.View { return hexdump.New() },
		func() view.View { return messages.New(messages.Client) },
		func() view.View { return messages.New(messages.Server) },
	}
}

// plain is a view that only says what it is given, so that goldens of the
// shell do not change with every view.
type plain struct{ name string }

func (p plain) Name() string                       { return p.name }
func (p plain) Title(view.Frame) string            { return p.name }
func (p plain) Update(view.Frame, tea.Msg) tea.Cmd { return nil }
func (p plain) Keys() []key.Binding                { return nil }
func (p plain) Render(f view.Frame) string {
	return view.Block([]string{
		fmt.Sprintf("%d x %d cells", f.Width, f.Height),
		fmt.Sprintf("position %d of %d", f.Head.Pos, f.Timeline.End()),
		fmt.Sprintf("filtered %v, measures %d", f.Filter != nil, len(f.Subject.Measures)),
	}, f.Width, f.Height)
}

func plainViews() []func() view.View {
	var out []func() view.View
	for _, n := range []string{"messages", "ladder", "packets", "waterfall", "conversations", "state", "fields", "bytes", "client", "server"} {
		out = append(out, func() view.View { return plain{n} })
	}
	return out
}

// rig drives the shell as Bubble Tea would, one message after the other and
// with made-up time.
type rig struct {
	t    testing.TB
	a    *App
	o    *fakeOpener
	now  time.Time
	quit bool
}

func newRig(t testing.TB, w, h int) *rig { return newRigOf(t, w, h, testViews()) }

func newRigOf(t testing.TB, w, h int, views []func() view.View) *rig {
	r := &rig{t: t, o: &fakeOpener{}, now: viewtest.Epoch}
	r.a = New(Options{Opener: r.o, Views: views, Theme: "dark", Seed: 1})
	r.a.after = func(time.Duration) tea.Cmd { return nil }
	r.run(r.a.Init())
	r.send(tea.WindowSizeMsg{Width: w, Height: h})
	return r
}

func (r *rig) send(msg tea.Msg) {
	_, cmd := r.a.Update(msg)
	r.run(cmd)
}

// run runs commands and what they bring, but not ticks: those come from tick.
func (r *rig) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	done := make(chan tea.Msg, 1)
	go func() { done <- cmd() }()
	switch msg := (<-done).(type) {
	case nil, tickMsg:
	case tea.BatchMsg:
		for _, c := range msg {
			r.run(c)
		}
	case tea.QuitMsg:
		r.quit = true
	default:
		if v := reflect.ValueOf(msg); v.Kind() == reflect.Slice && v.Type().Elem() == reflect.TypeFor[tea.Cmd]() {
			for i := range v.Len() { // a sequence
				r.run(v.Index(i).Interface().(tea.Cmd))
			}
			return
		}
		r.send(msg)
	}
}

// tick lets n frames pass.
func (r *rig) tick(n int) {
	for range n {
		r.now = r.now.Add(frameTime)
		r.send(tickMsg(r.now))
	}
}

// keys presses keys: single characters, or names in Bubble Tea's writing.
func (r *rig) keys(names ...string) {
	for _, n := range names {
		r.send(keyPress(n))
	}
}

func (r *rig) typed(s string) {
	for _, c := range s {
		r.send(tea.KeyPressMsg{Code: c, Text: string(c)})
	}
}

func keyPress(n string) tea.KeyPressMsg {
	special := map[string]tea.KeyPressMsg{
		"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "tab": {Code: tea.KeyTab},
		"shift+tab": {Code: tea.KeyTab, Mod: tea.ModShift}, "space": {Code: tea.KeySpace, Text: " "},
		"left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight}, "up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown},
		"backspace": {Code: tea.KeyBackspace}, "ctrl+c": {Code: 'c', Mod: tea.ModCtrl}, "ctrl+d": {Code: 'd', Mod: tea.ModCtrl},
		"ctrl+u": {Code: 'u', Mod: tea.ModCtrl}, "pgdown": {Code: tea.KeyPgDown}, "home": {Code: tea.KeyHome}, "end": {Code: tea.KeyEnd},
	}
	if k, ok := special[n]; ok {
		return k
	}
	return tea.KeyPressMsg{Code: []rune(n)[0], Text: n}
}
