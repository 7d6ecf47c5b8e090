package viewtest

import (
	"netscope/decoders/timeline"
	"netscope/tui/view"
)

// Frame is a frame of a lab at the end of a snapshot, dark, focused, 80x24, by
// message, with the latest message selected. Change what the test needs.
func Frame(s *timeline.Snapshot) view.Frame {
	f := view.Frame{
		Width: 80, Height: 24, Focused: true,
		Theme:    view.DefaultTheme(true),
		Timeline: s,
		Subject: view.Subject{
			Title: "HTTP: connections", Kind: view.LabSubject,
			Hosts: []view.Host{
				{Name: "client", Addrs: []string{"10.1.0.1"}, Role: "client"},
				{Name: "server", Addrs: []string{"10.1.0.2"}, Role: "server"},
			},
		},
		Explain: view.Direct{Timeline: s},
	}
	return At(f, s.End())
}

// Settle draws a view until it has taken in the whole timeline (see
// [view.Gradual]).
func Settle(v view.View, f view.Frame) string {
	for {
		s := v.Render(f)
		if g, ok := v.(view.Gradual); !ok || !g.Behind() {
			return s
		}
	}
}

// At moves a frame's playhead to a position and selects what stands there.
func At(f view.Frame, p timeline.Position) view.Frame {
	s := f.Timeline
	f.Head = view.Playhead{Pos: p, Time: s.TimeOf(p), Granularity: timeline.ByMessage, Message: timeline.NoMessage}
	f.Head.Message = s.Latest(p, timeline.ByMessage)
	if p > s.Oldest() && p <= s.End() {
		f.Head.Packet, f.Head.HasPkt = s.Moment(p-1).Packet, true
	}
	return f
}
