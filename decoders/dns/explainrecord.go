package dns

import (
	"fmt"
	"strconv"

	"netscope/decoders"
)

// record is a resource record, field by field.
func (e *explainer) record(r *Record) decoders.Field {
	if r.Type == typeOPT {
		return e.opt(r)
	}
	class, flush := e.class(r.Class)
	f := e.at(field("", shown(r.Name.Text), TypeName(r.Type)+" "+e.value(r), typeDoc(r.Type)), r.Off, r.Len)
	at := r.Name.Off + r.Name.Len
	c := e.at(field("dns.resp.class", "Class", fmt.Sprintf("%s (%d)", ClassName(class), class), "IN is the Internet (RFC 1035 §3.2.4)."), at+2, 2)
	if e.mdns {
		b := e.at(field("dns.resp.cache_flush", "Cache flush", bit(flush), "1: this is all there is; forget what you knew of this name and type (RFC 6762 §10.2)."), at+2, 1)
		b.Bits = 1
		c.Children = append(c.Children, b)
	}
	ttl := fmt.Sprintf("%d s", r.TTL)
	if r.TTL >= 120 {
		ttl += " (" + span(r.TTL) + ")"
	}
	f.Children = append(f.Children, e.name("dns.resp.name", "Name", "The name that the record belongs to, its owner (RFC 1035 §4.1.3).", &r.Name),
		e.at(field("dns.resp.type", "Type", fmt.Sprintf("%s (%d)", TypeName(r.Type), r.Type), typeDoc(r.Type)), at, 2), c,
		e.at(field("dns.resp.ttl", "TTL", ttl, "How long the record may be cached, in seconds (RFC 1035 §4.1.3). Caches count it down; 0 is: use it now only."), at+4, 4),
		e.length(r, at))
	return e.data(f, r)
}

func (e *explainer) length(r *Record, at int) decoders.Field {
	return e.at(field("dns.resp.len", "Data length", strconv.Itoa(int(u16(e.b, at+8))), "Bytes of data that follow, so that unknown types can be passed over (RFC 1035 §4.1.3)."), at+8, 2)
}

// data adds the record's data.
func (e *explainer) data(f decoders.Field, r *Record) decoders.Field {
	parts, bad := data(e.b, r, true)
	for i := range parts {
		f.Children = append(f.Children, e.part(&parts[i]))
	}
	if bad != "" {
		f.Bad, f.Doc = true, bad
	}
	return f
}

// part is a piece of a record's data.
func (e *explainer) part(p *part) decoders.Field {
	doc := p.doc
	if p.isName {
		n, _ := readName(e.b, p.off)
		return e.name(p.name, p.label, doc, &n)
	}
	value := p.text()
	if len(value) > 200 {
		value = fmt.Sprintf("%s… (%d bytes)", value[:160], p.len)
	}
	f := e.at(field(p.name, p.label, value, doc), p.off, p.len)
	f.Bit, f.Bits, f.Bad = p.bit, p.bits, p.bad
	for i := range p.kids {
		f.Children = append(f.Children, e.part(&p.kids[i]))
	}
	return f
}

// opt is EDNS's record: its class and TTL mean other things (RFC 6891 §6.1.3).
func (e *explainer) opt(r *Record) decoders.Field {
	f := e.at(field("", "OPT", fmt.Sprintf("EDNS, datagrams to %d bytes", r.Class), "No record but EDNS: room for larger datagrams, more flags and options (RFC 6891 §6.1)."), r.Off, r.Len)
	at := r.Name.Off + r.Name.Len
	z := e.at(field("dns.resp.z", "Flags", fmt.Sprintf("0x%04x", r.TTL&0xffff), "Sixteen more flags (RFC 6891 §6.1.4)."), at+6, 2)
	do := e.at(field("dns.resp.z.do", "DO", bit(r.TTL&0x8000 != 0), "1: the client wants DNSSEC's records too (RFC 3225 §3)."), at+6, 1)
	do.Bits = 1
	rest := e.at(field("dns.resp.z.reserved", "Reserved", strconv.Itoa(int(r.TTL&0x7fff)), "Zero (RFC 6891 §6.1.4)."), at+6, 2)
	rest.Bit, rest.Bits = 1, 15
	z.Children = []decoders.Field{do, rest}
	f.Children = append(f.Children, e.name("dns.resp.name", "Name", "The root, always (RFC 6891 §6.1.2).", &r.Name),
		e.at(field("dns.resp.type", "Type", "OPT (41)", "EDNS's pseudo-record (RFC 6891 §6.1.1)."), at, 2),
		e.at(field("dns.rr.udp_payload_size", "UDP payload size", strconv.Itoa(int(r.Class)), "The largest datagram that the sender can take, in bytes; without EDNS it is 512 (RFC 6891 §6.2.3)."), at+2, 2),
		e.at(field("dns.resp.ext_rcode", "Extended Rcode", fmt.Sprintf("%d (%s)", r.TTL>>24, RcodeName(e.m.extendedRcode())), "The higher eight bits of the response code (RFC 6891 §6.1.3)."), at+4, 1),
		e.at(field("dns.resp.edns0_version", "EDNS version", strconv.Itoa(int(r.TTL>>16&0xff)), "0, the only one (RFC 6891 §6.1.3)."), at+5, 1), z, e.length(r, at))
	return e.data(f, r)
}
