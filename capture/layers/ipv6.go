package layers

import "fmt"

func renderIPv6(s step) Node {
	x := s.box()
	b := s.b
	first := be32(b, 0)
	x.putf("ipv6.version", "Version", 0, 1, "%d", first>>28)
	putTrafficClass(x, "ipv6.tclass", uint8(first>>20), 0, 2)
	x.putf("ipv6.flow", "Flow Label", 1, 3, "0x%05x", first&0xfffff)
	plen := int(be16(b, 4))
	n := x.putf("ipv6.plen", "Payload Length", 4, 2, "%d", plen)
	if plen > s.wire-40 {
		n.Value, n.Bad = fmt.Sprintf("%d [longer than the %s there are]", plen, byteCount(max(s.wire-40, 0))), true
	} else if plen == 0 && s.wire > 40 {
		n.Value = "0 [in the jumbo payload option, or left to the network card]"
	}
	x.put("ipv6.nxt", "Next Header", ipProtoName(be8(b, 6)), 6, 1)
	x.putf("ipv6.hlim", "Hop Limit", 7, 1, "%d", be8(b, 7))
	x.put("ipv6.src", "Source Address", ip6(b, 8), 8, 16)
	x.put("ipv6.dst", "Destination Address", ip6(b, 24), 24, 16)
	return x.node(s, "Internet Protocol Version 6", ip6(b, 8)+" → "+ip6(b, 24))
}

// fragmentHeader decodes IPv6's fragment header (RFC 8200 §4.5). An atomic
// fragment, the whole packet in one, is decoded on; gopacket would not.
func (w *walk) fragmentHeader() proto {
	b := w.rest()
	if len(b) < 8 {
		return w.stop(pAtomic, "the IPv6 fragment header is shorter than eight bytes", true)
	}
	w.push(pAtomic, 8, nil)
	if be16(b, 2)&0xfff9 != 0 {
		return pNone
	}
	return protoOfIP(b[0])
}

func renderFragment(s step) Node {
	x := s.box()
	b := s.b
	x.put("ipv6.fraghdr.nxt", "Next header", ipProtoName(be8(b, 0)), 0, 1)
	x.putf("ipv6.fraghdr.reserved_octet", "Reserved octet", 1, 1, "0x%02x", be8(b, 1))
	v := be16(b, 2)
	n := x.putf("ipv6.fraghdr.offset", "Offset", 2, 2, "%d", v&0xfff8)
	n.bits("ipv6.fraghdr.offset", "Offset", fmt.Sprintf("%d (%d bytes)", v>>3, v&0xfff8), uint64(v), 0xfff8, 16)
	n.bits("ipv6.fraghdr.reserved_bits", "Reserved bits", fmt.Sprint(v>>1&3), uint64(v), 0x0006, 16)
	more := "No"
	if v&1 != 0 {
		more = "Yes"
	}
	n.bits("ipv6.fraghdr.more", "More Fragments", more, uint64(v), 0x0001, 16)
	x.putf("ipv6.fraghdr.ident", "Identification", 4, 4, "0x%08x", be32(b, 4))
	return x.node(s, "Fragment Header for IPv6", "")
}

// renderOptions shows a hop-by-hop or destination options header (RFC 8200 §4.2).
func renderOptions(s step) Node {
	name := protoTable[s.proto].name
	x := s.box()
	b := s.b
	end := min(s.head, len(b))
	x.put(name+".nxt", "Next Header", ipProtoName(be8(b, 0)), 0, 1)
	x.putf(name+".len", "Length", 1, 1, "%d (%d bytes)", be8(b, 1), int(be8(b, 1))*8+8)
	for i := 2; i < end; {
		if b[i] == 0 {
			x.put("ipv6.opt.pad1", "Pad1", "", i, 1)
			i++
			continue
		}
		n := 2 + int(be8(b[:end], i+1))
		if i+n > end {
			x.put("ipv6.opt", "Option", "does not fit", i, end-i).Bad = true
			break
		}
		o := x.putf("ipv6.opt", ipv6OptionName(b[i]), i, n, "(%d bytes)", n)
		switch {
		case b[i] == 5 && n == 4:
			o.Value = fmt.Sprintf("%s (%d)", routerAlert(be16(b, i+2)), be16(b, i+2))
		case b[i] == 0xc2 && n == 6:
			o.Value = fmt.Sprintf("Payload length: %d", be32(b, i+2))
		}
		i += n
	}
	return x.node(s, protoTable[s.proto].title, "")
}

func ipv6OptionName(k uint8) string {
	switch k {
	case 1:
		return "PadN"
	case 5:
		return "Router Alert"
	case 0x26:
		return "Quick-Start"
	case 0x6d:
		return "MPL"
	case 0x63:
		return "RPL"
	case 0xc2:
		return "Jumbo Payload"
	case 0xc9:
		return "Home Address"
	}
	return fmt.Sprintf("Option 0x%02x", k)
}

func routerAlert(v uint16) string {
	switch v {
	case 0:
		return "MLD"
	case 1:
		return "RSVP"
	case 2:
		return "Active Network"
	}
	return "Unknown"
}

func renderRouting(s step) Node {
	x := s.box()
	b := s.b
	end := min(s.head, len(b))
	x.put("ipv6.routing.nxt", "Next Header", ipProtoName(be8(b, 0)), 0, 1)
	x.putf("ipv6.routing.len", "Length", 1, 1, "%d (%d bytes)", be8(b, 1), int(be8(b, 1))*8+8)
	x.putf("ipv6.routing.type", "Type", 2, 1, "%d", be8(b, 2))
	x.putf("ipv6.routing.segleft", "Segments Left", 3, 1, "%d", be8(b, 3))
	for i := 8; i+16 <= end && (b[2] == 0 || b[2] == 2 || b[2] == 4); i += 16 {
		x.put("ipv6.routing.addr", "Address", ip6(b, i), i, 16)
	}
	return x.node(s, "Routing Header for IPv6", "")
}
