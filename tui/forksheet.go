package tui

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"netscope/capture"
	"netscope/protocols/lab"
	"netscope/protocols/lab/fork"
	"netscope/tui/line"
	"netscope/tui/view"
)

// forkSheet is the menu of what can be done to a packet in a fork.
type forkSheet struct {
	t   *track
	id  capture.PacketID
	at  int
	by  line.Line
	err string
}

// The rows of the menu.
const (
	forkDrop = iota
	forkDelay
	forkParams
	forkRows
)

// lateness reads and writes how much later a packet arrives.
func lateness() lab.Param {
	return lab.Param{Name: "delay", Kind: lab.Duration, Min: 1e-9, Max: 3600}
}

func newForkSheet(t *track, id capture.PacketID, delay bool) *forkSheet {
	s := &forkSheet{t: t, id: id, by: line.New(lateness().Format(defaultDelay(t).Seconds()))}
	if delay {
		s.at = forkDelay
	}
	return s
}

func (s *forkSheet) update(a *App, msg tea.Msg) (tea.Cmd, bool) {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil, false
	}
	s.err = ""
	switch name := k.String(); name {
	case "esc", "ctrl+c":
		return nil, true
	case "enter":
		return s.run(a)
	case "down", "tab", "j":
		s.at = (s.at + 1) % forkRows
	case "up", "shift+tab", "k":
		s.at = (s.at + forkRows - 1) % forkRows
	case "left", "right", ",", ".":
		dir := 1
		if name == "left" || name == "," && s.at != forkDelay {
			dir = -1
		} else if (name == "." || name == ",") && s.at == forkDelay {
			s.by.Update(msg) // a decimal point
			return nil, false
		}
		s.next(dir)
	default:
		if s.at == forkDelay {
			s.by.Update(msg)
		}
	}
	return nil, false
}

// next goes to the next or previous packet that can be hit.
func (s *forkSheet) next(dir int) {
	first, end := s.t.snap.PacketRange()
	for id := s.id; ; {
		if dir > 0 && id+1 >= end || dir < 0 && id <= first {
			return
		}
		if dir > 0 {
			id++
		} else {
			id--
		}
		if s.t.snap.Packet(id).Loss == capture.NotLost {
			s.id = id
			return
		}
	}
}

// run starts the fork, or says what is wrong.
func (s *forkSheet) run(a *App) (tea.Cmd, bool) {
	if s.at == forkParams {
		f := newForm(s.t)
		f.later()
		a.over = f
		return nil, true
	}
	kind, by := fork.Drop, time.Duration(0)
	if s.at == forkDelay {
		x, err := lateness().Parse(s.by.String())
		if err != nil {
			s.err = err.Error()
			return nil, false
		}
		kind, by = fork.Delay, time.Duration(x*1e9)
	}
	act, err := fork.Hit(kind, by, s.t.snap, s.t.ses.Subject.Topology, s.id)
	if err != nil {
		s.err = err.Error()
		return nil, false
	}
	return a.openFork(s.t, []lab.Action{act}), true
}

func (s *forkSheet) render(a *App, w, h int) []string {
	t := a.theme()
	width := min(70, w-10)
	row := s.t.snap.Packet(s.id)
	s.t.cache.use(s.t.snap)
	info := s.t.cache.PacketInfo(s.id)
	act, _ := fork.Hit(fork.Drop, 0, s.t.snap, s.t.ses.Subject.Topology, s.id)
	lines := []string{
		view.Sides(t.Key.Paint("◂ ")+t.Strong.Paint(fork.Name(s.t.snap, s.id))+t.Key.Paint(" ▸")+"  "+t.Text.Paint(act.From+" → "+act.To),
			t.Dim.Paint(view.FormatBytes(int64(row.Length))+"  leaves at "+view.FormatTime(row.At)), width),
		t.Dim.Paint(view.Fit("  "+view.Clean(info.Proto+"  "+info.Info), width)),
		"",
	}
	for i, r := range [forkRows][2]string{
		{"drop it", "it is lost on the wire"},
		{"delay it by", "those behind it overtake it"},
		{"change parameters …", "of the links, from here on"},
	} {
		mark, st := "  ", t.Text
		if i == s.at {
			mark, st = t.Key.Paint("▸ "), t.Strong
		}
		left := mark + st.Paint(r[0])
		switch {
		case i == forkDelay && i == s.at:
			left += "  " + t.Selection.Over(" "+s.by.Render(12)+" ")
		case i == forkDelay:
			left += "  " + t.FieldValue.Paint(" "+view.Clean(s.by.String()))
		}
		lines = append(lines, view.Sides(left, t.Dim.Paint(r[1]), width))
	}
	lines = append(lines, "")
	text, st := "The lab runs once more with the same seed: all is the same until then. Both runs are shown beside each other. ← → chooses another packet.", t.Dim
	if s.err != "" {
		text, st = "✗ "+s.err, t.Error
	}
	wrapped := append(view.Wrap(text, width), "", "")
	for _, l := range wrapped[:max(2, len(wrapped)-2)] {
		lines = append(lines, st.Paint(view.Fit(l, width)))
	}
	title := fmt.Sprintf("fork at %s", fork.Seconds(row.At))
	return sheet(t, strings.TrimSpace(title), "Enter runs, Esc closes", lines, w, h)
}
