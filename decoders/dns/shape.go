package dns

import "strconv"

// shape is the format of a type's data.
type shape struct {
	doc    string // what records of the type are for, with the RFC
	fields []spec
}

// kind is how a piece of data is written.
type kind uint8

const (
	kU8       kind = iota
	kU16           //
	kU32           //
	kTime          // seconds since 1970 in 32 bits, modulo 2^32
	kType          // a type of record, 16 bits
	kAlg           // a DNSSEC algorithm, 8 bits
	kHash          // a digest algorithm, 8 bits
	kName          // domain name
	kStr           // character-string
	kStrs          // character-strings up to the end
	kIP4           //
	kIP6           //
	kU48           //
	kU64           // 8 bytes in hexadecimal
	kRest          // the rest, in hexadecimal
	kRest64        // the rest, in base64
	kText          // the rest, as text
	kHex8          // a length byte and so many bytes, in hexadecimal
	kB32           // a length byte and so many bytes, in base32
	kHex16         // a length of 16 bits and so many bytes
	kTypes         // bitmap of types
	kKeyFlags      // flags of a DNSKEY
	kN3Flags       // flags of NSEC3
	kCAA           // flags, tag and value
	kLOC           // location
	kSVC           // parameters of SVCB
	kAPL           // address prefixes
	kIPSec         // precedence, gateway type, algorithm, gateway, key
	kWKS           // bitmap of ports
	kHIP           // host identity
	kA6            // prefix length, suffix, name
)

// spec is a piece of data.
type spec struct {
	kind             kind
	name, label, doc string
}

// read takes the piece.
func (s *spec) read(r *reader) {
	switch s.kind {
	case kU8:
		r.num(1, s.name, s.label, s.doc)
	case kU16:
		r.num(2, s.name, s.label, s.doc)
	case kU32:
		if p := r.num(4, s.name, s.label, s.doc); p != nil && r.full && s.name != "dns.soa.serial_number" && p.num >= 120 {
			p.note = span(uint32(p.num))
		}
	case kU48:
		if p := r.num(6, s.name, s.label, s.doc); p != nil {
			p.note = timeText(p.num)
		}
	case kTime:
		if p := r.num(4, s.name, s.label, s.doc); p != nil {
			p.note = timeText(p.num)
		}
	case kType:
		if p := r.num(2, s.name, s.label, s.doc); p != nil {
			p.note = TypeName(uint16(p.num))
		}
	case kAlg:
		if p := r.num(1, s.name, s.label, s.doc); p != nil {
			p.note = algorithmName(p.num)
		}
	case kHash:
		if p := r.num(1, s.name, s.label, s.doc); p != nil {
			p.note = digestName(p.num)
		}
	case kName:
		r.domain(s.name, s.label, s.doc)
	case kStr:
		r.charString(s.name, s.label, s.doc)
	case kStrs:
		for r.left() > 0 && r.charString(s.name, s.label, s.doc) {
		}
	case kIP4:
		r.bytes(4, s.name, s.label, s.doc, addressText)
	case kIP6:
		r.bytes(16, s.name, s.label, s.doc, addressText)
	case kU64:
		r.bytes(8, s.name, s.label, s.doc, hexText)
	case kRest:
		r.bytes(r.left(), s.name, s.label, s.doc, hexText)
	case kRest64:
		r.key(r.left(), s.name, s.label, s.doc)
	case kText:
		r.bytes(r.left(), s.name, s.label, s.doc, plainText)
	default:
		s.special(r)
	}
}

// special takes pieces with a format of their own.
func (s *spec) special(r *reader) {
	switch s.kind {
	case kHex8, kB32:
		r.counted(1, s, map[bool]func([]byte) string{true: base32Text, false: hexText}[s.kind == kB32])
	case kHex16:
		r.counted(2, s, hexText)
	case kTypes:
		r.bitmap(s.name, s.label, s.doc)
	case kKeyFlags:
		r.keyFlags(s)
	case kN3Flags:
		if p := r.num(1, s.name, s.label, s.doc); p != nil {
			p.kids = []part{{name: "dns.nsec3.flags.opt_out", label: "Opt-out", num: p.num & 1, isNum: true, isBool: true, off: p.off, len: 1, bit: 7, bits: 1,
				doc: "Unsigned delegations may lie between this name and the next (RFC 5155 §3.1.2.1)."}}
		}
	case kCAA:
		r.caa()
	case kLOC:
		r.location()
	case kSVC:
		r.serviceParams()
	case kAPL:
		r.prefixes()
	case kIPSec:
		r.ipsecKey()
	case kWKS:
		r.wellKnown()
	case kHIP:
		r.hostIdentity()
	case kA6:
		r.a6()
	}
}

// counted takes a length of n bytes and so many bytes.
func (r *reader) counted(n int, s *spec, enc func([]byte) string) {
	name, label := "", "Length"
	switch s.name {
	case "dns.nsec3.salt_value":
		name, label = "dns.nsec3.salt_length", "Salt length"
	case "dns.nsec3.hash_value":
		name, label = "dns.nsec3.hash_length", "Hash length"
	case "dns.tsig.mac":
		name, label = "dns.tsig.mac_size", "MAC size"
	case "dns.tsig.other_data":
		name, label = "dns.tsig.other_len", "Other length"
	case "dns.tkey.key_data":
		name, label = "dns.tkey.key_size", "Key size"
	case "dns.tkey.other_data":
		name, label = "dns.tkey.other_size", "Other size"
	}
	if p := r.num(n, name, label, "Bytes of the field that follows."); p != nil {
		if size := int(p.num); size > 0 || s.name == "dns.nsec3.salt_value" {
			r.bytes(size, s.name, s.label, s.doc, enc)
		}
	}
}

// span writes seconds as people say them.
func span(sec uint32) string {
	units := [...]struct {
		n uint32
		s string
	}{{86400, " d"}, {3600, " h"}, {60, " min"}}
	if sec < 120 {
		return strconv.FormatUint(uint64(sec), 10) + " s"
	}
	for _, u := range units {
		if sec >= u.n && sec%u.n == 0 {
			return strconv.FormatUint(uint64(sec/u.n), 10) + u.s
		}
	}
	for _, u := range units {
		if sec >= 2*u.n {
			return "about " + strconv.FormatUint(uint64((sec+u.n/2)/u.n), 10) + u.s
		}
	}
	return strconv.FormatUint(uint64(sec), 10) + " s"
}
