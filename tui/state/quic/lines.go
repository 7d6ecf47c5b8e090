package quic

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"netscope/decoders"
	"netscope/decoders/quic"
	"netscope/tui/state/h3"
	"netscope/tui/state/line"
	"netscope/tui/view"
)

// Lines describe the connection as the end knows it that sends in direction d.
// letter gives a stream its letter and colour, as other views show it.
func Lines(s *State, d decoders.Dir, letter func(id int64) (string, int)) []line.Line {
	out := connection(s, d)
	out = append(out, packets(s, d)...)
	out = append(out, streams(s, d, letter)...)
	out = append(out, h3.Lines(&s.HTTP, d)...)
	return append(out, ids(s, d)...)
}

func connection(s *State, d decoders.Dir) []line.Line {
	out := []line.Line{{Kind: line.Head, Name: "connection"}}
	about := "handshake"
	if s.Version != 0 {
		about = "version " + quic.VersionName(s.Version)
	}
	if s.ALPN != "" {
		about += " · " + s.ALPN
	}
	out = append(out, line.Line{Name: "QUIC", Value: view.Clean(about), Doc: suite(s.Suite)})
	if s.Retry {
		out = append(out, line.Line{Name: "Retry", Value: "yes", Doc: "the client began again with a token"})
	}
	if s.RTT > 0 {
		out = append(out, line.Line{Name: "RTT", Value: view.FormatSpan(s.RTT), Doc: "last packet to its ACK"})
	}
	o := d.Other()
	out = append(out, window("may send", s.Conn.Sent[d], s.Conn.Limit[d], "on all streams"),
		window("lets send", s.Conn.Sent[o], s.Conn.Limit[o], "the other, on all streams"))
	out = append(out, line.Line{Name: "streams", Value: opened(s.Conn.StreamLimit[d]), Doc: "may be opened by this end"})
	if s.Moves > 0 {
		out = append(out, line.Line{Name: "path", Value: count(s.Moves, "change"), Doc: "of the connection ID in use"})
	}
	if s.Phase[0] || s.Phase[1] {
		out = append(out, line.Line{Name: "key phase", Value: bit(s.Phase[d]) + " · " + bit(s.Phase[o]), Doc: "own, the other's: keys were updated"})
	}
	if s.Sealed > 0 {
		out = append(out, line.Line{Kind: line.Remark, Name: strconv.Itoa(s.Sealed) + " packets could not be decrypted: what they say is missing here"})
	}
	if s.Closed != "" {
		out = append(out, line.Line{Kind: line.Bad, Name: "closed", Value: view.Clean(s.Closed)})
	}
	return out
}

func suite(n int64) string {
	switch n {
	case 0x1301:
		return "AES-128-GCM"
	case 0x1302:
		return "AES-256-GCM"
	case 0x1303:
		return "ChaCha20-Poly1305"
	}
	return ""
}

func bit(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

func opened(limit [2]uint64) string {
	say := func(n uint64) string {
		if n == 0 {
			return "?"
		}
		return view.FormatCount(int64(min(n, 1<<60)))
	}
	return say(limit[0]) + " ↔ · " + say(limit[1]) + " →"
}

// window is how much of a limit is left.
func window(name string, sent, limit uint64, doc string) line.Line {
	if limit == 0 {
		return line.Line{Name: name, Value: "?", Doc: "the limit is not known"}
	}
	left := int64(limit) - int64(sent)
	l := line.Line{Kind: line.Gauge, Name: name, Value: view.FormatSize(max(left, 0)), Doc: doc, Fraction: min(1, max(0, float64(left)/float64(limit)))}
	if left <= 0 {
		l.Kind, l.Doc = line.Bad, "nothing more until a MAX_DATA"
	}
	return l
}

// packets are the packet number spaces: what this end has sent and what of it has
// been acknowledged, and what it has received.
func packets(s *State, d decoders.Dir) []line.Line {
	out := []line.Line{{Kind: line.Head, Name: "packets sent · acknowledged"}}
	names := [...]string{"Initial", "Handshake", "1-RTT"}
	add := func(dir decoders.Dir) {
		for i, name := range names {
			sp := &s.Spaces[dir][i]
			if sp.Packets == 0 {
				continue
			}
			out = append(out, line.Line{Name: name, Value: "0…" + strconv.FormatInt(sp.Largest, 10) + " · " + acked(sp.Acked), Doc: count(sp.Packets, "packet")})
			if len(sp.Lost) > 0 {
				out = append(out, line.Line{Kind: line.Bad, Name: "  lost", Value: numbers(sp.Lost), Doc: "overtaken by 3 (RFC 9002)"})
			}
		}
	}
	add(d)
	n := len(out)
	if n == 1 {
		out = append(out, line.Line{Kind: line.Remark, Name: "none yet"})
	}
	out = append(out, line.Line{Kind: line.Head, Name: "packets received · acknowledged"})
	n = len(out)
	add(d.Other())
	if len(out) == n {
		out = append(out, line.Line{Kind: line.Remark, Name: "none yet"})
	}
	return out
}

// count writes a number of things.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return view.FormatCount(int64(n)) + " " + thing + "s"
}

// acked writes ranges, the largest first.
func acked(list []Range) string {
	if len(list) == 0 {
		return "none"
	}
	var out []string
	for i, r := range list {
		if i == 4 {
			out = append(out, "…")
			break
		}
		if r.Lo == r.Hi {
			out = append(out, strconv.FormatInt(r.Lo, 10))
		} else {
			out = append(out, fmt.Sprintf("%d–%d", r.Lo, r.Hi))
		}
	}
	return strings.Join(out, ", ")
}

// numbers writes packet numbers.
func numbers(list []int64) string {
	var out []string
	for i, n := range list {
		if i == 8 {
			out = append(out, "… "+strconv.Itoa(len(list))+" in all")
			break
		}
		out = append(out, strconv.FormatInt(n, 10))
	}
	return strings.Join(out, ", ")
}

func streams(s *State, d decoders.Dir, letter func(int64) (string, int)) []line.Line {
	out := []line.Line{{Kind: line.Head, Name: "streams"}}
	var list []int64
	for id := range s.Conn.Streams {
		list = append(list, id)
	}
	if len(list) == 0 {
		return append(out, line.Line{Kind: line.Remark, Name: "none yet"})
	}
	slices.SortFunc(list, func(a, b int64) int { // requests before what serves all of them
		if (a^b)&2 != 0 {
			return int(a&2 - b&2)
		}
		return int(max(-1, min(1, a-b)))
	})
	for i, id := range list {
		if i >= line.MaxListed {
			out = append(out, line.Line{Kind: line.Remark, Name: "and " + strconv.Itoa(len(list)-i) + " more"})
			break
		}
		st := s.Conn.Streams[id]
		a, k := letter(id)
		l := line.Line{Kind: line.Stream, Name: a + " " + strconv.FormatInt(id, 10), Series: k}
		me, it := &st.Half[d], &st.Half[d.Other()]
		if id&2 != 0 {
			h, arrow := me, "↑ "
			if h.State == quic.Idle {
				h, arrow = it, "↓ "
			}
			l.Value, l.Doc = arrow+half(h), view.FormatSize(int64(h.Sent))+" "+s.HTTP.Kinds[id]
			l.Short = arrow + strings.TrimSpace(l.Doc)
			out = append(out, l)
			continue
		}
		l.Value = "↑ " + half(me) + "  ↓ " + half(it)
		l.Doc = "sent " + view.FormatSize(int64(me.Sent)) + ", received " + view.FormatSize(int64(it.Sent))
		l.Short = "↑ " + view.FormatSize(int64(me.Sent)) + mark(me) + "  ↓ " + view.FormatSize(int64(it.Sent)) + mark(it)
		if me.Blocked || it.Blocked {
			l.Doc = "blocked by its limit: MAX_STREAM_DATA is awaited"
		}
		out = append(out, l)
	}
	return out
}

// half names the state of a direction of a stream in one word.
func half(h *quic.Half) string {
	switch {
	case h.Blocked:
		return "blocked"
	case h.State == quic.Idle:
		return "idle"
	case h.State == quic.Recv:
		return "open"
	case h.State == quic.ResetRecvd:
		return "reset"
	}
	return "ended"
}

// mark ends a short form.
func mark(h *quic.Half) string {
	switch half(h) {
	case "ended":
		return " end"
	case "reset", "blocked":
		return " " + half(h)
	}
	return ""
}

// ids are the connection IDs: packets to an end carry one that it has given out.
func ids(s *State, d decoders.Dir) []line.Line {
	out := []line.Line{{Kind: line.Head, Name: "connection IDs: own, the other's"}}
	for _, dir := range []decoders.Dir{d, d.Other()} {
		who := "own"
		if dir != d {
			who = "other's"
		}
		if len(s.IDs[dir]) == 0 {
			out = append(out, line.Line{Name: who, Value: "none", Doc: "packets to it carry an empty ID"})
		}
		for _, id := range s.IDs[dir] {
			doc := ""
			switch {
			case id.Retired:
				doc = "retired"
			case id.Hex == s.Path[dir.Other()]:
				doc = "in use"
			default:
				doc = "spare"
			}
			name := who
			if id.Seq >= 0 {
				name += " " + strconv.FormatInt(id.Seq, 10)
			}
			out = append(out, line.Line{Name: name, Value: id.Hex, Doc: doc})
		}
	}
	return out
}
