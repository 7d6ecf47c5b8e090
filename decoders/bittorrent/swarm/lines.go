package swarm

import (
	"fmt"

	"netscope/decoders/timeline"
)

// Line is a thing worth a sentence.
type Line struct {
	Event   int // index in Log.Events
	At      timeline.Time
	Pos     timeline.Position
	Message timeline.MessageID
	Kind    LineKind
	From    int32 // index in Log.Nodes; -1: of no peer, as the tracker
	To      int32 // -1 none
	Reason  string
}

// LineKind is what a line says.
type LineKind uint8

// The kinds of lines.
const (
	Joins LineKind = iota
	Unchokes
	UnchokesOptimistically
	Chokes
	Completes
	Leaves
	Announces
	Says // a note's own sentence
)

// Changes reports whether a line is a change of a choke.
func (k LineKind) Changes() bool { return k >= Unchokes && k <= Chokes }

// Text is the sentence without its time: "Alice optimistically unchokes Bob".
func (l *Line) Text(log *Log) string {
	if l.Kind == Says || l.From < 0 {
		return capital(l.Reason)
	}
	from, to := log.Nodes[l.From].Name(), "a peer"
	if l.To >= 0 {
		to = log.Nodes[l.To].Name()
	}
	why := ""
	if l.Reason != "" {
		why = ": " + l.Reason
	}
	switch l.Kind {
	case Joins:
		return from + " joins"
	case Unchokes:
		return from + " unchokes " + to + why
	case UnchokesOptimistically:
		return from + " optimistically unchokes " + to
	case Chokes:
		return from + " chokes " + to + why
	case Completes:
		return from + " has all pieces"
	case Leaves:
		return from + " leaves"
	}
	return fmt.Sprintf("%s tells the tracker: %s", from, l.Reason)
}

// String is the sentence with its time: "30.0 s: Alice … Bob".
func (l *Line) String(log *Log) string { return fmt.Sprintf("%.1f s: %s", l.At.Seconds(), l.Text(log)) }

// appendLines adds what event number i says; st is the state after it.
func appendLines(out []Line, l *Log, st *State, e *Event, i int) []Line {
	if e.Kind == Noted {
		if x := e.X.Told; x.Text != "" && x.Note != "joined" && x.Torrent < 0 {
			out = append(out, Line{Event: i, At: e.At, Pos: e.Pos, Message: e.Message, Kind: Says, From: l.byHost(l.hostName(x.Host)), To: -1, Reason: x.Text})
		}
		return out
	}
	if e.Node < 0 {
		return out
	}
	n := &st.Nodes[e.Node]
	line := Line{Event: i, At: e.Sent, Pos: e.Pos, Message: e.Message, From: e.Node, To: -1}
	add := func(k LineKind) {
		line.Kind = k
		out = append(out, line)
	}
	to := int32(-1)
	if e.Conv >= 0 {
		to = l.Conns[e.Conv].Node[e.Dir.Other()]
	}
	switch e.Kind {
	case Handshake:
		if n.Joined == e.Sent && n.Tracker == "" && firstOf(st, l, e) {
			add(Joins)
		}
	case Unchoke, Choke:
		line.To = to
		r := n.ranks(to)
		switch {
		case e.Kind == Choke:
			if !r.Unchoked {
				line.Reason = r.Reason
			}
			add(Chokes)
		case r.Optimistic:
			add(UnchokesOptimistically)
		default:
			if r.Unchoked {
				line.Reason = r.Reason
			}
			add(Unchokes)
		}
	case Announced:
		switch e.X.Event {
		case "started":
			add(Joins)
		case "stopped":
			add(Leaves)
		case "completed":
			line.Reason = "completed"
			add(Announces)
		}
	}
	for _, k := range [...]int32{e.Node, to} { // who has got the last piece by this
		if k >= 0 && int(k) < len(st.Nodes) && st.Nodes[k].Full == e.At && (e.Kind == Have || e.Kind == Piece || e.Kind == HaveAll && st.Nodes[k].Flow[1].Total > 0) && st.Nodes[k].Joined < e.At {
			line.From, line.To, line.Reason = k, -1, ""
			if !said(out, Completes, k) {
				add(Completes)
			}
		}
	}
	return out
}

// firstOf reports that a peer is at no other connection yet.
func firstOf(st *State, l *Log, e *Event) bool {
	for i := range st.Conns {
		if int32(i) != e.Conv && st.Conns[i].Seen && (l.Conns[i].Node[0] == e.Node || l.Conns[i].Node[1] == e.Node) {
			return false
		}
	}
	return true
}

// said reports that a line was written already.
func said(lines []Line, k LineKind, from int32) bool {
	for i := len(lines) - 1; i >= 0; i-- {
		if lines[i].Kind == k && lines[i].From == from {
			return true
		}
	}
	return false
}
