package layers

import "fmt"

func renderGRE(s step) Node {
	x := s.box()
	b := s.b
	v := uint64(be16(b, 0))
	f := x.putf("gre.flags_and_version", "Flags and Version", 0, 2, "0x%04x", v)
	f.bit("gre.flags.checksum", "Checksum Bit", v, 0x8000, 16)
	f.bit("gre.flags.routing", "Routing Bit", v, 0x4000, 16)
	f.bit("gre.flags.key", "Key Bit", v, 0x2000, 16)
	f.bit("gre.flags.sequence_number", "Sequence Number Bit", v, 0x1000, 16)
	f.bits("gre.flags.version", "Version", fmt.Sprint(v&7), v, 7, 16)
	x.put("gre.proto", "Protocol Type", etherTypeName(be16(b, 2)), 2, 2)
	i := 4
	if v&0xc000 != 0 {
		x.putf("gre.checksum", "Checksum", i, 2, "0x%04x", be16(b, i))
		x.putf("gre.offset", "Offset", i+2, 2, "%d", be16(b, i+2))
		i += 4
	}
	if v&0x2000 != 0 {
		x.putf("gre.key", "Key", i, 4, "0x%08x", be32(b, i))
		i += 4
	}
	if v&0x1000 != 0 {
		x.putf("gre.sequence_number", "Sequence Number", i, 4, "%d", be32(b, i))
	}
	return x.node(s, "Generic Routing Encapsulation", etherTypeName(be16(b, 2)))
}

func renderVXLAN(s step) Node {
	x := s.box()
	b := s.b
	v := uint64(be16(b, 0))
	f := x.putf("vxlan.flags", "Flags", 0, 2, "0x%04x", v)
	f.bit("vxlan.flag_i", "VXLAN Network ID (VNI)", v, 0x0800, 16)
	x.putf("vxlan.gbp", "Group Policy ID", 2, 2, "%d", be16(b, 2))
	vni := be32(b, 4) >> 8
	x.putf("vxlan.vni", "VXLAN Network Identifier (VNI)", 4, 3, "%d", vni)
	return x.node(s, "Virtual eXtensible Local Area Network", fmt.Sprintf("VNI: %d", vni))
}

func renderGeneve(s step) Node {
	x := s.box()
	b := s.b
	x.putf("geneve.version", "Version", 0, 1, "%d", be8(b, 0)>>6)
	x.putf("geneve.option.length", "Options Length", 0, 1, "%s", byteCount(int(be8(b, 0)&0x3f)*4))
	x.put("geneve.proto_type", "Protocol Type", etherTypeName(be16(b, 2)), 2, 2)
	vni := be32(b, 4) >> 8
	x.putf("geneve.vni", "Virtual Network Identifier (VNI)", 4, 3, "0x%06x", vni)
	if s.head > 8 {
		x.put("geneve.options", "Options", hexBytes(cut(b, 8, s.head-8)), 8, s.head-8)
	}
	return x.node(s, "Generic Network Virtualization Encapsulation", fmt.Sprintf("VNI: 0x%06x", vni))
}

// teredoPort is where Teredo servers and relays carry IPv6 in UDP (RFC 4380 §2.7).
const teredoPort = 3544

// teredoHeader is the length of the authentication and origin indications in
// front of a Teredo packet (RFC 4380 §5.1.1), 0 if there are none, or -1 if b
// is not an IPv6 packet in Teredo.
func teredoHeader(b []byte) int {
	n := 0
	if be16(b, 0) == 1 && len(b) >= 4 {
		n += 13 + int(b[2]) + int(b[3])
	}
	if n+2 <= len(b) && be16(b, n) == 0 {
		n += 8
	}
	if len(b) < n+40 || b[n]>>4 != 6 || n+40+int(be16(b, n+4)) != len(b) {
		return -1
	}
	return n
}

func renderTeredo(s step) Node {
	x := s.box()
	b := s.b
	i := 0
	if be16(b, 0) == 1 && s.head > 0 {
		i = 13 + int(be8(b, 2)) + int(be8(b, 3))
		x.put("teredo.auth", "Authentication header", hexBytes(cut(b, 0, i)), 0, i)
	}
	if s.head >= i+8 {
		var addr [4]byte
		for k, v := range cut(b, i+4, 4) {
			addr[k] = ^v // both are sent inverted, so that no NAT rewrites them
		}
		x.putf("teredo.orig", "Origin indication", i, 8, "%s:%d", ip4(addr[:], 0), ^be16(b, i+2))
	}
	return x.node(s, "Teredo IPv6 over UDP tunneling", "")
}
