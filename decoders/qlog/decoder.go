package qlog

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"netscope/decoders"
)

// Decoder turns the events that [File] emits into packets and frames of QUIC.
// Its zero value is ready for use.
type Decoder struct{}

var _ decoders.Decoder = Decoder{}

// Name is "qlog".
func (Decoder) Name() string { return "qlog" }

// Probe accepts datagrams that hold an event.
func (Decoder) Probe(h decoders.Hint, _ decoders.Dir, b []byte, end bool) decoders.Verdict {
	n := min(len(b), len(magic))
	switch {
	case h.Transport != decoders.UDP || string(b[:n]) != magic[:n]:
		return decoders.Reject
	case n == len(magic):
		return decoders.Accept
	case end:
		return decoders.Reject
	}
	return decoders.NeedMore
}

// NewParser starts parsing one conversation.
func (Decoder) NewParser(decoders.Hint, decoders.Env) decoders.Parser { return &parser{} }

// Explain gives the fields of a packet or frame. They are not at places in the
// bytes: those are the log's text.
func (Decoder) Explain(m decoders.Exposed) decoders.Field {
	f := decoders.Field{Label: m.Name, Value: m.Proto, Len: len(m.Raw),
		Doc: "Written down by an endpoint itself, in a qlog file. The bytes are the log's text: it has no others, and the addresses are made up."}
	for _, kv := range m.Fields {
		v := kv.Str
		switch kv.Kind {
		case decoders.IntValue:
			v = strconv.FormatInt(kv.Int, 10)
		case decoders.BoolValue:
			v = strconv.FormatBool(kv.Int != 0)
		}
		label := kv.Name[strings.LastIndexByte(kv.Name, '.')+1:]
		f.Children = append(f.Children, decoders.Field{Name: kv.Name, Label: strings.ReplaceAll(label, "_", " "), Value: v})
	}
	return f
}

const proto = "QUIC"

type parser struct{ key uint64 }

var (
	errTransport = errors.New("events of a qlog file are in datagrams only")
	errRecord    = errors.New("not an event of a qlog file")
)

// Next implements [decoders.Parser]. Every chunk is one datagram.
func (p *parser) Next(c decoders.Chunk) (st decoders.Step, err error) {
	if len(c.Buf) == 0 {
		return st, nil
	}
	if !bytes.HasPrefix(c.Buf, []byte(magic)) {
		return st, errTransport
	}
	r, ok := decode(c.Buf)
	if !ok {
		return st, errRecord
	}
	st.Advance = len(c.Buf)
	end := c.Off + int64(len(c.Buf))
	open := func(ev decoders.Event) uint64 {
		p.key++
		ev.Op, ev.Key, ev.Dir, ev.Off, ev.Proto = decoders.Open, p.key, c.Dir, c.Off, proto
		st.Events = append(st.Events, ev)
		return p.key
	}
	closes := func(key uint64, n int64, problem string) {
		st.Events = append(st.Events, decoders.Event{Op: decoders.Close, Key: key, Dir: c.Dir, End: end, Len: n, Err: problem})
	}
	var frames []frame
	for _, f := range r.Data.Frames {
		if len(frames) < maxFrames {
			frames = append(frames, parseFrame(f))
		}
	}
	// What a log tells are packets: they are its messages, frames their units.
	packet := open(r.opened(frames))
	for i := range frames {
		f := &frames[i]
		closes(open(decoders.Event{Level: decoders.UnitLevel, Name: f.name, Summary: f.summary, Stream: f.stream, PartOf: packet, Fields: f.fields}), f.length, "")
	}
	problem := ""
	if r.Cut > 0 {
		problem = fmt.Sprintf("%d more frames are in the log than netscope shows of one packet", r.Cut)
	}
	closes(packet, r.Data.size(), problem)
	return st, nil
}

// kinds are the packet types of qlog, with their names and, for long headers,
// their numbers in the header of version 1 (RFC 9000 §17.2).
var kinds = map[string]struct {
	name string
	long int64
}{
	"initial": {"Initial", 0}, "0RTT": {"0-RTT", 1}, "handshake": {"Handshake", 2}, "retry": {"Retry", 3},
	"version_negotiation": {"Version Negotiation", -1}, "1RTT": {"1-RTT", -2}, "stateless_reset": {"Stateless Reset", -2},
}

// opened is the event that opens a packet.
func (r *record) opened(frames []frame) decoders.Event {
	h := &r.Data.Header
	t := string(h.Type)
	if t == "" {
		t = string(r.Data.OldType)
	}
	kind, known := kinds[t]
	ev := decoders.Event{Name: kind.name, Stream: -1}
	if !known {
		ev.Name, kind.long = "packet", -2
	}
	add := func(kv decoders.KV) { ev.Fields = append(ev.Fields, kv) }
	if known {
		add(decoders.B("quic.header_form", kind.long != -2))
	}
	if v, err := strconv.ParseUint(strings.TrimPrefix(string(h.Version), "0x"), 16, 32); err == nil && h.Version != "" {
		add(decoders.I("quic.version", int64(v)))
	}
	if kind.long >= 0 {
		add(decoders.I("quic.long.packet_type", kind.long))
	}
	for _, id := range [...]struct {
		name string
		id   text
	}{{"quic.dcid", h.DCID}, {"quic.scid", h.SCID}} {
		if id.id != "" {
			add(decoders.S(id.name, string(id.id)))
		}
	}
	if n := r.Data.size(); n > 0 {
		add(decoders.I("quic.packet_length", n))
	}
	ev.Summary = ev.Name
	if h.Number != nil && *h.Number >= 0 {
		add(decoders.I("quic.packet_number", int64(*h.Number)))
		ev.Summary += fmt.Sprintf(" %d", *h.Number)
	}
	if h.KeyPhase != nil {
		add(decoders.B("quic.key_phase", *h.KeyPhase != 0))
	}
	var names []string
	for i := range frames {
		if frames[i].typ >= 0 {
			add(decoders.KV{Name: "quic.frame_type", Int: frames[i].typ, Kind: decoders.IntValue, Many: true})
		}
		if len(names) == 0 || names[len(names)-1] != frames[i].name {
			names = append(names, frames[i].name)
		}
	}
	if len(names) > 8 {
		names = append(names[:8], "…")
	}
	if len(names) > 0 {
		ev.Summary += ": " + strings.Join(names, ", ")
	}
	for _, v := range r.Data.Versions {
		ev.Summary += " " + string(v)
	}
	if r.Data.Trigger != "" {
		add(decoders.S("qlog.trigger", string(r.Data.Trigger)))
		ev.Summary += ", " + string(r.Data.Trigger)
	}
	add(decoders.S("qlog.event", r.Event))
	add(decoders.S("qlog.vantage_point", r.Vantage))
	return ev
}
