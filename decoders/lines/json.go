// Package lines writes a timeline as lines: one JSON object or one line of text
// for each message, packet or note. It is what programs read; the screen is
// drawn elsewhere. Adding a field is allowed, changing one is not: consumers
// ignore what they do not know.
package lines

import (
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"netscope/capture"
	"netscope/capture/layers"
	"netscope/decoders"
	"netscope/decoders/timeline"
)

// Schema is the version of the JSON lines. It grows when a field changes its
// meaning, not when one is added.
const Schema = 1

// Seconds is a time that is written in seconds, exact to the nanosecond.
type Seconds timeline.Time

// MarshalJSON writes the shortest exact decimal.
func (s Seconds) MarshalJSON() ([]byte, error) {
	sign, v := "", int64(s)
	if v < 0 {
		sign, v = "-", -v
	}
	whole := strconv.FormatInt(v/1e9, 10)
	frac := strings.TrimRight(fmt.Sprintf("%09d", v%1e9), "0")
	if frac == "" {
		frac = "0"
	}
	return []byte(sign + whole + "." + frac), nil
}

type epochLine struct {
	Type   string    `json:"type"`
	Schema int       `json:"schema"`
	Epoch  time.Time `json:"epoch"`
}

type packetLine struct {
	Type    string           `json:"type"`
	Variant string           `json:"variant,omitempty"`
	N       int64            `json:"n"`
	T       Seconds          `json:"t"`
	Arrived *Seconds         `json:"arrived"`
	Lost    bool             `json:"lost"`
	Reason  string           `json:"reason,omitempty"`
	Src     string           `json:"src"`
	Dst     string           `json:"dst"`
	Len     uint32           `json:"len"`
	Proto   string           `json:"proto"`
	Info    string           `json:"info"`
	Conv    *timeline.ConvID `json:"conv"`
	Link    string           `json:"interface,omitempty"`
	TCP     []string         `json:"analysis,omitempty"`
	Comment string           `json:"comment,omitempty"`
}

type messageLine struct {
	Type     string          `json:"type"`
	Variant  string          `json:"variant,omitempty"`
	Level    string          `json:"level"`
	N        int64           `json:"n"`
	PartOf   *int64          `json:"part_of"`
	T        Seconds         `json:"t"`
	End      *Seconds        `json:"end"`
	Conv     timeline.ConvID `json:"conv"`
	Stream   *int64          `json:"stream"`
	Exchange *int64          `json:"exchange"`
	Packets  []int64         `json:"packets"`
	Src      string          `json:"src"`
	Dst      string          `json:"dst"`
	From     string          `json:"from"`
	To       string          `json:"to"`
	Proto    string          `json:"proto"`
	Kind     string          `json:"kind"`
	Name     string          `json:"name"`
	Summary  string          `json:"summary"`
	ReplyTo  *int64          `json:"reply_to"`
	Len      int64           `json:"len"`
	WireLen  int64           `json:"wire_len"`
	Fields   fields          `json:"fields"`
	Error    *string         `json:"error"`
}

type noteLine struct {
	Type    string          `json:"type"`
	Variant string          `json:"variant,omitempty"`
	T       Seconds         `json:"t"`
	Host    string          `json:"host"`
	Proto   string          `json:"proto"`
	Name    string          `json:"name"`
	Summary string          `json:"summary"`
	Data    json.RawMessage `json:"data"`
}

// fields writes field values as an object in their order; those that can repeat
// are always arrays.
type fields []decoders.KV

func (f fields) MarshalJSON() ([]byte, error) {
	buf := []byte{'{'}
	done := map[string]bool{}
	for i, kv := range f {
		if done[kv.Name] {
			continue
		}
		done[kv.Name] = true
		if len(buf) > 1 {
			buf = append(buf, ',')
		}
		buf = appendJSON(buf, kv.Name)
		buf = append(buf, ':')
		if !kv.Many {
			buf = appendValue(buf, kv)
			continue
		}
		sep := byte('[')
		for _, other := range f[i:] {
			if other.Name == kv.Name {
				buf = appendValue(append(buf, sep), other)
				sep = ','
			}
		}
		buf = append(buf, ']')
	}
	return append(buf, '}'), nil
}

func appendValue(buf []byte, kv decoders.KV) []byte {
	switch kv.Kind {
	case decoders.IntValue:
		return strconv.AppendInt(buf, kv.Int, 10)
	case decoders.BoolValue:
		return strconv.AppendBool(buf, kv.Int != 0)
	}
	return appendJSON(buf, kv.Str)
}

func appendJSON(buf []byte, s string) []byte {
	b, err := json.Marshal(strings.ToValidUTF8(s, "\uFFFD"))
	if err != nil {
		return append(buf, `""`...)
	}
	return append(buf, b...)
}

// Source is one timeline to be written: a file, or one variant of a lab.
type Source struct {
	Snap    *timeline.Snapshot
	Variant string                        // of a lab
	Epoch   time.Time                     // times are counted from here; zero: the timeline's own
	Base    int64                         // added to the numbers of messages
	PktBase int64                         // added to the numbers of packets
	Keep    func(timeline.MessageID) bool // nil: everything
}

func (s Source) time(t timeline.Time) Seconds {
	if s.Epoch.IsZero() {
		return Seconds(t)
	}
	return Seconds(t) + Seconds(s.Snap.Epoch().Sub(s.Epoch))
}

func (s Source) number(id timeline.MessageID) *int64 {
	if id == timeline.NoMessage {
		return nil
	}
	n := int64(id) + 1 + s.Base
	return &n
}

// host is the name of a conversation's end, or its address.
func (s Source) host(a netip.Addr) string {
	if n := s.Snap.HostName(a); n != "" {
		return n
	}
	return a.String()
}

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
	c := s.Snap.Conversation(m.Conv)
	src, dst := c.A, c.B
	if m.Dir == decoders.BtoA {
		src, dst = dst, src
	}
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

// Messages writes all messages, units and notes in the order in which they were
// complete.
func (e *Encoder) Messages(s Source) error {
	ids, _ := s.Snap.Completions(0)
	notes := s.Snap.Notes()
	for _, id := range ids {
		if s.Keep != nil && !s.Keep(id) {
			continue
		}
		end := s.Snap.Message(id).End
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
