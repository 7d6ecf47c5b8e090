package dns

import (
	"encoding/base32"
	"fmt"
	"net/netip"
	"strings"
)

func base32Text(b []byte) string {
	return base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(b)
}

// bitmap takes the rest as a list of types: windows of up to 256 bits (RFC 4034
// §4.1.2).
func (r *reader) bitmap(name, label, doc string) {
	p := part{name: name, label: label, doc: doc, off: r.off, len: r.left()}
	var list []string
	for at := r.off; at < r.end; {
		n := 0
		if at+2 <= r.end {
			n = int(r.msg[at+1])
		}
		if n == 0 || n > 32 || at+2+n > r.end {
			r.bad, p.bad = "a window of its bitmap of types does not fit (RFC 4034 §4.1.2)", true
			break
		}
		for i := range n * 8 {
			if r.msg[at+2+i/8]&(0x80>>(i%8)) != 0 {
				t := TypeName(uint16(r.msg[at])<<8 | uint16(i))
				list = append(list, t)
				if r.full {
					p.kids = append(p.kids, part{label: t, num: 1, isNum: true, off: at + 2 + i/8, len: 1, bit: i % 8, bits: 1,
						doc: "There are records of this type."})
				}
			}
		}
		at += 2 + n
	}
	p.str = strings.Join(list, " ")
	if name != "" {
		p.name = "" // Wireshark keeps the bytes; the list says more
	}
	r.out = append(r.out, p)
	r.off = r.end
}

// keyFlags takes the flags of a DNSKEY (RFC 4034 §2.1.1, RFC 5011 §3).
func (r *reader) keyFlags(s *spec) {
	p := r.num(2, s.name, s.label, s.doc)
	if p == nil {
		return
	}
	switch p.num & 0x181 {
	case 0x101:
		p.note = "key signing key"
	case 0x100:
		p.note = "zone signing key"
	case 0x180, 0x181:
		p.note = "revoked"
	}
	bit := func(i int, name, label, doc string) part {
		return part{name: name, label: label, num: p.num >> (15 - i) & 1, isNum: true, isBool: true, doc: doc, off: p.off, len: 2, bit: i, bits: 1}
	}
	p.kids = []part{
		bit(7, "dns.dnskey.flags.zone_key", "Zone key", "It signs records of the zone (RFC 4034 §2.1.1)."),
		bit(8, "dns.dnskey.flags.key_revoked", "Revoked", "It must not be used any more (RFC 5011 §3)."),
		bit(15, "dns.dnskey.flags.secure_entry_point", "Secure entry point", "It signs the other keys, and the parent's DS is of it (RFC 4034 §2.1.1)."),
	}
}

// caa takes a record of certification authorities (RFC 8659 §4.1).
func (r *reader) caa() {
	if p := r.num(1, "dns.caa.flags", "Flags", ""); p != nil {
		p.kids = []part{{name: "dns.caa.flags.issuer_critical", label: "Critical", num: p.num >> 7, isNum: true, isBool: true, off: p.off, len: 1, bits: 1,
			doc: "An authority that does not know the tag must not issue (RFC 8659 §4.1)."}}
	}
	n := r.num(1, "dns.caa.tag_length", "Tag length", "")
	if n == nil {
		return
	}
	tag := r.bytes(int(n.num), "dns.caa.tag", "Tag", "issue: who may issue; issuewild: … wildcards; iodef: where to report.", plainText)
	if tag == nil {
		return
	}
	name := "dns.caa.unknown"
	switch strings.ToLower(tag.str) {
	case "issue", "issuewild", "iodef":
		name = "dns.caa." + strings.ToLower(tag.str)
	}
	r.bytes(r.left(), name, "Value", "For the tag.", plainText)
}

// location takes a place on earth (RFC 1876 §2).
func (r *reader) location() {
	v := r.num(1, "dns.loc.version", "Version", "0, the only one (RFC 1876 §2).")
	if v != nil && v.num != 0 {
		r.bytes(r.left(), "dns.loc.unknown_data", "Data", "Of an unknown version.", hexText)
		return
	}
	for _, f := range [...]struct{ name, label, doc string }{
		{"dns.loc.size", "Size", "Diameter of what is described."},
		{"dns.loc.horizontal_precision", "Horizontal precision", "Diameter of the error."},
		{"dns.loc.vertical_precision", "Vertical precision", "Size of the error."},
	} {
		if p := r.num(1, f.name, f.label, f.doc); p != nil {
			p.note = fmt.Sprintf("%de%d cm", p.num>>4, p.num&15)
			p.kids = []part{{label: "Mantissa", num: p.num >> 4, isNum: true, off: p.off, len: 1, bits: 4, doc: "0 to 9 (RFC 1876 §2)."},
				{label: "Exponent", num: p.num & 15, isNum: true, off: p.off, len: 1, bit: 4, bits: 4, doc: "Power of ten, in centimetres (RFC 1876 §2)."}}
		}
	}
	for _, f := range [...]struct{ name, label, dirs string }{{"dns.loc.latitude", "Latitude", "NS"}, {"dns.loc.longitude", "Longitude", "EW"}} {
		if p := r.num(4, f.name, f.label, "Thousandths of a second of arc; 2^31 is the equator or the prime meridian (RFC 1876 §2)."); p != nil {
			p.note = degrees(p.num-1<<31, f.dirs)
		}
	}
	if p := r.num(4, "dns.loc.altitude", "Altitude", "Centimetres above 100 km below the reference spheroid (RFC 1876 §2)."); p != nil {
		p.note = fmt.Sprintf("%.2f m", float64(p.num)/100-100000)
	}
}

func degrees(v int64, dirs string) string {
	d := dirs[:1]
	if v < 0 {
		v, d = -v, dirs[1:]
	}
	return fmt.Sprintf("%d° %d′ %.3f″ %s", v/3600000, v/60000%60, float64(v%60000)/1000, d)
}

// serviceParams takes the parameters of SVCB (RFC 9460 §2.2).
func (r *reader) serviceParams() {
	for r.left() > 0 && r.bad == "" {
		at := r.off
		if r.left() < 4 || r.left() < 4+int(u16(r.msg, at+2)) {
			r.fail("Parameter")
			return
		}
		key, n := int64(u16(r.msg, at)), int(u16(r.msg, at+2))
		value := r.msg[at+4 : at+4+n]
		p := part{label: svcKey(key), off: at, len: 4 + n, doc: svcDoc(key), kids: []part{
			{name: "dns.svcb.svcparam.key", label: "Key", num: key, isNum: true, note: svcKey(key), off: at, len: 2, doc: "Which parameter (RFC 9460 §14.3.2)."},
			{name: "dns.svcb.svcparam.value.length", label: "Length", num: int64(n), isNum: true, off: at + 2, len: 2, doc: "Bytes of the value."}}}
		p.kids = append(p.kids, svcValue(key, value, at+4, &p.bad)...)
		var texts []string
		for i := range p.kids[2:] {
			texts = append(texts, p.kids[2+i].text())
		}
		p.str = strings.Join(texts, ",")
		r.out = append(r.out, p)
		r.off += 4 + n
	}
}

func svcDoc(key int64) string {
	switch key {
	case 0:
		return "Parameters that a client must understand to use this record (RFC 9460 §8)."
	case 1:
		return "Application protocols that the service speaks, such as h2 and h3 (RFC 9460 §7.1)."
	case 2:
		return "The scheme's default protocol is not spoken (RFC 9460 §7.1)."
	case 3:
		return "The port of the service, if it is not the default one (RFC 9460 §7.2)."
	case 4, 6:
		return "Addresses to try before the answer for the target's addresses has come (RFC 9460 §7.3)."
	case 5:
		return "The key with which the ClientHello is encrypted (RFC 9848)."
	case 7:
		return "Where DNS over HTTPS is to be asked for (RFC 9461 §5)."
	}
	return ""
}

// svcValue reads a parameter's value.
func svcValue(key int64, b []byte, off int, bad *bool) (out []part) {
	rest := func(name, label string) []part {
		if len(b) == 0 {
			return out
		}
		return append(out, part{name: name, label: label, str: hexText(b), off: off, len: len(b)})
	}
	switch {
	case key == 0 && len(b)%2 == 0:
		for ; len(b) > 0; b, off = b[2:], off+2 {
			k := int64(u16(b, 0))
			out = append(out, part{name: "dns.svcb.svcparam.mandatory.key", label: "Mandatory key", num: k, isNum: true, note: svcKey(k), off: off, len: 2})
		}
	case key == 1:
		for len(b) > 0 {
			n := int(b[0])
			if 1+n > len(b) {
				*bad = true
				return rest("", "Bytes left over")
			}
			out = append(out, part{name: "dns.svcb.svcparam.alpn", label: "ALPN", str: string(b[1 : 1+n]), off: off, len: 1 + n})
			b, off = b[1+n:], off+1+n
		}
	case key == 3 && len(b) == 2:
		out = append(out, part{name: "dns.svcb.svcparam.port", label: "Port", num: int64(u16(b, 0)), isNum: true, off: off, len: 2})
	case key == 4 && len(b)%4 == 0, key == 6 && len(b)%16 == 0:
		n, name := 4, "dns.svcb.svcparam.ipv4hint.ip"
		if key == 6 {
			n, name = 16, "dns.svcb.svcparam.ipv6hint.ip"
		}
		for ; len(b) > 0; b, off = b[n:], off+n {
			out = append(out, part{name: name, label: "Address", str: addressText(b[:n]), off: off, len: n})
		}
	case key == 5:
		return rest("dns.svcb.svcparam.echconfig", "ECH configuration")
	case key == 7:
		out = append(out, part{name: "dns.svcb.svcparam.dohpath", label: "Path", str: string(b), off: off, len: len(b)})
	default:
		*bad = key <= 6 && key != 2
		return rest("dns.svcb.svcparam.value", "Value")
	}
	return out
}

// prefixes takes address prefixes (RFC 3123 §4).
func (r *reader) prefixes() {
	for r.left() > 0 && r.bad == "" {
		fam := r.num(2, "dns.apl.address_family", "Address family", "1 IPv4, 2 IPv6.")
		if fam == nil {
			return
		}
		family := fam.num
		r.num(1, "dns.apl.coded_prefix", "Prefix length", "")
		if r.left() < 1 || r.bad != "" {
			r.fail("Address length")
			return
		}
		n := int64(r.msg[r.off])
		r.add(part{label: "Negation and length", num: n, isNum: true, len: 1, kids: []part{
			{name: "dns.apl.negation", label: "Negation", num: n >> 7, isNum: true, isBool: true, off: r.off, len: 1, bits: 1, doc: "The prefix is left out (RFC 3123 §4)."},
			{name: "dns.apl.afdlength", label: "Address length", num: n & 127, isNum: true, off: r.off, len: 1, bit: 1, bits: 7, doc: "Bytes of address; trailing zeros are left off (RFC 3123 §4)."}}})
		r.address("dns.apl.afdpart.", "Address", int(n&127), family)
	}
}

// address takes the first n bytes of an address.
func (r *reader) address(name, label string, n int, family int64) {
	b, ok := r.take(n, label)
	if !ok || n == 0 {
		return
	}
	text, suffix := hexText(b), "data"
	switch {
	case family == 1 && n <= 4:
		var a [4]byte
		copy(a[:], b)
		text, suffix = netip.AddrFrom4(a).String(), "ipv4"
	case family == 2 && n <= 16:
		var a [16]byte
		copy(a[:], b)
		text, suffix = netip.AddrFrom16(a).String(), "ipv6"
	}
	r.add(part{name: name + suffix, label: label, str: text, len: n})
}

// ipsecKey takes a key for IPsec (RFC 4025 §2.1).
func (r *reader) ipsecKey() {
	r.num(1, "dns.ipseckey.gateway_precedence", "Precedence", "The lowest is tried first.")
	g := r.num(1, "dns.ipseckey.gateway_type", "Gateway type", "0 none, 1 IPv4, 2 IPv6, 3 a name.")
	if g == nil {
		return
	}
	typ := g.num
	r.num(1, "dns.ipseckey.gateway_algorithm", "Algorithm", "1 DSA, 2 RSA, 3 ECDSA.")
	switch typ {
	case 1:
		r.bytes(4, "dns.ipseckey.gateway_ipv4", "Gateway", "", addressText)
	case 2:
		r.bytes(16, "dns.ipseckey.gateway_ipv6", "Gateway", "", addressText)
	case 3:
		r.domain("dns.ipseckey.gateway_dns", "Gateway", "")
	}
	if r.left() > 0 {
		r.key(r.left(), "dns.ipseckey.public_key", "Public key", "")
	}
}

// wellKnown takes a bitmap of ports (RFC 1035 §3.4.2).
func (r *reader) wellKnown() {
	r.bytes(4, "dns.wks.address", "Address", "", addressText)
	r.num(1, "dns.wks.protocol", "Protocol", "6 TCP, 17 UDP.")
	if r.left() > 0 {
		r.bytes(r.left(), "", "Ports", "Bit n is set if the service at port n is offered.", hexText)
	}
}

// hostIdentity takes a host identity (RFC 8005 §5).
func (r *reader) hostIdentity() {
	n := r.num(1, "dns.hip.hit.length", "HIT length", "")
	if n == nil {
		return
	}
	hit := int(n.num)
	r.num(1, "dns.hip.hit.pk.algo", "Algorithm", "")
	k := r.num(2, "dns.hip.pk.length", "Key length", "")
	if k == nil {
		return
	}
	key := int(k.num)
	r.bytes(hit, "dns.hip.hit", "Host identity tag", "", hexText)
	r.key(key, "dns.hip.pk", "Public key", "")
	for r.left() > 0 && r.bad == "" {
		r.domain("dns.hip.rendezvous_server", "Rendezvous server", "")
	}
}

// a6 takes an address in pieces (RFC 2874 §3.1).
func (r *reader) a6() {
	p := r.num(1, "dns.a6.prefix_len", "Prefix length", "Bits that come from the prefix name.")
	if p == nil || p.num > 128 {
		r.fail("Suffix")
		return
	}
	prefix := int(p.num)
	var a [16]byte
	n := (128 - prefix + 7) / 8
	if b, ok := r.take(n, "Suffix"); ok {
		copy(a[16-n:], b)
		r.add(part{name: "dns.a6.address_suffix", label: "Suffix", str: netip.AddrFrom16(a).String(), len: n})
	}
	if prefix > 0 {
		r.domain("dns.a6.prefix_name", "Prefix name", "")
	}
}
