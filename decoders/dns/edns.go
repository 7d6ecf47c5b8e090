package dns

import "strings"

// options takes the options of an OPT record (RFC 6891 §6.1.2).
func (r *reader) options() {
	for r.left() > 0 && r.bad == "" {
		at := r.off
		if r.left() < 4 || r.left() < 4+int(u16(r.msg, at+2)) {
			r.fail("Option")
			return
		}
		code, n := u16(r.msg, at), int(u16(r.msg, at+2))
		o := &reader{msg: r.msg[:at+4+n], off: at + 4, end: at + 4 + n, full: r.full}
		p := part{label: optionName(code), doc: optionDoc(code), off: at, len: 4 + n, kids: []part{
			{name: "dns.opt.code", label: "Code", num: int64(code), isNum: true, note: optionName(code), off: at, len: 2, doc: "Which option (RFC 6891 §6.1.2)."},
			{name: "dns.opt.len", label: "Length", num: int64(n), isNum: true, off: at + 2, len: 2, doc: "Bytes of the option's data."}}}
		if n > 0 {
			p.kids = append(p.kids, part{name: "dns.opt.data", label: "Data", str: hexText(r.msg[at+4 : at+4+n]), off: at + 4, len: n})
			o.option(code)
		}
		if o.left() > 0 && len(o.out) > 0 && o.bad == "" {
			o.bad = "more bytes than the option has"
		}
		var texts []string
		for i := range o.out {
			texts = append(texts, o.out[i].text())
		}
		p.str = strings.Join(texts, " ")
		if len(texts) == 0 && n > 0 {
			p.str = hexText(r.msg[at+4 : at+4+n])
		}
		p.kids = append(p.kids, o.out...)
		p.bad = o.bad != ""
		if p.bad {
			p.doc = o.bad
		}
		r.out = append(r.out, p)
		r.off += 4 + n
		if o.bad != "" && r.soft == "" {
			r.soft = optionName(code) + ": " + o.bad
		}
	}
}

func optionDoc(code uint16) string {
	switch code {
	case 3:
		return "Which of several servers behind one address has answered, in its own words (RFC 5001 §2.3)."
	case 5, 6, 7:
		return "Algorithms that the validator understands (RFC 6975 §3)."
	case 8:
		return "The network of the client for whom a resolver asks, so that the answer can suit its place (RFC 7871 §6). It tells on the client."
	case 9:
		return "How long the secondary's zone is still good, in seconds (RFC 7314 §2)."
	case 10:
		return "Client and server each prove that they have seen the other before: an off-path forger cannot know it (RFC 7873 §4)."
	case 11:
		return "How long an idle TCP connection may stay open (RFC 7828 §3)."
	case 12:
		return "Fills the message, so that its length does not betray what is asked inside TLS (RFC 7830 §3)."
	case 13:
		return "The asker wants all records of the chain of trust below this name (RFC 7901 §4)."
	case 14:
		return "Key tags of the trust anchors that the validator has (RFC 8145 §4.1)."
	case 15:
		return "Why the answer is what it is, beyond the response code (RFC 8914 §2)."
	case 18:
		return "Where to report errors (RFC 9567 §6)."
	case 19:
		return "The version of the zone that answered (RFC 9660 §3)."
	}
	return ""
}

// option reads an option's data.
func (r *reader) option(code uint16) {
	switch code {
	case 3:
		r.bytes(r.left(), "", "Identifier", "The server's own name for itself.", plainText)
	case 5, 6, 7:
		name := map[uint16]string{5: "dns.opt.dau", 6: "dns.opt.dhu", 7: "dns.opt.n3u"}[code]
		for r.left() > 0 {
			r.num(1, name, "Algorithm", "")
			if p := &r.out[len(r.out)-1]; code == 5 {
				p.note = algorithmName(p.num)
			}
		}
	case 8:
		f := r.num(2, "dns.opt.client.family", "Family", "1 IPv4, 2 IPv6.")
		if f == nil {
			return
		}
		family := f.num
		r.num(1, "dns.opt.client.netmask", "Source prefix length", "Bits of the address that the asker tells.")
		r.num(1, "dns.opt.client.scope", "Scope prefix length", "Bits for which the answer is meant; 0 in queries.")
		if n := r.left(); n > 0 && r.bad == "" {
			at := len(r.out)
			r.address("dns.opt.client.addr", "Client subnet", n, family)
			if len(r.out) > at {
				p := &r.out[at]
				switch {
				case strings.HasSuffix(p.name, "ipv4"):
					p.name = "dns.opt.client.addr4"
				case strings.HasSuffix(p.name, "ipv6"):
					p.name = "dns.opt.client.addr6"
				default:
					p.name = "dns.opt.client.addr"
				}
			}
		}
	case 9:
		r.num(r.left(), "", "Expire", "Seconds.")
	case 10:
		if n := r.left(); n != 8 && (n < 16 || n > 40) {
			r.fail("Cookie")
			r.bad = "a cookie has 8, or 16 to 40 bytes (RFC 7873 §4)"
			return
		}
		r.bytes(8, "dns.opt.cookie.client", "Client cookie", "Made from the client's secret and the server's address.", hexText)
		if r.left() > 0 {
			r.bytes(r.left(), "dns.opt.cookie.server", "Server cookie", "Made from the server's secret, the client's address and its cookie.", hexText)
		}
	case 11:
		if p := r.num(2, "dns.opt.edns_tcp_keepalive.timeout", "Timeout", "In units of 100 ms."); p != nil {
			p.note = span(uint32(p.num/10)) + " and " + span(uint32(p.num%10*100)) + "/1000"
			if p.num%10 == 0 {
				p.note = span(uint32(p.num / 10))
			}
		}
	case 12:
		r.bytes(r.left(), "dns.opt.padding", "Padding", "Zeros, most often.", hexText)
	case 13:
		r.domain("dns.opt.chain.fqdn", "Closest trust point", "")
	case 14:
		for r.left() > 0 && r.bad == "" {
			r.num(2, "", "Key tag", "")
		}
	case 15:
		if p := r.num(2, "dns.opt.ext_error.info_code", "Info code", "The reason (RFC 8914 §4)."); p != nil {
			p.note = extendedError(p.num)
		}
		if r.left() > 0 {
			r.bytes(r.left(), "dns.opt.ext_error.extra_text", "Extra text", "The server's own words.", plainText)
		}
	case 18:
		r.domain("", "Agent domain", "")
	}
}
