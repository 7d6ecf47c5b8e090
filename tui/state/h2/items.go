package h2

import (
	"strconv"

	"netscope/decoders"
	"netscope/decoders/hpack"
	"netscope/decoders/http2"
	"netscope/tui/state/line"
	"netscope/tui/view"
	"netscope/tui/view/grid"
)

// Line is a line of a panel.
type Line = line.Line

// Kinds of line.
const (
	Pair   = line.Pair
	Head   = line.Head
	Gauge  = line.Gauge
	Stream = line.Stream
	Remark = line.Remark
	Bad    = line.Bad

	maxListed = line.MaxListed
)

// Lines describe the connection as the end knows it that sends in direction d.
// letter gives a stream its letter and colour, as other views show it.
func Lines(s *State, d decoders.Dir, letter func(id uint32) (string, int)) []Line {
	c := s.Conn
	me, it := &c.Ends[d], &c.Ends[d.Other()]
	out := []Line{{Kind: Head, Name: "connection"}}
	out = append(out, window("window out", me.Window, s.peak[d], "may be sent, on all streams"),
		window("window in", it.Window, s.peak[d.Other()], "the other may send"),
		Line{Name: "frames", Value: strconv.Itoa(s.Frames[d]) + " sent, " + strconv.Itoa(s.Frames[d.Other()]) + " received"})
	if c.Midway {
		out = append(out, Line{Kind: Remark, Name: "Its beginning is not known: windows count from there."})
	}
	for _, g := range []struct {
		e    *http2.End
		what string
	}{{me, "says"}, {it, "hears"}} {
		if a := g.e.GoAway; a != nil {
			out = append(out, Line{Kind: Bad, Name: "GOAWAY", Value: g.what + " last stream " + strconv.Itoa(int(a.Last)), Doc: a.Code.String()})
		}
	}
	out = append(out, streams(c, d, letter)...)
	out = append(out, settings(me, it)...)
	out = append(out, table("header table, sends", &me.Table)...)
	return append(out, table("header table, receives", &it.Table)...)
}

func window(name string, left, of int64, doc string) Line {
	l := Line{Kind: Gauge, Name: name, Value: view.FormatBytes(left), Doc: doc, Fraction: min(1, max(0, float64(left)/float64(max(of, left, 1))))}
	if left <= 0 {
		l.Kind, l.Doc = Bad, "nothing more until a WINDOW_UPDATE"
	}
	return l
}

func streams(c *http2.Conn, d decoders.Dir, letter func(uint32) (string, int)) []Line {
	out := []Line{{Kind: Head, Name: "streams"}}
	list := c.List()
	if len(list) == 0 {
		return append(out, Line{Kind: Remark, Name: "none yet"})
	}
	for i, st := range list {
		if i >= maxListed {
			out = append(out, Line{Kind: Remark, Name: "and " + strconv.Itoa(len(list)-i) + " more"})
			break
		}
		a, k := letter(st.ID)
		doc := "send " + left(st.Window[d]) + "  receive " + left(st.Window[d.Other()])
		if st.State(d) == "closed" {
			doc = "sent " + view.FormatSize(st.Sent[d]) + ", received " + view.FormatSize(st.Sent[d.Other()])
			if st.Half[0] == http2.Reset || st.Half[1] == http2.Reset {
				doc = "reset: " + st.ResetCode.String()
			}
		}
		brief := "↑ " + left(st.Window[d]) + "  ↓ " + left(st.Window[d.Other()])
		switch st.State(d) {
		case "closed":
			brief = "closed"
			if st.Half[0] == http2.Reset || st.Half[1] == http2.Reset {
				brief = doc
			}
		case "idle", "reserved (local)", "reserved (remote)":
			brief = st.State(d)
		case "half-closed (local)":
			brief = "↓ " + left(st.Window[d.Other()])
		case "half-closed (remote)":
			brief = "↑ " + left(st.Window[d])
		}
		out = append(out, Line{Kind: Stream, Short: brief, Name: a + " " + strconv.Itoa(int(st.ID)), Series: k, Value: st.State(d), Doc: doc})
	}
	return out
}

// left writes a window: what may still be sent.
func left(n int64) string {
	if n <= 0 {
		return "nothing"
	}
	return view.FormatSize(n)
}

// settings are those of both sides, what this end says before what it hears.
func settings(me, it *http2.End) []Line {
	out := []Line{{Kind: Head, Name: "settings: own · other's"}}
	num := func(v uint32) string {
		if v == 1<<32-1 {
			return "no limit"
		}
		return view.FormatCount(int64(v))
	}
	flag := func(v bool) string {
		if v {
			return "yes"
		}
		return "no"
	}
	add := func(name, a, b, doc string) {
		out = append(out, Line{Name: name, Value: a + " · " + b, Doc: doc})
	}
	a, b := &me.Announced, &it.Announced
	add("window", num(a.InitialWindow), num(b.InitialWindow), "of a new stream")
	add("frame", num(a.MaxFrame), num(b.MaxFrame), "longest payload it takes")
	add("streams", num(a.MaxStreams), num(b.MaxStreams), "open at once at most")
	add("table", num(a.HeaderTable), num(b.HeaderTable), "header table that it keeps")
	add("push", flag(a.EnablePush), flag(b.EnablePush), "")
	if n := len(me.Pending); n > 0 {
		out = append(out, Line{Kind: Remark, Name: "its own are not acknowledged yet"})
	}
	return out
}

// table lists a dynamic table, the newest entry first, as it is indexed.
func table(name string, t *hpack.Table) []Line {
	out := []Line{
		{Kind: Head, Name: name},
		{Kind: Gauge, Name: "size", Value: view.FormatBytes(int64(t.Size)), Doc: "of " + view.FormatCount(int64(t.Max)) + ", " + strconv.Itoa(len(t.Entries)) + " entries",
			Fraction: float64(t.Size) / float64(max(t.Max, 1))},
	}
	if t.Partial {
		out = append(out, Line{Kind: Remark, Name: "older entries are not known"})
	}
	for i := len(t.Entries) - 1; i >= 0 && len(t.Entries)-i <= maxListed; i-- {
		e := &t.Entries[i]
		n := e.Name
		if e.NoName {
			n = "?"
		}
		v := e.Value
		if e.NoValue {
			v = "?"
		}
		out = append(out, Line{Name: strconv.Itoa(t.Index(i)), Value: view.Clean(grid.Cut(n+": "+v, 120))})
	}
	return out
}
