package dns

import (
	"fmt"
	"strconv"

	"netscope/decoders"
)

// Explain gives the full field tree of a message.
func (Decoder) Explain(x decoders.Exposed) decoders.Field {
	if x.Name == "data" {
		return decoders.Field{Label: "DNS", Value: "bytes of a message whose beginning is missing", Len: len(x.Raw), Bad: true,
			Doc: "Messages over TCP have only a length before them (RFC 1035 §4.2.2). After a hole in the stream it is not known where one begins."}
	}
	base := 0
	if _, ok := decoders.Lookup(x.Fields, "dns.length"); ok { // else a datagram, or the content of another message
		base = min(prefixLen, len(x.Raw))
	}
	e := &explainer{reading: read(x.Raw[base:], has(x.Hint, portMDNS), base > 0), base: base}
	e.llmnr = x.Proto == "LLMNR"
	root := decoders.Field{Name: "dns", Label: x.Proto + " " + x.Name, Value: e.summary(), Len: len(x.Raw), Doc: messageDoc(x, &e.m), Bad: e.m.Bad != ""}
	if base == prefixLen {
		root.Children = append(root.Children, decoders.Field{Name: "dns.length", Label: "Length", Value: strconv.Itoa(int(u16(x.Raw, 0))), Len: base,
			Doc: "Bytes of the message that follows: a stream has no message boundaries of its own (RFC 1035 §4.2.2)."})
	}
	root.Children = append(root.Children, e.header())
	root.Children = append(root.Children, e.sections()...)
	if e.m.Bad != "" {
		root.Children = append(root.Children, decoders.Field{Label: "Problem", Value: e.m.Bad, Bad: true, Doc: "Nothing after it can be read, or what was read is not to be trusted."})
	}
	if extra := len(e.b) - e.m.End; extra > 0 && e.m.End >= headerLen {
		root.Children = append(root.Children, e.at(decoders.Field{Name: "dns.extraneous.data", Label: "Extra bytes", Value: plural(extra, "byte"), Bad: true,
			Doc: "The header counts nothing that they could be."}, e.m.End, extra))
	}
	return root
}

func messageDoc(x decoders.Exposed, m *Message) string {
	switch {
	case x.Proto == "mDNS" && m.Response():
		return "A host tells its neighbours what it is called and what it offers, asked or not (RFC 6762 §6)."
	case x.Proto == "mDNS":
		return "A host asks all neighbours on the link; whoever owns the name answers (RFC 6762 §5). There is no server."
	case x.Proto == "LLMNR":
		return "A question to all neighbours on the link, used where there is no DNS server (RFC 4795 §2)."
	case m.Opcode() == opUpdate:
		return "Asks the zone's primary server to change records, if the prerequisites hold (RFC 2136 §2)."
	case m.Opcode() == opNotify:
		return "Tells a secondary server that the zone has changed, so that it fetches it now (RFC 1996 §3)."
	case m.Response():
		return "The answer, a referral to servers that know more, or an error (RFC 1034 §4.3.2). It repeats the query's ID and question."
	}
	return "Asks for the records of one name, type and class (RFC 1034 §3.7). Queries and responses have the same format (RFC 1035 §4.1)."
}

// explainer makes fields of what was read.
type explainer struct {
	*reading
	base int // of the message in the bytes that are shown
}

// at places a field at an offset of the message.
func (e *explainer) at(f decoders.Field, off, n int) decoders.Field {
	off = min(max(off, 0), len(e.b))
	f.Off, f.Len = e.base+off, min(max(n, 0), len(e.b)-off)
	return f
}

func field(name, label, value, doc string) decoders.Field {
	return decoders.Field{Name: name, Label: label, Value: value, Doc: doc}
}

func (e *explainer) header() decoders.Field {
	m := &e.m
	h := e.at(field("", "Header", plural(min(headerLen, len(e.b)), "byte"), "Six words of 16 bits: who belongs to whom, what kind of message it is, and how many entries each section has (RFC 1035 §4.1.1)."), 0, headerLen)
	if len(e.b) < headerLen {
		h.Bad = true
		return h
	}
	h.Children = append(h.Children,
		e.at(field("dns.id", "ID", fmt.Sprintf("0x%04x (%d)", m.ID, m.ID), "Chosen by the client and repeated in the response, so that it knows which query is answered (RFC 1035 §4.1.1). It must be hard to guess, or others could answer (RFC 5452 §9.2)."), 0, 2),
		e.flagWord())
	names := countNames(m.Opcode())
	labels := e.sectionNames()
	docs := [4]string{
		"Entries of the question section: one, in practice (RFC 9619).",
		"Records that answer the question.",
		"Records that point to the servers that are authorities, or that tell that there is no answer.",
		"Records that may help: addresses of the servers named, and EDNS's OPT.",
	}
	for i := range m.Counts {
		h.Children = append(h.Children, e.at(field(names[i], labels[i]+" count", strconv.Itoa(int(m.Counts[i])), docs[i]+" (RFC 1035 §4.1.1)"), 4+2*i, 2))
	}
	return h
}

func (e *explainer) sectionNames() [4]string {
	if e.m.Opcode() == opUpdate {
		return [4]string{"Zone", "Prerequisites", "Updates", "Additional"}
	}
	return [4]string{"Questions", "Answers", "Authority", "Additional"}
}

// flagWord is the second word of the header, bit by bit.
func (e *explainer) flagWord() decoders.Field {
	m := &e.m
	f := e.at(field("dns.flags", "Flags", fmt.Sprintf("0x%04x", m.Flags), "What kind of message this is and how it is to be treated, in 16 bits (RFC 1035 §4.1.1)."), 2, 2)
	list := flagBits[:]
	if e.llmnr {
		list = llmnrBits[:]
	}
	for i := range list {
		b := &list[i]
		v := int(m.Flags) >> (16 - b.bit - b.bits) & (1<<b.bits - 1)
		value := strconv.Itoa(v)
		switch b.name {
		case "dns.flags.response":
			value += [...]string{" (query)", " (response)"}[v]
		case "dns.flags.opcode":
			value += " (" + OpcodeName(v) + ")"
		case "dns.flags.rcode":
			value += " (" + RcodeName(v) + ")"
		}
		c := e.at(field(b.name, b.label, value, b.doc), 2+b.bit/8, 1)
		c.Bit, c.Bits = b.bit%8, b.bits
		c.Bad = b.name == "dns.flags.z" && b.bits == 1 && v != 0
		f.Children = append(f.Children, c)
	}
	return f
}

// flagBit is a part of the flag word; none crosses a byte.
type flagBit struct {
	bit, bits        int
	name, label, doc string
}

// llmnrBits are the parts of LLMNR's (RFC 4795 §2.1.1).
var llmnrBits = [...]flagBit{
	flagBits[0], flagBits[1],
	{5, 1, "dns.flags.conflict", "C", "Conflict: more than one host has answered for this name (RFC 4795 §2.1.1)."},
	flagBits[3],
	{7, 1, "dns.flags.tentative", "T", "Tentative: the sender is not yet sure that the name is its own (RFC 4795 §2.1.1)."},
	{8, 4, "dns.flags.z", "Z", "Reserved, and zero (RFC 4795 §2.1.1)."},
	flagBits[9],
}

var flagBits = [...]flagBit{
	{0, 1, "dns.flags.response", "QR", "0 in a query, 1 in a response (RFC 1035 §4.1.1)."},
	{1, 4, "dns.flags.opcode", "Opcode", "The kind of operation: 0 is a standard query, 4 NOTIFY, 5 UPDATE (RFC 1035 §4.1.1). A response repeats it."},
	{5, 1, "dns.flags.authoritative", "AA", "Authoritative answer: it comes from a server of the zone itself, not from a cache (RFC 1035 §4.1.1)."},
	{6, 1, "dns.flags.truncated", "TC", "Truncated: there was more than fits in a datagram (RFC 1035 §4.1.1). The client asks again over TCP (RFC 7766 §5)."},
	{7, 1, "dns.flags.recdesired", "RD", "Recursion desired: the client wants the server to find the answer, not to refer it elsewhere (RFC 1035 §4.1.1). A response repeats it."},
	{0 + 8, 1, "dns.flags.recavail", "RA", "Recursion available: the server would go and ask others (RFC 1035 §4.1.1)."},
	{1 + 8, 1, "dns.flags.z", "Z", "Reserved, and zero (RFC 1035 §4.1.1)."},
	{2 + 8, 1, "dns.flags.authenticated", "AD", "Authenticated data: in a response, the server has checked the signatures; in a query, the client understands this bit (RFC 6840 §5.7, §5.8)."},
	{3 + 8, 1, "dns.flags.checkdisable", "CD", "Checking disabled: the client wants data even if its signatures do not hold (RFC 4035 §3.2.2)."},
	{4 + 8, 4, "dns.flags.rcode", "Rcode", "How it went: 0 no error, 1 format error, 2 server failure, 3 no such name, 4 not implemented, 5 refused (RFC 1035 §4.1.1). EDNS puts higher bits into its OPT record."},
}

// sections are the four sections, empty ones left out.
func (e *explainer) sections() []decoders.Field {
	m := &e.m
	names := e.sectionNames()
	docs := [4]string{
		"What is asked: a name, a type and a class (RFC 1035 §4.1.2). A response repeats it.",
		"Records that answer the question, aliases followed included (RFC 1034 §3.7).",
		"Records of the servers that are authorities for the name: a referral, or with a negative answer the zone's SOA (RFC 1034 §3.7, RFC 2308 §3).",
		"Records that save the client a question, such as addresses of the name servers (RFC 1034 §3.7).",
	}
	var out []decoders.Field
	if len(m.Questions) > 0 {
		s := e.section(names[0], docs[0], int(m.Counts[0]))
		for i := range m.Questions {
			s.Children = append(s.Children, e.question(&m.Questions[i]))
		}
		out = append(out, e.around(s))
	}
	for sec := AnswerSection; sec <= AdditionalSection; sec++ {
		s := e.section(names[sec], docs[sec], int(m.Counts[sec]))
		for i := range m.Records {
			if m.Records[i].Section == sec {
				s.Children = append(s.Children, e.record(&m.Records[i]))
			}
		}
		if n := len(s.Children); n > 0 {
			if n != int(m.Counts[sec]) {
				s.Value = fmt.Sprintf("%d of %d records", n, m.Counts[sec])
			}
			out = append(out, e.around(s))
		}
	}
	if m.Left > 0 {
		out = append(out, decoders.Field{Label: "Not shown", Value: plural(m.Left, "record"), Doc: "There are too many in this message."})
	}
	return out
}

func (e *explainer) section(name, doc string, count int) decoders.Field {
	what := "record"
	if name == "Questions" {
		what = "question"
	}
	return field("", name, plural(count, what), doc)
}

// around gives a section the span of what is in it.
func (e *explainer) around(s decoders.Field) decoders.Field {
	first, last := s.Children[0], s.Children[len(s.Children)-1]
	s.Off, s.Len = first.Off, last.Off+last.Len-first.Off
	return s
}

func (e *explainer) question(q *Question) decoders.Field {
	class, qu := e.class(q.Class)
	f := e.at(field("", shown(q.Name.Text), TypeName(q.Type)+" "+ClassName(class), "One question (RFC 1035 §4.1.2)."), q.Off, q.Len)
	at := q.Name.Off + q.Name.Len
	f.Children = append(f.Children, e.name("dns.qry.name", "Name", "The name that is asked about (RFC 1035 §4.1.2).", &q.Name),
		e.at(field("dns.qry.type", "Type", fmt.Sprintf("%s (%d)", TypeName(q.Type), q.Type), "Which records of the name are wanted (RFC 1035 §3.2.2). "+typeDoc(q.Type)), at, 2))
	c := e.at(field("dns.qry.class", "Class", fmt.Sprintf("%s (%d)", ClassName(class), class), "IN is the Internet; other classes are hardly used (RFC 1035 §3.2.4)."), at+2, 2)
	if e.mdns {
		u := e.at(field("dns.qry.qu", "QU", bit(qu), "1: the answer may come by unicast, which wakes fewer hosts (RFC 6762 §5.4)."), at+2, 1)
		u.Bits = 1
		c.Children = append(c.Children, u)
	}
	f.Children = append(f.Children, c)
	return f
}

func bit(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

// typeDoc is what records of a type are for.
func typeDoc(t uint16) string {
	if t == typeOPT {
		return "Carries EDNS (RFC 6891)."
	}
	switch t {
	case 251:
		return "What has changed in the zone since a version (RFC 1995)."
	case 252:
		return "The whole zone (RFC 5936)."
	case 255:
		return "Whatever the server has, or as little as it likes (RFC 8482)."
	}
	if s := shapeOf(t); s != nil {
		return s.doc
	}
	return ""
}

// name is a domain name with its labels and pointers.
func (e *explainer) name(ws, label, doc string, n *Name) decoders.Field {
	f := e.at(field(ws, label, shown(n.Text), doc), n.Off, n.Len)
	if n.Bad != "" {
		f.Bad, f.Doc = true, n.Bad
	}
	for _, s := range steps(e.b, n.Off) {
		if s.away {
			break
		}
		var c decoders.Field
		switch {
		case s.pointer:
			to, _ := readName(e.b, min(s.to, len(e.b)))
			c = e.at(field("", "Pointer", fmt.Sprintf("→ byte %d: %s", s.to, shown(to.Text)), "The name goes on with the one that begins there: two bytes with the highest two bits set and an offset of 14 bits (RFC 1035 §4.1.4)."), s.off, 2)
			if s.to < len(e.b) {
				c.To, c.ToLen = e.base+s.to, min(max(to.Len, 1), len(e.b)-s.to)
			}
			mark := e.at(field("", "Mark", "11", "Tells a pointer from a label, whose length is below 64 (RFC 1035 §4.1.4)."), s.off, 1)
			mark.Bits = 2
			offset := e.at(field("", "Offset", strconv.Itoa(s.to), "Counted from the message's first byte, the ID (RFC 1035 §4.1.4)."), s.off, 2)
			offset.Bit, offset.Bits, offset.To, offset.ToLen = 2, 14, c.To, c.ToLen
			c.Children = []decoders.Field{mark, offset}
		case s.text == "" && s.len == 1:
			c = e.at(field("", "Root", "0", "A label of length zero ends the name: the root (RFC 1035 §3.1)."), s.off, 1)
		default:
			c = e.at(field("", "Label", clean(s.text), "One byte of length, at most 63, and so many bytes (RFC 1035 §3.1)."), s.off, s.len)
		}
		f.Children = append(f.Children, c)
	}
	return f
}
