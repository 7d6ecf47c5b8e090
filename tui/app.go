package tui

import (
	"context"
	"image/color"
	"time"

	tea "charm.land/bubbletea/v2"

	"netscope/decoders/timeline"
	"netscope/tui/session"
	"netscope/tui/start"
	"netscope/tui/view"
)

// Options is what the shell is made of.
type Options struct {
	Opener session.Opener
	Views  []func() view.View // in the order in which they are numbered
	Keys   []view.Binding     // nil: the default table
	Theme  string             // name of a theme; "": by the terminal's background
	NoTint bool               // NO_COLOR: the theme without colours, whatever Theme says
	Seed   uint64             // of labs started from the start page
	First  Target             // opened at once; zero: the start page
	Alone  bool               // there is no start page to go back to

	// Filter makes the display filter for a snapshot, nil if there is none;
	// FilterText is how it was written.
	Filter     func(*timeline.Snapshot) func(timeline.MessageID) bool
	FilterText string
}

// Target names what to open.
type Target struct {
	Lab   *session.LabRequest
	File  string
	Iface string

	// Name and Open are of a source of another kind.
	Name string
	Open func(context.Context) (*session.Session, error)
}

// App is the program's one model. It is used from Bubble Tea's goroutine only.
type App struct {
	opt    Options
	table  []view.Binding
	keys   view.KeyMap
	names  []string // of the views
	themes []*view.Theme
	tint   int
	chosen bool // the theme was chosen by a person

	w, h    int
	start   *start.Page
	ex      *explorer // nil: the start page is shown
	cmp     *compare  // not nil: lies over the explorer
	over    overlay
	prompt  *prompt
	opening *opening

	status  string
	bad     bool
	fading  time.Duration // how much longer the status is shown
	ticking bool
	last    time.Time     // of the last tick
	loading time.Duration // how long the present source has been read
	tracks  int           // numbers tracks
	leaving bool
	content string
	after   func(time.Duration) tea.Cmd // makes ticks; tests have their own
}

// New makes the shell. Its first message must be a tea.WindowSizeMsg.
func New(o Options) *App {
	a := &App{after: wallTick, opt: o, table: o.Keys, themes: view.Themes()}
	if a.table == nil {
		a.table = view.Keys()
	}
	a.keys = view.NewKeyMap(a.table)
	for _, mk := range o.Views {
		a.names = append(a.names, mk().Name())
	}
	for i, t := range a.themes {
		if t.Name == o.Theme {
			a.tint, a.chosen = i, true
		}
	}
	if o.NoTint {
		a.tint, a.chosen = len(a.themes)-1, true
	}
	a.start = start.New(o.Opener.Labs())
	return a
}

func (a *App) theme() *view.Theme { return a.themes[a.tint] }

// Init implements tea.Model.
func (a *App) Init() tea.Cmd {
	cmds := []tea.Cmd{a.survey(), guard(a.startTick())}
	if !a.chosen {
		cmds = append(cmds, tea.RequestBackgroundColor)
	}
	switch f := a.opt.First; {
	case f.Lab != nil:
		cmds = append(cmds, a.openLab(*f.Lab))
	case f.File != "":
		cmds = append(cmds, a.openFile(f.File))
	case f.Iface != "":
		cmds = append(cmds, a.openLive(f.Iface))
	case f.Open != nil:
		cmds = append(cmds, a.open("starting "+f.Name, func(ctx context.Context) ([]*session.Session, error) { return one(f.Open(ctx)) }))
	}
	return tea.Batch(cmds...)
}

// Update implements tea.Model. It draws, too: View only hands out the text, so
// that drawing can leave behind work for commands.
func (a *App) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd, changed := a.handle(msg)
	if changed && !a.leaving { // what was on the screen stays until the end
		a.refresh()
		a.draw()
	}
	cmds := []tea.Cmd{cmd, a.startTick()}
	for _, t := range a.alive() {
		cmds = append(cmds, t.work())
	}
	if a.cmp != nil {
		cmds = append(cmds, a.cmp.work())
	}
	return a, guard(cmds...)
}

// View implements tea.Model.
func (a *App) View() tea.View {
	v := tea.NewView(a.content)
	v.AltScreen = true
	v.MouseMode = tea.MouseModeCellMotion
	if t := a.theme(); a.chosen && t.Ground != 0 {
		v.BackgroundColor, v.ForegroundColor = rgb(t.Ground), rgb(t.Ink)
	}
	v.WindowTitle = "netscope"
	if a.ex != nil {
		v.WindowTitle = view.Clean(a.ex.ses.Subject.Title) + " – netscope"
	}
	return v
}

// rgb makes a colour of 0xRRGGBB.
func rgb(c uint32) color.Color {
	return color.RGBA{R: uint8(c >> 16), G: uint8(c >> 8), B: uint8(c), A: 0xff}
}

// alive are the tracks that are on the screen.
func (a *App) alive() []*track {
	switch {
	case a.cmp != nil:
		return a.cmp.tracks()
	case a.ex != nil:
		return []*track{a.ex.track}
	}
	return nil
}

// everyTrack are also those that lie below what is on the screen: what was
// computed for them may come late.
func (a *App) everyTrack() []*track {
	var out []*track
	for c := a.cmp; c != nil; c = c.under {
		out = append(out, c.tracks()...)
	}
	if a.ex != nil {
		out = append(out, a.ex.track)
	}
	return out
}

// refresh takes the snapshots for the frame about to be drawn.
func (a *App) refresh() {
	for _, t := range a.alive() {
		t.refresh()
	}
	if a.ex != nil {
		a.ex.settle()
	}
}

// tickMsg drives everything that moves by itself.
type tickMsg time.Time

const frameTime = time.Second / 30

// startTick keeps the ticks going while something can change.
func (a *App) startTick() tea.Cmd {
	if a.ticking || !a.restless() {
		return nil
	}
	a.ticking = true
	return a.after(frameTime)
}

func wallTick(d time.Duration) tea.Cmd {
	return tea.Tick(d, func(t time.Time) tea.Msg { return tickMsg(t) })
}

func (a *App) restless() bool {
	if a.fading > 0 || a.opening != nil || a.ex == nil && a.start.Moves() {
		return true
	}
	for _, t := range a.alive() {
		if t.restless() {
			return true
		}
	}
	return a.behind()
}

// behind reports whether a view on the screen has more to draw than it could in
// the last frame.
func (a *App) behind() bool {
	switch {
	case a.cmp != nil:
		for _, c := range a.cmp.cols {
			if c.slot.behind {
				return true
			}
		}
	case a.ex != nil:
		for _, s := range a.ex.slots {
			if s.behind {
				return true
			}
		}
	}
	return false
}

// tick moves what moves by itself. It returns whether anything changed.
func (a *App) tick(now time.Time) bool {
	a.ticking = false
	passed := frameTime
	if !a.last.IsZero() {
		// After a pause of the ticks, or of the whole machine, time goes on
		// from here instead of jumping.
		passed = max(0, min(now.Sub(a.last), 4*frameTime))
	}
	a.last = now
	if !a.restless() {
		a.last = time.Time{}
	}
	changed := a.behind()
	if a.fading > 0 {
		if a.fading -= passed; a.fading <= 0 {
			a.status, changed = "", true
		}
	}
	if a.opening != nil {
		a.opening.passed += passed
		changed = true
	}
	if a.ex == nil {
		return a.start.Advance(passed) || changed
	}
	if a.cmp != nil {
		return a.cmp.advance(passed) || changed
	}
	t := a.ex.track
	if t.refresh() {
		changed = true
	}
	if !t.snap.Done() {
		// The estimate of what is left changes even while nothing comes.
		was := a.loading / (loadingShown / 4)
		a.loading += passed
		changed = changed || t.snap.Progress().Total > 0 && a.loading/(loadingShown/4) != was
	}
	return t.advance(passed) || changed
}

// say shows a sentence for a while; complain shows one that something failed.
func (a *App) say(s string)      { a.status, a.bad, a.fading = s, false, 6*time.Second }
func (a *App) complain(s string) { a.status, a.bad, a.fading = s, true, 12*time.Second }

// guard makes commands safe: one that panics complains instead of taking the
// program down.
func guard(cmds ...tea.Cmd) tea.Cmd {
	var out []tea.Cmd
	for _, c := range cmds {
		if c != nil {
			out = append(out, rescue(c))
		}
	}
	if len(out) == 0 {
		return nil
	}
	return tea.Batch(out...)
}

func rescue(c tea.Cmd) tea.Cmd {
	return func() (msg tea.Msg) {
		defer func() {
			if r := recover(); r != nil {
				msg = view.StatusMsg{Text: "Something in netscope has failed and was stopped; what you see may be incomplete.", Bad: true}
			}
		}()
		return c()
	}
}
