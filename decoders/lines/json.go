// Package lines writes a timeline as lines: one JSON object or one line of text
// for each message, packet or note. It is what programs read; the screen is
// drawn elsewhere. Adding a field is allowed, changing one is not: consumers
// ignore what they do not know.
//
// It must not know any protocol: what it writes is what decoders have put into
// messages.
package lines

import (
	"encoding/json"
	"io"
	"time"

	"netscope/capture"
	"netscope/capture/layers"
	"netscope/decoders/timeline"
)

// Encoder writes JSON lines.
type Encoder struct{ enc *json.Encoder }

// NewEncoder writes to w.
func NewEncoder(w io.Writer) *Encoder {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return &Encoder{e}
}

// Value writes any other kind of line.
func (e *Encoder) Value(v any) error { return e.enc.Encode(v) }

// Epoch writes the first line.
func (e *Encoder) Epoch(t time.Time) error {
	return e.enc.Encode(epochLine{"timeline", Schema, t.UTC()})
}

// Packet writes a packet.
func (e *Encoder) Packet(s Source, id capture.PacketID) error {
	row := s.Snap.Packet(id)
	l := packetLine{Type: "packet", Variant: s.Variant, N: int64(id) + 1 + s.PktBase, T: s.time(row.At),
		Lost: row.Loss != capture.NotLost, Len: row.Length, Comment: s.Snap.PacketComment(id), TCP: Analysis(row.Analysis)}
	if l.Lost {
		l.Reason = row.Loss.String()
	} else {
		at := s.time(row.Arrived)
		l.Arrived = &at
	}
	if row.Conv != timeline.NoConv {
		l.Conv = &row.Conv
	}
	if taps := s.Snap.Taps(); int(row.Tap) < len(taps) {
		l.Link = taps[row.Tap].Name
	}
	data, err := s.Snap.PacketData(id)
	if err != nil {
		l.Info = "the packet's bytes cannot be read: " + err.Error()
	} else {
		sum := layers.Summarize(s.Snap.LinkType(id), data, int(row.Length))
		l.Src, l.Dst, l.Proto, l.Info = sum.Src, sum.Dst, sum.Proto, sum.Info
	}
	return e.enc.Encode(l)
}

// Message writes a message or unit.
func (e *Encoder) Message(s Source, id timeline.MessageID) error {
	m := s.Snap.Message(id)
	src, dst := s.Snap.Ends(&m)
	l := messageLine{Type: "message", Variant: s.Variant, Level: m.Level.String(), N: *s.number(id), PartOf: s.number(m.PartOf),
		T: s.time(m.Start), Conv: m.Conv, Exchange: s.number(m.Exchange), Packets: []int64{},
		Src: src.String(), Dst: dst.String(),
		From:  s.host(src.Addr()),
		To:    s.host(dst.Addr()),
		Proto: m.Proto, Kind: m.Kind.String(), Name: m.Name, Summary: m.Summary, ReplyTo: s.number(m.ReplyTo),
		Len: ContentLen(s.Snap, &m), WireLen: m.Total, Fields: m.Fields}
	if m.Stream >= 0 {
		l.Stream = &m.Stream
	}
	if m.Closed {
		end := s.time(m.End)
		l.End = &end
	}
	if m.Err != "" {
		l.Error = &m.Err
	}
	for _, p := range s.Snap.MessagePackets(id) {
		l.Packets = append(l.Packets, int64(p)+1+s.PktBase)
	}
	return e.enc.Encode(l)
}

// Note writes a note.
func (e *Encoder) Note(s Source, n timeline.NoteRow) error {
	data := json.RawMessage(n.Data)
	if !json.Valid(data) {
		data = json.RawMessage("{}")
	}
	return e.enc.Encode(noteLine{"note", s.Variant, s.time(n.At), n.Host, n.Proto, n.Name, n.Summary, data})
}

// Messages writes all messages, units and notes, ordered by their ends.
func (e *Encoder) Messages(s Source) error {
	notes := s.Snap.Notes()
	for _, id := range s.Ordered() {
		end := s.Snap.MessageEnd(id)
		for len(notes) > 0 && notes[0].At <= end {
			if err := e.Note(s, notes[0]); err != nil {
				return err
			}
			notes = notes[1:]
		}
		if err := e.Message(s, id); err != nil {
			return err
		}
	}
	for _, n := range notes {
		if err := e.Note(s, n); err != nil {
			return err
		}
	}
	return nil
}
