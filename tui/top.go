package tui

import (
	"fmt"
	"path/filepath"
	"slices"

	"netscope/decoders/timeline"
	"netscope/tui/session"
	"netscope/tui/view"
)

// topLine says what is looked at, with which parameters, and where the
// playhead stands.
func (e *explorer) topLine(t *view.Theme, w int) string {
	sub := e.ses.Subject
	var texts []string
	if r := e.ses.Run; r.Lab != nil {
		if s := forkTitle(r); s != "" {
			texts = append(texts, s)
		}
		if v := session.VariantTitle(r.Lab.Spec(), r.Variant); v != "" {
			texts = append(texts, v)
		}
	} else if dir := filepath.Dir(sub.Source); sub.Kind == view.FileSubject && dir != "." {
		texts = append(texts, view.Clean(dir))
	}
	return t.Bar.Over(barLine(t, sub, texts, paramTexts(sub), e.where(t), w))
}

// barLine is a title, texts and parameters as far as there is room for them,
// and what stands at the right in any case.
func barLine(t *view.Theme, sub view.Subject, texts, params []string, right string, w int) string {
	left := " " + t.Title.Paint(view.Clean(sub.Title))
	room := w - view.Width(left) - view.Width(right) - 4
	put := func(st view.Style, s string) bool {
		if view.Width(s)+3 > room {
			if room < 12 {
				return false
			}
			s = view.Fit(s, room-3)
		}
		left += "   " + st.Paint(s)
		room -= view.Width(s) + 3
		return true
	}
	for i, s := range texts {
		st := t.Dim
		if i == 0 {
			st = t.Text
		}
		if !put(st, s) {
			break
		}
	}
	for i, s := range params {
		if more := len(params) - i; view.Width(s)+3 > room || more > 1 && view.Width(s)+3+6 > room {
			if i > 0 && room >= 6 {
				left += "   " + t.Faint.Paint(fmt.Sprintf("+%d", more))
			}
			break
		}
		left += "   " + t.Dim.Paint(s)
		room -= view.Width(s) + 3
	}
	return view.Sides(left, right+" ", w)
}

// always are the parameters that are shown even if they are as usual: what
// everything else depends on.
var always = [...]string{"rtt", "rate", "loss"}

// paramTexts are a lab's parameters as short texts: those that always matter,
// and those that are not as usual.
func paramTexts(sub view.Subject) []string {
	var first, then []string
	for _, p := range sub.Params {
		s := p.Label + " " + p.Format(sub.Values[p.Name])
		switch {
		case slices.Contains(always[:], p.Name):
			first = append(first, s)
		case sub.Values[p.Name] != p.Default:
			then = append(then, s)
		}
	}
	return append(first, then...)
}

// where tells time, count and speed.
func (e *explorer) where(t *view.Theme) string {
	h := e.head
	sign, st := "■ paused", t.Warn
	switch {
	case h.Pos >= e.snap.End() && e.snap.Done() && !h.Playing:
		sign, st = "■ end", t.Dim
	case h.Live:
		sign, st = "● live", t.OK
	case h.Playing:
		sign, st = "▶ playing", t.OK
	}
	s := st.Paint(sign) + "  " + t.Strong.Paint(view.FormatTime(h.Time)) + "  " + t.Text.Paint(e.count())
	if !h.Live {
		s += "  " + t.Dim.Paint(formatRate(h.rate))
	}
	return s
}

// count is "packet 14/87" or "message 14/87".
func (e *explorer) count() string {
	h := e.head
	if h.Granularity == timeline.ByPacket || h.Message == timeline.NoMessage {
		_, end := e.snap.PacketRange()
		n := uint64(0)
		if h.HasPkt {
			n = uint64(h.Packet) + 1
		}
		return fmt.Sprintf("packet %d/%d", n, uint64(end))
	}
	id := h.Message
	if m := e.snap.Message(id); h.Granularity == timeline.ByExchange && m.Exchange != timeline.NoMessage {
		if r := e.snap.Message(m.Exchange).Reply; r != timeline.NoMessage {
			id = r
		}
	}
	n, of := e.tally.count(id)
	if !e.tally.complete(e.snap) {
		return fmt.Sprintf("%s %d/…", h.Granularity, n)
	}
	return fmt.Sprintf("%s %d/%d", h.Granularity, n, of)
}

// notices are lines about the source that a person should know: that it is
// still being read, has failed, is cut off, or has lost packets.
func (a *App) notices(t *view.Theme, tr *track, w int) []string {
	s := tr.snap
	var parts []string
	if b := tr.ses.Banner; b != "" {
		parts = append(parts, t.Note.Paint(view.Clean(b)))
	}
	if p := s.Progress(); !s.Done() && p.Total > 0 && a.loading > loadingShown {
		parts = append(parts, t.Dim.Paint("reading ")+t.Measured.Paint(bar(float64(p.Done)/float64(p.Total), 20))+
			t.Dim.Paint(fmt.Sprintf(" %d %%", p.Done*100/p.Total)+remaining(p.Done, p.Total, a.loading)))
	}
	if err := s.Err(); err != nil {
		parts = append(parts, t.Error.Paint("✗ "+view.Clean(err.Error())))
	}
	if c := s.Truncated(); c != nil {
		parts = append(parts, t.Warn.Paint(fmt.Sprintf("! The file breaks off at byte %s: %s", view.FormatCount(c.Offset), view.Clean(c.Reason))))
	}
	if d := s.Drops(); d.Kernel+d.Spool > 0 {
		parts = append(parts, t.Warn.Paint("! "+dropSentence(d.Kernel, d.Spool)))
	}
	if tr.only != nil {
		parts = append(parts, t.Dim.Paint("only what matches ")+t.Note.Paint(view.Clean(a.opt.FilterText)))
	}
	if tr.conv != timeline.NoConv {
		c := s.Conversation(tr.conv)
		parts = append(parts, t.Note.Paint(fmt.Sprintf("only %s %s ⇄ %s", c.Transport, c.A, c.B))+t.Dim.Paint("  F or Esc shows all"))
	}
	var lines []string
	for _, p := range parts {
		if n := len(lines) - 1; n >= 0 && view.Width(lines[n])+3+view.Width(p) < w {
			lines[n] += "   " + p
			continue
		}
		lines = append(lines, " "+p)
	}
	for i, l := range lines {
		lines[i] = view.Fit(l, w)
	}
	return lines[:min(len(lines), 3)]
}

func dropSentence(kernel, spool uint64) string {
	switch {
	case spool == 0:
		return fmt.Sprintf("The capture missed %s packets because this machine was too slow.", view.FormatCount(int64(kernel)))
	case kernel == 0:
		return fmt.Sprintf("%s packets were let go of because the spool file is full.", view.FormatCount(int64(spool)))
	}
	return fmt.Sprintf("The capture missed %s packets, and %s were let go of because the spool file is full.",
		view.FormatCount(int64(kernel)), view.FormatCount(int64(spool)))
}
