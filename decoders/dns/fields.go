package dns

import (
	"strings"

	"netscope/decoders"
)

// reading is a message as it is decoded: its bytes, what is in them, and how
// they came.
type reading struct {
	b      []byte
	m      Message
	mdns   bool // classes have 15 bits, and a flag in the highest (RFC 6762 §10.2, §18.12)
	llmnr  bool // flags of its own
	prefix bool // the length prefix of TCP stands before it

	of    *Record // a record whose data was read by fields, and what is in it
	first []part
}

func read(b []byte, mdns, prefix bool) *reading {
	return &reading{b: b, m: Parse(b), mdns: mdns, prefix: prefix}
}

// class is a class without mDNS's flag, and that flag.
func (r *reading) class(c uint16) (class uint16, flag bool) {
	if r.mdns {
		return c & 0x7fff, c&0x8000 != 0
	}
	return c, false
}

// fields are what is kept with the message. bad is the first thing wrong with
// the data of a record.
func (r *reading) fields() (kvs []decoders.KV, bad string) {
	m := &r.m
	room := 12 + 5*len(m.Questions) // of a plain message just enough
	if m.Response() {
		room += 5 // one for the time that it took
	}
	for i := range m.Records {
		if t := m.Records[i].Type; t == typeA || t == typeAAAA || t == typeNS {
			room += 6
		} else {
			room += 14
		}
	}
	kvs = make([]decoders.KV, 0, room)
	if r.prefix {
		kvs = append(kvs, decoders.I("dns.length", int64(len(r.b))))
	}
	for i, names := 0, countNames(m.Opcode()); i < 6 && 2*i < len(r.b)-1; i++ {
		switch i {
		case 0:
			kvs = append(kvs, decoders.I("dns.id", int64(m.ID)))
		case 1:
			kvs = r.flags(kvs)
		default:
			kvs = append(kvs, decoders.I(names[i-2], int64(m.Counts[i-2])))
		}
	}
	for i := range m.Questions {
		q := &m.Questions[i]
		class, qu := r.class(q.Class)
		kvs = append(kvs, many("dns.qry.name", q.Name.Text), manyInt("dns.qry.name.len", int64(nameLen(&q.Name))),
			manyInt("dns.count.labels", int64(1+strings.Count(q.Name.Text, "."))), manyInt("dns.qry.type", int64(q.Type)), manyInt("dns.qry.class", int64(class)))
		if r.mdns {
			kvs = append(kvs, manyBool("dns.qry.qu", qu))
		}
	}
	for i := range m.Records {
		var wrong string
		kvs, wrong = r.record(kvs, &m.Records[i])
		if wrong != "" && bad == "" {
			bad = TypeName(m.Records[i].Type) + " record: " + wrong
		}
	}
	return kvs, bad
}

func many(name, v string) decoders.KV { return decoders.KV{Name: name, Str: v, Many: true} }

func manyInt(name string, v int64) decoders.KV {
	return decoders.KV{Name: name, Int: v, Kind: decoders.IntValue, Many: true}
}

func manyBool(name string, v bool) decoders.KV {
	kv := decoders.B(name, v)
	kv.Many = true
	return kv
}

// nameLen is the length of a name's text; the root has none.
func nameLen(n *Name) int {
	if n.Text == nameRoot {
		return len(nameRoot)
	}
	return len(n.Text)
}

// countNames are the names of the four counts.
func countNames(op int) [4]string {
	if op == opUpdate {
		return [4]string{"dns.count.zones", "dns.count.prerequisites", "dns.count.updates", "dns.count.add_rr"}
	}
	return [4]string{"dns.count.queries", "dns.count.answers", "dns.count.auth_rr", "dns.count.add_rr"}
}

// flags are the bits of the second word. In queries Wireshark does not show
// those that only a response may set.
func (r *reading) flags(kvs []decoders.KV) []decoders.KV {
	m := &r.m
	bit := func(n int) bool { return m.Flags>>n&1 != 0 }
	kvs = append(kvs, decoders.I("dns.flags", int64(m.Flags)), decoders.B("dns.flags.response", m.Response()), decoders.I("dns.flags.opcode", int64(m.Opcode())))
	if r.llmnr { // its own three bits (RFC 4795 §2.1.1)
		kvs = append(kvs, decoders.B("dns.flags.conflict", bit(10)), decoders.B("dns.flags.truncated", bit(9)), decoders.B("dns.flags.tentative", bit(8)))
		if m.Response() {
			kvs = append(kvs, decoders.I("dns.flags.rcode", int64(m.Rcode())))
		}
		return kvs
	}
	if m.Response() {
		kvs = append(kvs, decoders.B("dns.flags.authoritative", bit(10)))
	}
	kvs = append(kvs, decoders.B("dns.flags.truncated", bit(9)), decoders.B("dns.flags.recdesired", bit(8)))
	if m.Response() {
		kvs = append(kvs, decoders.B("dns.flags.recavail", bit(7)))
	}
	kvs = append(kvs, decoders.B("dns.flags.z", bit(6)))
	if m.Response() {
		kvs = append(kvs, decoders.B("dns.flags.authenticated", bit(5)))
	}
	kvs = append(kvs, decoders.B("dns.flags.checkdisable", bit(4)))
	if m.Response() {
		kvs = append(kvs, decoders.I("dns.flags.rcode", int64(m.Rcode())))
	}
	return kvs
}

// record adds a record's fields.
func (r *reading) record(kvs []decoders.KV, rec *Record) ([]decoders.KV, string) {
	kvs = append(kvs, many("dns.resp.name", rec.Name.Text), manyInt("dns.resp.type", int64(rec.Type)))
	switch class, flush := r.class(rec.Class); {
	case rec.Type == typeOPT:
		if r.mdns {
			kvs = append(kvs, manyBool("dns.resp.cache_flush", flush))
		}
		kvs = append(kvs, manyInt("dns.rr.udp_payload_size", int64(class)), manyInt("dns.resp.ext_rcode", int64(rec.TTL>>24)),
			manyInt("dns.resp.edns0_version", int64(rec.TTL>>16&0xff)), manyInt("dns.resp.z", int64(rec.TTL&0xffff)),
			manyBool("dns.resp.z.do", rec.TTL&0x8000 != 0))
	default:
		kvs = append(kvs, manyInt("dns.resp.class", int64(class)))
		if r.mdns {
			kvs = append(kvs, manyBool("dns.resp.cache_flush", flush))
		}
		kvs = append(kvs, manyInt("dns.resp.ttl", int64(rec.TTL)))
	}
	kvs = append(kvs, manyInt("dns.resp.len", int64(rec.DataLen)))
	if rec.Type == typeSRV {
		kvs = serviceName(kvs, rec.Name.Text)
	}
	parts, bad := data(r.b, rec, false)
	if r.of == nil {
		r.of, r.first = rec, parts
	}
	for i := range parts {
		kvs = parts[i].appendKV(kvs)
	}
	return kvs, bad
}

// serviceName takes the owner of an SRV record apart: _service._proto.name
// (RFC 2782).
func serviceName(kvs []decoders.KV, owner string) []decoders.KV {
	service, rest, ok := strings.Cut(owner, ".")
	if !ok || !strings.HasPrefix(service, "_") || !strings.HasPrefix(rest, "_") {
		return kvs
	}
	proto, name, _ := strings.Cut(rest, ".")
	return append(kvs, many("dns.srv.service", service), many("dns.srv.proto", proto), many("dns.srv.name", name))
}

// extendedRcode is the response code with EDNS's higher bits (RFC 6891 §6.1.3).
func (m *Message) extendedRcode() int {
	for i := range m.Records {
		if r := &m.Records[i]; r.Type == typeOPT {
			return m.Rcode() | int(r.TTL>>24)<<4
		}
	}
	return m.Rcode()
}
