package qlog

import (
	"encoding/json"
	"fmt"
	"strings"

	"netscope/decoders"
)

// frame is a frame as the log has it, with the fields that the decoder of QUIC
// gives to one from the wire.
type frame struct {
	name    string
	summary string
	stream  int64
	typ     int64 // -1: not known
	length  int64
	fields  []decoders.KV
}

// plain are the frames that are a list of numbers: the frame type of RFC 9000
// §19, and for each number the members that may hold it and the field's name.
var plain = map[string]struct {
	typ     int64
	numbers []numbered
}{
	"padding":              {0x00, nil},
	"ping":                 {0x01, nil},
	"reset_stream":         {0x04, []numbered{{"quic.rsts.stream_id", "stream_id"}, {"quic.rsts.application_error_code", "error_code"}, {"quic.rsts.final_size", "final_size"}}},
	"stop_sending":         {0x05, []numbered{{"quic.ss.stream_id", "stream_id"}, {"quic.ss.application_error_code", "error_code"}}},
	"new_token":            {0x07, nil},
	"max_data":             {0x10, []numbered{{"quic.md.maximum_data", "maximum"}}},
	"max_stream_data":      {0x11, []numbered{{"quic.msd.stream_id", "stream_id"}, {"quic.msd.maximum_stream_data", "maximum"}}},
	"max_streams":          {0x12, []numbered{{"quic.ms.max_streams", "maximum"}}},
	"data_blocked":         {0x14, []numbered{{"quic.sb.stream_data_limit", "limit"}}},
	"stream_data_blocked":  {0x15, []numbered{{"quic.sdb.stream_id", "stream_id"}, {"quic.sb.stream_data_limit", "limit"}}},
	"streams_blocked":      {0x16, []numbered{{"quic.sib.stream_limit", "limit"}}},
	"new_connection_id":    {0x18, []numbered{{"quic.nci.sequence", "sequence_number"}, {"quic.nci.retire_prior_to", "retire_prior_to"}}},
	"retire_connection_id": {0x19, []numbered{{"quic.rci.sequence", "sequence_number"}}},
	"path_challenge":       {0x1a, nil},
	"path_response":        {0x1b, nil},
	"handshake_done":       {0x1e, nil},
	"immediate_ack":        {0x1f, nil},
	"reset_stream_at":      {0x24, []numbered{{"quic.rsts.stream_id", "stream_id"}, {"quic.rsts.application_error_code", "error_code"}, {"quic.rsts.final_size", "final_size"}, {"quic.rsts.reliable_size", "reliable_size"}}},
	"datagram":             {0x30, nil},
	"ack_frequency":        {0xaf, []numbered{{"quic.af.sequence_number", "sequence_number"}, {"quic.af.ack_eliciting_threshold", "ack_eliciting_threshold"}, {"quic.af.request_max_ack_delay", "request_max_ack_delay"}, {"quic.af.reordering_threshold", "reordering_threshold"}}},
}

type numbered struct{ field, member string }

// parseFrame reads one frame.
func parseFrame(b json.RawMessage) frame {
	o := objectOf(b)
	kind := o.text("frame_type")
	f := frame{name: strings.ToUpper(short(kind)), stream: -1, typ: -1}
	switch kind {
	case "ack":
		f.ack(o)
	case "stream":
		f.data(o, 0x08, "quic.stream.")
	case "crypto":
		f.data(o, 0x06, "quic.crypto.")
	case "connection_close":
		f.close(o)
	case "":
		f.name = "frame"
	default:
		f.plain(o, kind)
	}
	if f.typ < 0 {
		if n, ok := o.num("frame_type_bytes", "frame_type_value", "raw_frame_type"); ok {
			f.typ = n
		}
	}
	if f.typ >= 0 {
		f.fields = append([]decoders.KV{{Name: "quic.frame_type", Int: f.typ, Kind: decoders.IntValue, Many: true}}, f.fields...)
	}
	f.summary = strings.TrimSpace(f.name + " " + f.summary)
	return f
}

// size is a frame's length: a member of it in older drafts, within "raw" now.
func size(o object) int64 {
	if n, ok := o.num("length"); ok {
		return max(n, 0)
	}
	n, _ := objectOf(o["raw"]).num("payload_length", "length")
	return max(n, 0)
}

func (f *frame) add(name string, v int64) { f.fields = append(f.fields, decoders.I(name, v)) }

func (f *frame) setStream(name string, id int64) {
	f.stream = id
	f.fields = append(f.fields, decoders.KV{Name: name, Int: id, Kind: decoders.IntValue, Many: true})
}

// data is a frame with bytes of a stream or of the handshake.
func (f *frame) data(o object, typ int64, prefix string) {
	f.typ = typ
	off, _ := o.num("offset")
	f.length = size(o)
	if typ == 0x08 {
		id, _ := o.num("stream_id")
		f.setStream(prefix+"stream_id", id)
		f.summary = fmt.Sprintf("%d ", id)
	}
	f.add(prefix+"offset", off)
	f.add(prefix+"length", f.length)
	if f.length > 0 {
		f.summary += fmt.Sprintf("bytes %d-%d", off, off+f.length-1)
	} else {
		f.summary += fmt.Sprintf("at %d, no bytes", off)
	}
	if typ != 0x08 {
		return
	}
	fin := string(o["fin"]) == "true"
	f.fields = append(f.fields, decoders.B(prefix+"fin", fin))
	if off > 0 {
		f.typ |= 4
	}
	if fin {
		f.typ |= 1
		f.summary += ", end"
	}
}

// ack reads an acknowledgement: ranges from the lowest or the highest, each of
// one number or two; they are shown from the highest, as on the wire.
func (f *frame) ack(o object) {
	f.typ = 0x02
	var list [][]number
	_ = json.Unmarshal(o["acked_ranges"], &list) // what is no list has no ranges
	var said []string
	largest := int64(-1)
	for _, r := range list {
		if len(r) == 0 {
			continue
		}
		lo, hi := int64(r[0]), int64(r[len(r)-1])
		largest = max(largest, lo, hi)
		name := fmt.Sprintf("%d-%d", lo, hi)
		if lo == hi {
			name = fmt.Sprint(lo)
		}
		said = append(said, name)
	}
	if len(list) > 1 && len(list[0]) > 0 && len(list[len(list)-1]) > 0 && list[0][0] < list[len(list)-1][0] {
		for i, j := 0, len(said)-1; i < j; i, j = i+1, j-1 {
			said[i], said[j] = said[j], said[i]
		}
	}
	if largest >= 0 {
		f.add("quic.ack.largest_acknowledged", largest)
		f.add("quic.ack.ack_range_count", int64(len(said)-1))
	}
	for i := 0; i < len(said) && i < maxRanges; i++ {
		f.fields = append(f.fields, decoders.KV{Name: "qlog.acked_range", Str: said[i], Many: true})
	}
	var ms float64
	if json.Unmarshal(o["ack_delay"], &ms) == nil && ms > 0 && ms < 1e9 {
		f.add("quic.ack.ack_delay_us", int64(ms*1000+0.5))
	}
	for _, e := range [...]numbered{{"quic.ack.ect0_count", "ect0"}, {"quic.ack.ect1_count", "ect1"}, {"quic.ack.ecn_ce_count", "ce"}} {
		if n, ok := o.num(e.member); ok {
			f.typ = 0x03
			f.add(e.field, n)
		}
	}
	if len(said) > 4 {
		said = append(said[:4:4], "…")
	}
	f.summary = strings.Join(said, ", ")
	if us, ok := decoders.Lookup(f.fields, "quic.ack.ack_delay_us"); ok {
		f.summary += fmt.Sprintf(", delayed %d µs", us.Int)
	}
}

func (f *frame) close(o object) {
	f.typ = 0x1c
	name := "quic.cc.error_code"
	if strings.HasPrefix(o.text("error_space"), "app") {
		f.typ, name = 0x1d, "quic.cc.error_code.app"
	}
	if n, ok := o.num("error_code", "raw_error_code"); ok && n != 0 {
		f.add(name, n)
		f.summary = fmt.Sprintf("error 0x%x", n)
	} else if ok {
		f.add(name, 0)
	}
	if s := o.text("error", "error_code"); strings.ToLower(s) != s || strings.Contains(s, "_") {
		f.summary = s // a name
	}
	if s := o.text("reason"); s != "" {
		f.fields = append(f.fields, decoders.S("quic.cc.reason_phrase", s))
		f.summary += fmt.Sprintf(" %q", s)
	}
}

// plain reads a frame that is a list of numbers, or one that is not known.
func (f *frame) plain(o object, kind string) {
	p, ok := plain[kind]
	if !ok {
		return
	}
	f.typ = p.typ
	if t := o.text("stream_type"); strings.HasPrefix(t, "uni") {
		f.typ++
	}
	var said []string
	for _, m := range p.numbers {
		n, ok := o.num(m.member)
		if !ok {
			continue
		}
		if strings.HasSuffix(m.field, ".stream_id") {
			f.setStream(m.field, n)
		} else {
			f.add(m.field, n)
		}
		said = append(said, fmt.Sprint(n))
	}
	switch kind {
	case "padding", "datagram", "new_token":
		f.length = size(o)
		if kind == "padding" {
			f.add("quic.padding_length", f.length)
		}
		if f.length > 0 {
			said = append(said, fmt.Sprintf("%d bytes", f.length))
		}
	case "new_connection_id":
		if id := o.text("connection_id"); id != "" {
			f.fields = append(f.fields, decoders.S("quic.nci.connection_id", id))
			said = append(said, id)
		}
		if token := o.text("stateless_reset_token"); token != "" {
			f.fields = append(f.fields, decoders.S("quic.nci.stateless_reset_token", token))
		}
	case "path_challenge", "path_response":
		if data := o.text("data"); data != "" {
			f.fields = append(f.fields, decoders.S("quic."+kind+".data", data))
			said = append(said, data)
		}
	}
	f.summary = strings.Join(said, " ")
}
