package packets

import (
	"net/netip"
	"strconv"
	"strings"

	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/timeline"
	"netscope/tui/view"
)

// Line is a packet as shown in the list.
type Line struct {
	No, Time, Src, Dst, Proto, Length string
	Mark                              string // what a segment means beside its bytes: "retransmission"
	Info                              string
	Style                             view.Style
	Future                            bool // after the playhead
}

// Columns are the widths of the columns; 0 is left out.
type Columns struct{ No, Time, Src, Proto, Length, Info int }

// Fit chooses the columns for a width.
func Fit(w int, last capture.PacketID) Columns {
	c := Columns{No: max(4, len(strconv.FormatUint(uint64(last)+1, 10))), Time: 10}
	switch {
	case w < 40:
		c.Time = 0
	case w < 70:
		c.Src = 9
	case w < 100:
		c.Src, c.Proto = 11, 8
	case w < 140:
		c.Src, c.Proto, c.Length = 15, 8, 6
	default:
		c.Src, c.Proto, c.Length = 22, 8, 7
	}
	used := 0
	for _, n := range []int{c.No, c.Time, c.Src, c.Src, c.Proto, c.Length} {
		if n > 0 {
			used += n + 1
		}
	}
	c.Info = max(0, w-used)
	return c
}

// line decodes one packet for the list.
func line(f *view.Frame, id capture.PacketID) Line {
	s, t := f.Timeline, f.Theme
	row := s.Packet(id)
	l := Line{
		No: strconv.FormatUint(uint64(id)+1, 10), Time: stamp(row.At),
		Length: strconv.FormatUint(uint64(row.Length), 10), Style: t.Text,
		Future: s.DeparturePosition(id) > f.Head.Pos,
	}
	if f.Explain != nil {
		i := f.Explain.PacketInfo(id)
		l.Src, l.Dst, l.Proto, l.Info = host(s, i.Src), host(s, i.Dst), i.Proto, i.Info
	}
	if row.Transport == decoders.TCP && row.Conv != timeline.NoConv {
		l.Info = number(number(l.Info, "Seq=", row.Seq), "Ack=", row.Ack)
	}
	l.Mark = mark(&row)
	l.Style = style(t, &row)
	if row.Payload > 0 {
		l.carries(f, id)
	}
	return l
}

// carries names the messages that a packet begins or completes.
func (l *Line) carries(f *view.Frame, id capture.PacketID) {
	for _, m := range f.Timeline.PacketMessages(id) {
		v := f.Timeline.Message(m)
		if v.Level == decoders.UnitLevel || v.Proto == "" || v.First != id && (!v.Closed || v.Last != id) {
			continue
		}
		text := v.Summary
		if text == "" {
			text = v.Name
		}
		if v.First != id {
			text = "end of " + text
		}
		l.Proto = v.Proto
		l.Info = text
		switch {
		case v.Err != "":
			l.Style = f.Theme.Error
			l.Mark = "malformed"
		case v.Kind == decoders.Request:
			l.Style = f.Theme.Request
		case v.Kind == decoders.Response:
			l.Style = f.Theme.Response
		}
		return
	}
}

func style(t *view.Theme, row *timeline.PacketRow) view.Style {
	const again = timeline.Retransmission | timeline.FastRetransmit | timeline.SpuriousRetrans
	switch {
	case row.Loss != capture.NotLost:
		return t.Lost
	case row.Analysis&again != 0:
		return t.Retransmitted
	case row.Transport != decoders.TCP:
		return t.Text
	case row.Flags&timeline.RST != 0:
		return t.Error
	case row.Flags&(timeline.SYN|timeline.FIN) != 0 || row.Analysis&timeline.Handshake != 0:
		return t.Handshake
	case row.Payload == 0:
		return t.Ack
	}
	return t.Data
}

// mark is what the analysis says, in words.
func mark(row *timeline.PacketRow) string {
	var words []string
	if row.Loss != capture.NotLost {
		words = append(words, row.Loss.String())
	}
	for _, w := range [...]struct {
		a timeline.Analysis
		s string
	}{
		{timeline.SpuriousRetrans, "needless retransmission"}, {timeline.FastRetransmit, "fast retransmission"},
		{timeline.Retransmission, "retransmission"}, {timeline.OutOfOrder, "out of order"},
		{timeline.DupAck, "duplicate ACK"}, {timeline.ZeroWindowProbe, "zero window probe"},
		{timeline.KeepAlive, "keep-alive"}, {timeline.KeepAliveAck, "keep-alive ACK"},
		{timeline.ZeroWindow, "zero window"}, {timeline.WindowFull, "window full"},
		{timeline.WindowUpdate, "window update"}, {timeline.LostSegment, "bytes before it not captured"},
		{timeline.AckedUnseen, "acknowledges bytes not captured"}, {timeline.PortReused, "port used again"},
	} {
		if row.Analysis&w.a != 0 {
			words = append(words, w.s)
			if w.a <= timeline.SpuriousRetrans {
				break // one kind of retransmission is enough
			}
		}
	}
	return strings.Join(words, ", ")
}

// number replaces the number after a key by another: the packet says absolute
// sequence numbers, people read those that count from the first one seen.
func number(info, key string, n uint32) string {
	i := strings.Index(info, key)
	if i < 0 {
		return info
	}
	i += len(key)
	j := i
	for j < len(info) && info[j] >= '0' && info[j] <= '9' {
		j++
	}
	return info[:i] + strconv.FormatUint(uint64(n), 10) + info[j:]
}

// host is a name for an address, or the address.
func host(s *timeline.Snapshot, addr string) string {
	if a, err := netip.ParseAddr(addr); err == nil {
		if n := s.HostName(a); n != "" {
			return n
		}
	}
	return addr
}

// stamp is a time in seconds to the microsecond.
func stamp(t timeline.Time) string {
	return strconv.FormatFloat(t.Seconds(), 'f', 6, 64)
}
