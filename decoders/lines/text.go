package lines

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"netscope/decoders"
	"netscope/decoders/timeline"
)

// analysisNames are tshark's words for what a segment can be.
var analysisNames = [...]struct {
	bit  timeline.Analysis
	name string
}{
	{timeline.Retransmission, "retransmission"}, {timeline.FastRetransmit, "fast retransmission"},
	{timeline.SpuriousRetrans, "spurious retransmission"}, {timeline.OutOfOrder, "out of order"},
	{timeline.LostSegment, "previous segment not captured"}, {timeline.AckedUnseen, "acknowledged segment not captured"},
	{timeline.DupAck, "duplicate ack"}, {timeline.WindowFull, "window full"}, {timeline.ZeroWindow, "zero window"},
	{timeline.WindowUpdate, "window update"}, {timeline.KeepAlive, "keep-alive"}, {timeline.KeepAliveAck, "keep-alive ack"},
	{timeline.ZeroWindowProbe, "zero-window probe"}, {timeline.PortReused, "port numbers reused"},
	{timeline.Handshake, "handshake"},
}

// Analysis names the marks of a segment.
func Analysis(a timeline.Analysis) []string {
	var out []string
	for _, n := range analysisNames {
		if a&n.bit != 0 {
			out = append(out, n.name)
		}
	}
	return out
}

// maxContent bounds what is decompressed to learn a content's length.
const maxContent = 1 << 30

// ContentLen is the length of a message's content in bytes after chunks have
// been joined and content codings undone. Where a coding cannot be undone it is
// the length as carried.
func ContentLen(s *timeline.Snapshot, m *timeline.Message) int64 {
	coded := false
	for _, kv := range m.Fields {
		if strings.HasSuffix(kv.Name, ".content_encoding") {
			coded = true
		}
	}
	if !coded || m.Len == 0 {
		return m.Len
	}
	body, err := s.Body(m.ID)
	if err != nil {
		return m.Len
	}
	n, err := io.Copy(io.Discard, io.LimitReader(body, maxContent))
	if err != nil {
		return m.Len
	}
	return n
}

// Text writes lines for people.
type Text struct{ w io.Writer }

// NewText writes to w.
func NewText(w io.Writer) *Text { return &Text{w} }

// Message writes number, time, ends, protocol and summary.
func (t *Text) Message(s Source, id timeline.MessageID) error {
	m := s.Snap.Message(id)
	src, dst := s.Snap.Ends(&m)
	indent := ""
	if m.Level == decoders.UnitLevel {
		indent = "  "
	}
	line := fmt.Sprintf("%6d %12.6f  %s → %s  %-8s  %s%s", *s.number(id), float64(s.time(m.End))/1e9,
		s.end(src.Addr().String(), src.Port(), s.Snap.HostName(src.Addr())),
		s.end(dst.Addr().String(), dst.Port(), s.Snap.HostName(dst.Addr())), m.Proto, indent, m.Summary)
	if m.Err != "" {
		line += "  [" + m.Err + "]"
	}
	_, err := fmt.Fprintln(t.w, Clean(line))
	return err
}

func (s Source) end(addr string, port uint16, name string) string {
	if name != "" {
		addr = name
	}
	if strings.Contains(addr, ":") {
		addr = "[" + addr + "]"
	}
	return addr + ":" + strconv.Itoa(int(port))
}

// Note writes a note, marked as one.
func (t *Text) Note(s Source, n timeline.NoteRow) error {
	_, err := fmt.Fprintln(t.w, Clean(fmt.Sprintf("       %12.6f  note %s: %s", float64(s.time(n.At))/1e9, n.Host, n.Summary)))
	return err
}

// Fields writes the values of the named fields, separated by tabs, repeated
// ones by commas, as tshark -T fields does.
func (t *Text) Fields(s Source, id timeline.MessageID, names []string) error {
	m := s.Snap.Message(id)
	cols := make([]string, len(names))
	for i, name := range names {
		var vals []string
		for _, kv := range m.Fields {
			if kv.Name != name {
				continue
			}
			switch kv.Kind {
			case decoders.StrValue:
				vals = append(vals, kv.Str)
			case decoders.IntValue:
				vals = append(vals, strconv.FormatInt(kv.Int, 10))
			case decoders.BoolValue:
				vals = append(vals, strconv.FormatBool(kv.Int != 0))
			}
		}
		cols[i] = Clean(strings.Join(vals, ","))
	}
	_, err := fmt.Fprintln(t.w, strings.Join(cols, "\t"))
	return err
}

// Clean replaces what could act on a terminal or break a line, invisible
// characters that change the direction of writing among them: bytes from the
// network are not trusted.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsGraphic(r) {
			return '·'
		}
		return r
	}, s)
}
