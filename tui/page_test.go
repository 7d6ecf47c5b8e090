package tui

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/view/viewtest"
)

// scenes are the screens that must look finished, and the keys to them.
func scenes() map[string]func(r *rig) {
	open := func(r *rig) { r.keys("1"); r.tick(90) }
	return map[string]func(r *rig){
		"start":    func(r *rig) {},
		"path":     func(r *rig) { r.keys("o"); r.typed("/tmp/a.pcap") },
		"explorer": open,
		"end":      func(r *rig) { open(r); r.keys("G") },
		"maximise": func(r *rig) { open(r); r.keys("\\") },
		"help":     func(r *rig) { open(r); r.keys("?") },
		"form":     func(r *rig) { open(r); r.keys("e", "down") },
		"explain":  func(r *rig) { open(r); r.keys("G", "x") },
		"compare":  func(r *rig) { open(r); r.keys("c", "enter"); r.tick(120) },
		"forkmenu": func(r *rig) { open(r); r.keys("d") },
		"fork":     func(r *rig) { open(r); r.keys("G", "d", "enter"); r.tick(30) },
		"only":     func(r *rig) { open(r); r.keys("G", "F") },
	}
}

var digests = regexp.MustCompile(`\([0-9a-f]{8}\)`)

func TestScenes(t *testing.T) {
	for name, go_ := range scenes() {
		for _, s := range viewtest.Sizes() {
			t.Run(fmt.Sprintf("%s-%dx%d", name, s.W, s.H), func(t *testing.T) {
				r := newRigOf(t, s.W, s.H, plainViews())
				go_(r)
				for i := range r.a.themes {
					r.a.tint = i
					r.a.draw()
					viewtest.Exact(t, r.a.content, s.W, s.H)
				}
				r.a.tint = 0
				r.a.draw()
				// A digest changes with every field that a decoder learns.
				content := digests.ReplaceAllString(r.a.content, "(12345678)")
				viewtest.Golden(t, fmt.Sprintf("%s-%dx%d", name, s.W, s.H), content)
			})
		}
	}
}

func TestEverySizeIsExact(t *testing.T) {
	for name, go_ := range scenes() {
		r := newRig(t, 120, 36)
		go_(r)
		for w := 20; w <= 200; w += 1 + w/9 {
			for h := 5; h <= 60; h += 1 + h/7 {
				r.send(tea.WindowSizeMsg{Width: w, Height: h})
				viewtest.Exact(t, r.a.content, w, h)
				if t.Failed() {
					t.Fatalf("%s at %dx%d", name, w, h)
				}
			}
		}
	}
}

func TestSmallTerminalGetsASentence(t *testing.T) {
	r := newRig(t, 40, 10)
	if !strings.Contains(r.a.content, "netscope needs a terminal") {
		t.Errorf("got %q", r.a.content)
	}
}

// TestRandomKeysNeverPanic presses keys at random on all pages.
func TestRandomKeysNeverPanic(t *testing.T) {
	var all []string
	for _, b := range view.Keys() {
		for _, k := range b.Keys {
			if k != "q" && k != "ctrl+c" {
				all = append(all, k)
			}
		}
	}
	all = append(all, "enter", "a", "z", "0", "%", "+", "-", "o", "é")
	for seed := range uint64(6) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		r := newRig(t, 100, 30)
		r.keys("1")
		for i := range 250 {
			switch n := rnd.IntN(20); n {
			case 0:
				r.tick(3)
			case 1:
				r.send(tea.MouseClickMsg{X: rnd.IntN(110), Y: rnd.IntN(34), Button: tea.MouseLeft})
			case 2:
				r.send(tea.MouseWheelMsg{X: rnd.IntN(110), Y: rnd.IntN(34), Button: tea.MouseWheelDown})
			case 3:
				r.send(tea.WindowSizeMsg{Width: 20 + rnd.IntN(150), Height: 5 + rnd.IntN(50)})
			case 4:
				r.send(tea.PasteMsg{Content: "x\x1b[31m\ny"})
			default:
				r.keys(all[rnd.IntN(len(all))])
			}
			if viewtest.Exact(t, r.a.content, r.a.w, r.a.h); t.Failed() {
				t.Fatalf("seed %d, step %d", seed, i)
			}
			if strings.Contains(r.a.status, "has failed") {
				t.Fatalf("seed %d, step %d: %s", seed, i, r.a.status)
			}
		}
		r.send(keyPress("ctrl+c"))
		r.keys("esc", "esc")
		r.send(keyPress("ctrl+c"))
		if !r.quit {
			t.Error("Ctrl-C did not leave")
		}
		if r.o.opened != r.o.closed {
			t.Errorf("seed %d: %d sessions opened, %d closed", seed, r.o.opened, r.o.closed)
		}
	}
}

func TestALabPlaysAtOnce(t *testing.T) {
	r := newRig(t, 120, 36)
	r.keys("1")
	if !r.a.ex.head.Playing || r.a.ex.head.Time != 0 {
		t.Fatalf("not playing from 0: %+v", r.a.ex.head.Playhead)
	}
	frames := 0
	for r.a.ex.head.Playing && frames < 1000 {
		r.tick(1)
		frames++
	}
	if s := float64(frames) / 30; s < 7 || s > 11 {
		t.Errorf("the whole run plays for %.1f s, want 8 to 10", s)
	}
	if e := r.a.ex; e.head.Pos != e.snap.End() {
		t.Errorf("stopped at %d of %d", e.head.Pos, e.snap.End())
	}
}

func TestSteppingBackIsTheSame(t *testing.T) {
	r := newRig(t, 200, 60)
	r.keys("1", "g")
	seen := map[timeline.Position]string{}
	for _, g := range []string{"message", "exchange", "packet", "unit"} {
		for r.a.ex.head.Granularity.String() != g {
			r.keys("f")
		}
		r.keys("g")
		clear(seen)
		var stops []timeline.Position
		for {
			p := r.a.ex.head.Pos
			if n := len(stops); n > 0 && stops[n-1] == p {
				break
			}
			r.a.status = ""
			r.a.draw()
			stops = append(stops, p)
			seen[p] = r.a.content
			r.keys(".")
		}
		for i := len(stops) - 1; i >= 0; i-- {
			p := r.a.ex.head.Pos
			r.a.status = ""
			r.a.draw()
			if want, ok := seen[p]; !ok || want != r.a.content {
				t.Fatalf("by %s: at %d the screen differs when stepping back", g, p)
			}
			r.keys(",")
		}
	}
}

func TestSearch(t *testing.T) {
	r := newRig(t, 120, 36)
	r.keys("1", "g", "/")
	r.typed("404 NOT")
	r.keys("enter")
	m := r.a.ex.snap.Message(r.a.ex.head.Message)
	if !strings.Contains(m.Summary, "404") {
		t.Errorf("found %q, status %q", m.Summary, r.a.status)
	}
	r.keys("/")
	r.typed("/o")
	r.keys("enter")
	if !strings.Contains(r.a.status, "of 2") {
		t.Errorf("status %q", r.a.status)
	}
	first := r.a.ex.head.Message
	r.keys("n")
	if r.a.ex.head.Message == first {
		t.Error("n did not go to another match")
	}
	r.keys("N")
	if r.a.ex.head.Message != first {
		t.Error("N did not go back")
	}
	r.keys("/")
	r.typed("no such thing")
	r.keys("enter")
	if !strings.Contains(r.a.status, "Nothing matches") {
		t.Errorf("status %q", r.a.status)
	}
}

func TestMarks(t *testing.T) {
	r := newRig(t, 120, 36)
	r.keys("1", "g", ".", ".", "m", "a")
	at := r.a.ex.head.Pos
	r.keys("G", "'", "a")
	if r.a.ex.head.Pos != at {
		t.Errorf("at %d, want %d", r.a.ex.head.Pos, at)
	}
	r.keys("'", "'")
	if r.a.ex.head.Pos != r.a.ex.snap.End() {
		t.Error("'' did not go back to where it was")
	}
	r.keys("'", "q")
	if !r.a.bad || !strings.Contains(r.a.status, "no such mark") {
		t.Errorf("status %q", r.a.status)
	}
}

func TestParametersAreCheckedAndRun(t *testing.T) {
	r := newRig(t, 120, 36)
	r.keys("1", "e", "down", "ctrl+u")
	r.typed("3 weeks")
	r.keys("enter")
	f, ok := r.a.over.(*form)
	if !ok || f.rows[f.at].err == "" {
		t.Fatalf("a wrong value was taken: %+v", r.a.over)
	}
	r.keys("ctrl+u")
	r.typed("20ms")
	r.keys("up", "right", "enter")
	if r.a.over != nil {
		t.Fatal("the form is still open")
	}
	run := r.a.ex.ses.Run
	if run.Params["rtt"] != 0.02 || run.Variant != "persistent" || run.Params["rate"] != 1e6 {
		t.Errorf("ran with %v, %s", run.Params, run.Variant)
	}
	if r.o.opened != 2 || r.o.closed != 1 {
		t.Errorf("%d opened, %d closed", r.o.opened, r.o.closed)
	}
}

func TestCompareIsInLockstep(t *testing.T) {
	r := newRig(t, 200, 60)
	r.keys("1", "c", "enter", "space", "g")
	c := r.a.cmp
	if c == nil || len(c.cols) != 3 {
		t.Fatalf("no comparison: %+v", c)
	}
	r.keys(".", ".")
	for i, col := range c.cols {
		if col.head.Time != c.time {
			t.Errorf("variant %d is at %v, the others at %v", i, col.head.Time, c.time)
		}
	}
	r.keys("esc")
	if r.a.cmp != nil || r.o.opened != 4 || r.o.closed != 3 {
		t.Errorf("%d opened, %d closed", r.o.opened, r.o.closed)
	}
}

func TestWriteAsksBeforeReplacing(t *testing.T) {
	r := newRig(t, 120, 36)
	r.keys("1", "w", "ctrl+u")
	r.typed("exists.pcapng")
	r.keys("enter", "n")
	if len(r.o.writes) != 0 {
		t.Fatal("replaced without being told to")
	}
	r.keys("w", "ctrl+u")
	r.typed("exists.pcapng")
	r.keys("enter", "y")
	if len(r.o.writes) != 1 {
		t.Errorf("writes: %v; status %q", r.o.writes, r.a.status)
	}
}

func TestAnErrorIsASentenceAndThePageStays(t *testing.T) {
	r := newRig(t, 120, 36)
	r.keys("o")
	r.typed("/missing.pcap")
	r.keys("enter")
	if r.a.ex != nil || !r.a.bad || !strings.Contains(r.a.content, "there is no such file") {
		t.Errorf("status %q", r.a.status)
	}
}

func TestEveryActionDoesSomething(t *testing.T) {
	for _, b := range view.Keys() {
		for _, k := range b.Keys {
			r := newRig(t, 120, 36)
			r.keys("1")
			r.tick(60)
			r.keys("space", "G", ",", ",")
			before := r.a.content
			r.keys(k)
			if b.Action >= view.NavDown && b.Action <= view.NavEnter || b.Action == view.ChooseView || r.quit {
				continue
			}
			if r.a.content == before && b.Action != view.Copy {
				t.Errorf("%s (%s) changed nothing", k, b.Name)
			}
		}
	}
}

func TestIdleDoesNotTick(t *testing.T) {
	r := newRig(t, 120, 36)
	r.keys("1", "space")
	r.tick(400)
	if r.a.restless() {
		t.Error("ticks go on while nothing can change")
	}
}

// BenchmarkFrame draws the largest screen while a run of 30,000 packets plays.
func BenchmarkFrame(b *testing.B) {
	r := newRig(b, 200, 60)
	r.o.exchanges = 3000
	r.keys("1")
	r.tick(30)
	for b.Loop() {
		r.now = r.now.Add(frameTime)
		r.a.handle(tickMsg(r.now))
		r.a.refresh()
		r.a.draw()
	}
}

// BenchmarkKey is how long a step takes until it is drawn.
func BenchmarkKey(b *testing.B) {
	r := newRig(b, 200, 60)
	r.o.exchanges = 3000
	r.keys("1", "G")
	for b.Loop() {
		r.a.Update(keyPress(","))
	}
}

func TestTheDisplayFilterHoldsForStepsAndSearch(t *testing.T) {
	r := newRigOf(t, 120, 36, plainViews())
	r.a.opt.FilterText = "http.response.code == 404"
	r.a.opt.Filter = func(s *timeline.Snapshot) func(timeline.MessageID) bool {
		return func(id timeline.MessageID) bool { return strings.Contains(s.Message(id).Summary, "404") }
	}
	r.keys("1", "g", ".")
	if m := r.a.ex.snap.Message(r.a.ex.head.Message); !strings.Contains(m.Summary, "404") {
		t.Errorf("a step stopped at %q", m.Summary)
	}
	if !strings.Contains(r.a.content, "only what matches") {
		t.Error("the screen does not say that it is filtered")
	}
}
