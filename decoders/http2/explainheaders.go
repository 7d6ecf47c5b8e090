package http2

import (
	"fmt"
	"strings"

	"netscope/decoders"
	"netscope/decoders/hpack"
)

// listed is a header field as it was decoded when the frame was read, with the
// dynamic table of that moment.
type listed struct{ name, value string }

// listOf are the decoded fields that are kept with a unit.
func listOf(kvs []decoders.KV) []listed {
	var out []listed
	for _, kv := range kvs {
		switch {
		case kv.Name == "http2.header.name":
			out = append(out, listed{name: kv.Str})
		case kv.Name == "http2.header.value" && len(out) > 0:
			out[len(out)-1].value = kv.Str
		case kv.Name == carriedField:
			out = append([]listed{{name: carriedField, value: fmt.Sprint(kv.Int)}}, out...)
		}
	}
	return out
}

// messageList are the decoded fields of a message in the form of [listOf].
// Pseudo-headers and other fields are kept apart, but in the order on the wire.
func messageList(m decoders.Exposed) []decoders.KV {
	var out []decoders.KV
	add := func(name, value string) {
		out = append(out, decoders.S("http2.header.name", name), decoders.S("http2.header.value", value))
	}
	for _, kv := range m.Fields {
		for _, name := range [...]string{":method", ":scheme", ":authority", ":path", ":protocol", ":status"} {
			if kv.Name == "http2.headers."+name[1:] {
				v := kv.Str
				if kv.Kind == decoders.IntValue {
					v = fmt.Sprintf("%03d", kv.Int)
				}
				add(name, v)
			}
		}
	}
	for _, kv := range m.Fields {
		if kv.Name == "http.request.line" || kv.Name == "http.response.line" {
			name, value, _ := strings.Cut(kv.Str, ": ")
			add(name, value)
		}
	}
	return out
}

// explainHeaders is the payload of HEADERS, PUSH_PROMISE and CONTINUATION.
func (p *part) explainHeaders() []decoders.Field {
	var out []decoders.Field
	pad := 0
	if p.h.Type != Continuation {
		out, pad = p.padLength()
	}
	switch {
	case p.h.Type == Headers && p.h.Flags.Has(PrioFlag):
		out = append(out, p.explainDependency()...)
	case p.h.Type == PushPromise:
		if v, at, ok := p.number(4); ok {
			out = append(out, field("http2.push_promise.promised_stream_id", "Promised stream", fmt.Sprint(v&maxWindow), at, 4,
				"The stream on which the response to this request will come (RFC 9113 §6.6)."))
		}
	}
	end := max(p.end-pad, p.off)
	block := field("http2.headers", "Header block", thousands(int64(end-p.off))+" bytes", p.off, end-p.off,
		"The header list, compressed with HPACK: each field is an index into a table, or a literal (RFC 7541).")
	block.Children = p.explainBlock(end)
	out = append(out, block)
	p.off = end
	return append(out, p.rest("http2.headers.padding", "Padding", "Zeros that hide the length of the header block (RFC 9113 §6.2).")...)
}

// explainBlock are the representations of a header block. What they refer to
// in the dynamic table comes from the list that was decoded at the time.
func (p *part) explainBlock(end int) []decoders.Field {
	list := p.list
	at := p.off
	var out []decoders.Field
	if len(list) > 0 && list[0].name == carriedField {
		var n int
		_, _ = fmt.Sscan(list[0].value, &n)
		n = min(max(n, 0), end-at)
		out = append(out, field("", "Rest of a field", fmt.Sprintf("%d bytes", n), at, n, "The end of a representation that began in the frame before (RFC 9113 §4.3)."))
		at, list = at+n, list[1:]
	}
	b := p.raw[min(at, len(p.raw)):min(max(end, 0), len(p.raw))]
	items, err := hpack.Parse(b)
	for i := range items {
		if len(out) == maxNodes {
			break
		}
		it := &items[i]
		if it.Kind != hpack.SizeUpdate && len(list) > 0 {
			l := pick(&list, it)
			it.Field.Name, it.Field.Value, it.Field.NoName, it.Field.NoValue = l.name, l.value, l.name == undecodable, l.value == undecodable
		}
		out = append(out, explainItem(it, at))
	}
	if err != nil && len(out) < maxNodes {
		off := 0
		if n := len(items); n > 0 {
			off = items[n-1].Off + items[n-1].Len
		}
		f := field("", "Beginning of a field", fmt.Sprintf("%d bytes", end-at-off), at+off, end-at-off, "The representation goes on in the next frame, or is not all shown (RFC 9113 §4.3).")
		if p.h.Flags.Has(EndHeaders) && len(p.raw) >= end {
			f.Label, f.Bad, f.Doc = "Broken field", true, "Bad: "+err.Error()+"."
		}
		out = append(out, f)
	}
	return out
}

// pick takes the entry of the list that fits an item: normally the first. The
// list of a message has the pseudo-headers first.
func pick(list *[]listed, it *hpack.Item) listed {
	l := *list
	for i := range l {
		if it.Field.NoName || it.Field.Name == l[i].name {
			got := l[i]
			*list = append(l[:i:i], l[i+1:]...)
			return got
		}
	}
	*list = l[1:]
	return l[0]
}

// explainItem is one representation; base is where the block begins.
func explainItem(it *hpack.Item, base int) decoders.Field {
	sec := "RFC 7541 §" + it.Kind.Section()
	off := base + it.Off
	if it.Kind == hpack.SizeUpdate {
		return field("http2.header_table_size_update.header_table_size", "Dynamic table size update", thousands(int64(it.Size))+" bytes", off, it.Len,
			"From now on the sender's dynamic table holds at most so many bytes ("+sec+").")
	}
	name, value := fieldName(it.Field), fieldValue(it.Field)
	f := field("http2.header", name, value, off, it.Len, fieldDoc(it.Field.Name))
	f.Children = append(f.Children, field("http2.header.repr", "Representation", it.Kind.String(), off, it.IndexLen, kindDoc(it.Kind)+" ("+sec+")."))
	if it.Index > 0 {
		f.Children = append(f.Children, field("http2.header.index", "Index", fmt.Sprint(it.Index), off, it.IndexLen, indexDoc(it)))
	}
	for _, s := range [...]struct {
		t                  hpack.Text
		name, label, value string
	}{{it.Name, "http2.header.name", "Name", name}, {it.Value, "http2.header.value", "Value", value}} {
		if s.t.Off >= 0 {
			f.Children = append(f.Children, field(s.name, s.label, s.value, base+s.t.Off, s.t.At+s.t.Len-s.t.Off, textDoc(s.t, s.value)))
		}
	}
	return f
}

func fieldDoc(name string) string {
	if i, ok := fieldByName(name); ok {
		return i.doc
	}
	return "A header field that netscope does not know: receivers ignore what they do not know (RFC 9110 §5.1)."
}

func kindDoc(k hpack.Kind) string {
	return [...]string{"Name and value stand in a table: one number says both", "Name and value are added to the dynamic table, so that next time a number is enough",
		"The field is sent as it is and no table changes", "The field is sent as it is and must never enter a table, here or at a proxy: it may be secret", ""}[k%5]
}

func indexDoc(it *hpack.Item) string {
	what := "Name and value"
	if it.Kind != hpack.Indexed {
		what = "The name"
	}
	if it.Index <= 61 {
		return what + " in the static table, which never changes (RFC 7541 app. A)."
	}
	return fmt.Sprintf("%s in the dynamic table: the entry made %d before the latest (RFC 7541 §2.3.3).", what, it.Index-62)
}

func textDoc(t hpack.Text, s string) string {
	if t.Huffman {
		return fmt.Sprintf("A string in Huffman code: %d characters in %d bytes (RFC 7541 §5.2).", len(s), t.Len)
	}
	return "A string of bytes with its length before it (RFC 7541 §5.2)."
}
