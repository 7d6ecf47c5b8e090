package tui

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"netscope/capture"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/protocols/lab/fork"
	"netscope/tui/session"
	"netscope/tui/view"
)

// forking is a fork that is being opened.
type forking struct {
	from   *session.Session
	at     timeline.Time // of its first new action
	packet bool          // a packet is hit
	view   int           // the one to show, where no packet is; -1: the usual one
}

// canFork says why the run of a track cannot be forked, "" if it can.
func canFork(t *track) string {
	switch r := t.ses.Run; {
	case r.Lab == nil:
		return "Only a lab's packets can be dropped or delayed: what was captured has happened."
	case r.Wall:
		return "A run on the wall clock cannot be repeated, so it has no forks; run the lab without --expose."
	}
	return ""
}

// askFork opens the menu of forks at the playhead of a track.
func (a *App) askFork(t *track, delay bool) {
	if why := canFork(t); why != "" {
		a.complain(why)
		return
	}
	id, ok := target(t.snap, t.head.Playhead)
	if !ok {
		a.complain("There is no packet here yet; . steps to the first one.")
		return
	}
	t.head.Playing, t.head.Live = false, false
	a.over = newForkSheet(t, id, delay)
}

// target is the packet that a fork hits. By packets it is the selected one;
// else, of what is selected, the first packet that has not arrived at the
// playhead, or the first of all.
func target(s *timeline.Snapshot, h view.Playhead) (capture.PacketID, bool) {
	if h.Granularity == timeline.ByPacket || h.Message == timeline.NoMessage {
		return h.Packet, h.HasPkt
	}
	ids := []timeline.MessageID{h.Message}
	if m := s.Message(h.Message); h.Granularity == timeline.ByExchange && m.Exchange != timeline.NoMessage {
		ids = []timeline.MessageID{m.Exchange}
		if r := s.Message(m.Exchange).Reply; r != timeline.NoMessage {
			ids = append(ids, r)
		}
	}
	var first capture.PacketID
	found := false
	for _, id := range ids {
		for _, p := range s.MessagePackets(id) {
			if s.Packet(p).Loss != capture.NotLost {
				continue
			}
			if s.PacketAt(p, h.Pos) != timeline.Arrived {
				return p, true
			}
			if !found {
				first, found = p, true
			}
		}
	}
	if !found {
		return h.Packet, h.HasPkt
	}
	return first, true
}

// openFork runs the lab of a track once more, with new actions in its journal.
func (a *App) openFork(t *track, as []lab.Action) tea.Cmd {
	req := t.ses.Request()
	req.Journal = append(slices.Clone(req.Journal), as...)
	o := a.opt.Opener
	cmd := a.open("running it again up to here", func(ctx context.Context) ([]*session.Session, error) {
		return one(o.OpenLab(ctx, req))
	})
	f := &forking{from: t.ses, at: timeline.Time(as[0].At), packet: as[0].Kind == fork.Drop || as[0].Kind == fork.Delay, view: -1}
	if as[0].Kind == "param" { // what is looked at now shows what comes of it
		f.view = a.ex.slots[a.ex.focus].cur
		if a.cmp != nil {
			f.view = a.cmp.cols[a.cmp.focus].slot.cur
		}
	}
	a.opening.fork = f
	return cmd
}

// forked is what a comparison of a run with its fork knows beside its columns.
type forked struct {
	action   timeline.Time
	diff     *fork.Diff // nil: not compared yet
	compared [2]place
	busy     bool
}

// newFork makes the page that shows a run and its fork beside each other. The
// run stays the property of the page below.
func newFork(a *App, f *forking, s *session.Session) *compare {
	c := newCompare(a, []*session.Session{f.from, s})
	c.under, c.cols[0].borrowed = a.cmp, true
	a.tracks++
	c.id, c.fork = a.tracks, &forked{action: f.at}
	c.focus = 1
	if f.packet { // what became of it is seen packet by packet
		c.setGranularity(timeline.ByPacket)
	}
	if f.view >= 0 {
		c.show(f.view)
	} else {
		c.show(c.cols[0].slot.find("ladder"))
	}
	for _, col := range c.cols {
		col.refresh()
	}
	c.setTime(f.at, -1)
	return c
}

// diffMsg brings a comparison that was made beside the drawing.
type diffMsg struct {
	page int
	at   [2]place
	diff *fork.Diff
}

// work is a command that compares the run with its fork, if either has grown.
func (c *compare) work() tea.Cmd {
	f := c.fork
	if f == nil || f.busy {
		return nil
	}
	old, new := c.cols[0].snap, c.cols[1].snap
	at := [2]place{{end: old.End(), done: old.Done()}, {end: new.End(), done: new.Done()}}
	if at == f.compared {
		return nil
	}
	f.busy = true
	id, action := c.id, f.action
	return func() tea.Msg { return diffMsg{id, at, fork.Compare(old, new, action)} }
}

// takeDiff takes what a command of work has brought.
func (c *compare) takeDiff(m diffMsg) {
	if c.fork != nil && c.id == m.page {
		c.fork.diff, c.fork.compared, c.fork.busy = m.diff, m.at, false
	}
}

// differs shows one side of a comparison to the views.
type differs struct{ side *fork.Side }

func difference(k fork.Kind, other timeline.Time) view.Difference {
	return view.Difference{Kind: view.DifferenceKind(k), Other: other}
}

// Packet implements view.Differ.
func (d differs) Packet(id capture.PacketID) view.Difference { return difference(d.side.Packet(id)) }

// Message implements view.Differ.
func (d differs) Message(id timeline.MessageID) view.Difference {
	return difference(d.side.Message(id))
}

// differ is what a column's views see of the comparison; nil if there is none.
func (c *compare) differ(i int) view.Differ {
	if c.fork == nil || c.fork.diff == nil {
		return nil
	}
	if i == 0 {
		return differs{&c.fork.diff.Old}
	}
	return differs{&c.fork.diff.New}
}

// forkTitle is "fork at 0.412 s: segment 41 dropped", by the last that was
// done; "" for a plain run.
func forkTitle(r session.LabRequest) string {
	if r.Lab == nil || len(r.Journal) == 0 {
		return ""
	}
	d := fork.Describe(r.Lab.Spec().Params, r.Journal[len(r.Journal)-1:])[0]
	return "fork at " + fork.Seconds(d.At) + ": " + d.What
}

// command is the command line that makes a lab's run once more.
func command(r session.LabRequest) string {
	spec := r.Lab.Spec()
	words := []string{"netscope", "run", spec.ID}
	if r.Variant != "" {
		words = append(words, "--variant", r.Variant)
	}
	for _, p := range spec.Params {
		x := r.Params[p.Name]
		switch {
		case x == p.Default:
		case p.Kind == lab.Choice:
			words = append(words, "--set", p.Name+"="+p.Format(x))
		default:
			words = append(words, "--set", p.Name+"="+strconv.FormatFloat(x, 'g', -1, 64))
		}
	}
	if r.Seed != 1 {
		words = append(words, "--seed", strconv.FormatUint(r.Seed, 10))
	}
	for _, t := range fork.Text(r.Journal) {
		words = append(words, "--action", t)
	}
	for i, w := range words {
		if strings.ContainsFunc(w, func(c rune) bool {
			return !strings.ContainsRune("@:.,=+#_-/%", c) && !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9')
		}) {
			words[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}

// defaultDelay is how much later a packet arrives if nobody says otherwise: a
// round trip of its link.
func defaultDelay(t *track) time.Duration {
	d := time.Duration(0)
	for _, l := range t.ses.Subject.Topology.Links {
		d = max(d, l.AB.Delay+l.BA.Delay)
	}
	if d <= 0 {
		return 100 * time.Millisecond
	}
	return d
}
