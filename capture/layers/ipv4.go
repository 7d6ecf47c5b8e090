package layers

import "fmt"

func renderIPv4(s step) Node {
	x := s.box()
	b := s.b
	v := uint64(be8(b, 0))
	hl := int(v&15) * 4
	x.putf("ip.version", "Version", 0, 1, "%d", v>>4)
	x.putf("ip.hdr_len", "Header Length", 0, 1, "%d bytes (%d)", hl, hl/4).Bad = hl < 20
	putTrafficClass(x, "ip.dsfield", be8(b, 1), 1, 1)
	total := int(be16(b, 2))
	n := x.putf("ip.len", "Total Length", 2, 2, "%d", total)
	switch {
	case total == 0:
		n.Value = "0 [left to the network card]"
	case total < hl:
		n.Value, n.Bad = fmt.Sprintf("%d [shorter than the header]", total), true
	case total > s.wire:
		n.Value, n.Bad = fmt.Sprintf("%d [longer than the %s there are]", total, byteCount(s.wire)), true
	}
	x.putf("ip.id", "Identification", 4, 2, "0x%04x (%d)", be16(b, 4), be16(b, 4))
	putFragment(x, be16(b, 6))
	x.putf("ip.ttl", "Time to Live", 8, 1, "%d", be8(b, 8))
	x.put("ip.proto", "Protocol", ipProtoName(be8(b, 9)), 9, 1)
	if len(b) >= 20 && hl >= 20 && len(b) >= hl {
		got, want := be16(b, 10), checksumOf(0, b[:hl], 10)
		part := uint16(0)
		if got == 0 {
			part = 0xffff
		}
		judge(got, want, part).put(x, "ip.checksum", "Header Checksum", 10)
	} else {
		x.putf("ip.checksum", "Header Checksum", 10, 2, "0x%04x [unverified: packet truncated]", be16(b, 10))
	}
	x.put("ip.src", "Source Address", ip4(b, 12), 12, 4)
	x.put("ip.dst", "Destination Address", ip4(b, 16), 16, 4)
	if hl > 20 {
		putIPOptions(x, min(hl, len(b)))
	}
	return x.node(s, "Internet Protocol Version 4", ip4(b, 12)+" → "+ip4(b, 16))
}

// putTrafficClass adds the byte that IPv4 calls differentiated services and
// IPv6 traffic class (RFC 2474, RFC 3168).
func putTrafficClass(x *box, name string, v uint8, off, n int) {
	label := "Differentiated Services Field"
	dscp, ecn := name+".dscp", name+".ecn"
	if name == "ipv6.tclass" {
		label = "Traffic Class"
	}
	f := x.putf(name, label, off, n, "0x%02x (DSCP: %s, ECN: %s)", v, dscpName(v>>2), ecnName(v))
	f.bits(dscp, "Differentiated Services Codepoint", fmt.Sprintf("%s (%d)", dscpLong(v>>2), v>>2), uint64(v), 0xfc, 8)
	f.bits(ecn, "Explicit Congestion Notification", fmt.Sprintf("%s (%d)", ecnLong(v), v&3), uint64(v), 0x03, 8)
}

func putFragment(x *box, ff uint16) {
	v := uint64(ff >> 13)
	words := ""
	if v&2 != 0 {
		words += ", Don't fragment"
	}
	if v&1 != 0 {
		words += ", More fragments"
	}
	n := x.putf("ip.flags", "Flags", 6, 1, "0x%x%s", v, words)
	n.bit("ip.flags.rb", "Reserved bit", v<<5, 0x80, 8)
	n.bit("ip.flags.df", "Don't fragment", v<<5, 0x40, 8)
	n.bit("ip.flags.mf", "More fragments", v<<5, 0x20, 8)
	x.putf("ip.frag_offset", "Fragment Offset", 6, 2, "%d", int(ff&0x1fff)*8)
}

func putIPOptions(x *box, end int) {
	opts := &box{b: x.b[:end], off: x.off}
	for i := 20; i < end; {
		kind := x.b[i]
		if kind == 0 {
			opts.put("ip.opt.type", "End of Options List (EOL)", "", i, 1)
			if i+1 < end {
				opts.put("ip.opt.padding", "Padding", hexBytes(x.b[i+1:end]), i+1, end-i-1)
			}
			break
		}
		if kind == 1 {
			opts.put("ip.opt.type", "No-Operation (NOP)", "", i, 1)
			i++
			continue
		}
		n := int(be8(x.b[:end], i+1))
		if n < 2 || i+n > end {
			opts.putf("ip.opt.type", ipOptionName(kind), i, end-i, "length %d does not fit", n).Bad = true
			break
		}
		o := opts.putf("ip.opt.type", ipOptionName(kind), i, n, "(%d bytes)", n)
		if (kind == 131 || kind == 137 || kind == 7) && n >= 3 {
			putRoute(o, x, i, n)
		}
		if kind == 148 && n == 4 {
			o.Value = fmt.Sprintf("(4 bytes): Router shall examine packet (%d)", be16(x.b, i+2))
		}
		i += n
	}
	n := x.putf("ip.options", "Options", 20, end-20, "(%s)", byteCount(end-20))
	n.Children = opts.kids
}

// putRoute adds the addresses of a source route or record route option.
func putRoute(o *Node, x *box, off, n int) {
	r := &box{b: x.b[:off+n], off: x.off}
	r.putf("ip.opt.ptr", "Pointer", off+2, 1, "%d", x.b[off+2])
	for i := off + 3; i+4 <= off+n; i += 4 {
		r.put("ip.rec_rt", "Route", ip4(x.b, i), i, 4)
	}
	o.Children = r.kids
}

func ipOptionName(k uint8) string {
	switch k {
	case 7:
		return "Record Route"
	case 68:
		return "Time Stamp"
	case 130:
		return "Security"
	case 131:
		return "Loose Source Route"
	case 134:
		return "Commercial Security"
	case 136:
		return "Stream ID"
	case 137:
		return "Strict Source Route"
	case 148:
		return "Router Alert"
	}
	return fmt.Sprintf("Option %d", k)
}
