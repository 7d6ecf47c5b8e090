package layers

import (
	"fmt"
	"strings"
)

// icmp6Names gives ICMPv6's types and codes (RFC 4443, RFC 4861, RFC 3810).
func icmp6Names(t, c uint8) (name, code string) {
	pick := func(codes ...string) string {
		if int(c) < len(codes) {
			return codes[c]
		}
		return ""
	}
	switch t {
	case 1:
		return "Destination Unreachable", pick("no route to destination", "Administratively prohibited",
			"Beyond scope of source address", "Address unreachable", "Port unreachable",
			"Source address failed ingress/egress policy", "Reject route to destination")
	case 2:
		return "Packet Too Big", ""
	case 3:
		return "Time Exceeded", pick("hop limit exceeded in transit", "fragment reassembly time exceeded")
	case 4:
		return "Parameter Problem", pick("erroneous header field encountered",
			"unrecognized Next Header type encountered", "unrecognized IPv6 option encountered")
	case 128:
		return "Echo (ping) request", ""
	case 129:
		return "Echo (ping) reply", ""
	case 130:
		return "Multicast Listener Query", ""
	case 131:
		return "Multicast Listener Report", ""
	case 132:
		return "Multicast Listener Done", ""
	case 133:
		return "Router Solicitation", ""
	case 134:
		return "Router Advertisement", ""
	case 135:
		return "Neighbor Solicitation", ""
	case 136:
		return "Neighbor Advertisement", ""
	case 137:
		return "Redirect", ""
	case 143:
		return "Multicast Listener Report Message v2", ""
	}
	return "Unknown", ""
}

func renderICMPv6(w *walk, s, net step) Node {
	x := s.box()
	b := s.b
	t, c := be8(b, 0), be8(b, 1)
	name, code := icmp6Names(t, c)
	x.putf("icmpv6.type", "Type", 0, 1, "%s (%d)", name, t)
	x.putf("icmpv6.code", "Code", 1, 1, "%d%s", c, inParens(code))
	transportChecksum(s, net, 58, 2).put(x, "icmpv6.checksum", "Checksum", 2)
	opts := 0
	switch t {
	case 2:
		x.putf("icmpv6.mtu", "MTU", 4, 4, "%d", be32(b, 4))
	case 4:
		x.putf("icmpv6.pointer", "Pointer", 4, 4, "%d", be32(b, 4))
	case 128, 129:
		x.putf("icmpv6.echo.identifier", "Identifier", 4, 2, "0x%04x", be16(b, 4))
		x.putf("icmpv6.echo.sequence_number", "Sequence", 6, 2, "%d", be16(b, 6))
		if len(b) > 8 {
			x.put("data.data", payloadLabel("Data", len(b)-8, s.wire-8), "", 8, len(b)-8)
		}
	case 130, 131, 132:
		x.putf("icmpv6.mld.maximum_response_delay", "Maximum Response Code", 4, 2, "%d", be16(b, 4))
		x.put("icmpv6.mld.multicast_address", "Multicast Address", ip6(b, 8), 8, 16)
	case 133:
		opts = 8
	case 134:
		x.putf("icmpv6.nd.ra.cur_hop_limit", "Cur hop limit", 4, 1, "%d", be8(b, 4))
		v := uint64(be8(b, 5))
		f := x.putf("icmpv6.nd.ra.flag", "Flags", 5, 1, "0x%02x", v)
		f.bit("icmpv6.nd.ra.flag.m", "Managed address configuration", v, 0x80, 8)
		f.bit("icmpv6.nd.ra.flag.o", "Other configuration", v, 0x40, 8)
		x.putf("icmpv6.nd.ra.router_lifetime", "Router lifetime (s)", 6, 2, "%d", be16(b, 6))
		x.putf("icmpv6.nd.ra.reachable_time", "Reachable time (ms)", 8, 4, "%d", be32(b, 8))
		x.putf("icmpv6.nd.ra.retrans_timer", "Retrans timer (ms)", 12, 4, "%d", be32(b, 12))
		opts = 16
	case 135:
		x.put("icmpv6.nd.ns.target_address", "Target Address", ip6(b, 8), 8, 16)
		opts = 24
	case 136:
		v := uint64(be8(b, 4))
		f := x.putf("icmpv6.nd.na.flag", "Flags", 4, 1, "0x%02x", v)
		f.bit("icmpv6.nd.na.flag.r", "Router", v, 0x80, 8)
		f.bit("icmpv6.nd.na.flag.s", "Solicited", v, 0x40, 8)
		f.bit("icmpv6.nd.na.flag.o", "Override", v, 0x20, 8)
		x.put("icmpv6.nd.na.target_address", "Target Address", ip6(b, 8), 8, 16)
		opts = 24
	case 137:
		x.put("icmpv6.rd.na.target_address", "Target Address", ip6(b, 8), 8, 16)
		x.put("icmpv6.rd.na.destination_address", "Destination Address", ip6(b, 24), 24, 16)
		opts = 40
	case 143:
		putListenerRecords(x)
	}
	if t >= 1 && t <= 4 {
		x.kids = append(x.kids, w.quotedNodes(s.off+8, s.off+len(b), pIPv6)...)
	}
	if opts > 0 {
		putNeighborOptions(x, opts)
	}
	return x.node(s, "Internet Control Message Protocol v6", name+inParens(code))
}

func putListenerRecords(x *box) {
	b := x.b
	x.putf("icmpv6.mldr.nb_mcast_records", "Number of Multicast Address Records", 6, 2, "%d", be16(b, 6))
	for i, left := 8, be16(b, 6); left > 0 && i+20 <= len(b); left-- {
		n := 20 + 16*int(be16(b, i+2)) + 4*int(b[i+1])
		if x.putf("icmpv6.mldr.mar", "Multicast Address Record", i, n, "%s: %s", groupRecord(b[i]), ip6(b, i+4)).Len == 0 {
			return
		}
		i += n
	}
}

// putNeighborOptions adds the options of neighbour discovery (RFC 4861 §4.6).
func putNeighborOptions(x *box, i int) {
	b := x.b
	for i+2 <= len(b) {
		n := int(b[i+1]) * 8
		if n == 0 || i+n > len(b) {
			x.put("icmpv6.opt", "ICMPv6 Option", "length does not fit", i, len(b)-i).Bad = true
			return
		}
		label, value := "", ""
		switch b[i] {
		case 1:
			label, value = "Source link-layer address", arpHardware(b[i+2:i+n])
		case 2:
			label, value = "Target link-layer address", arpHardware(b[i+2:i+n])
		case 3:
			label, value = "Prefix information", fmt.Sprintf("%s/%d", ip6(b[:i+n], i+16), b[i+2])
		case 4:
			label = "Redirected header"
		case 5:
			label, value = "MTU", fmt.Sprint(be32(b, i+4))
		case 14:
			label, value = "Nonce", hexBytes(b[i+2:i+n])
		case 25:
			label = "Recursive DNS Server"
			var servers []string
			for a := i + 8; a+16 <= i+n; a += 16 {
				servers = append(servers, ip6(b, a))
			}
			value = strings.Join(servers, " ")
		case 31:
			label = "DNS Search List"
		default:
			label = fmt.Sprintf("type %d", b[i])
		}
		x.put("icmpv6.opt", "ICMPv6 Option ("+label+")", value, i, n)
		i += n
	}
}

// neighborMAC finds a link-layer address option of the given type.
func neighborMAC(b []byte, i int, kind uint8) string {
	for i+8 <= len(b) && b[i+1] > 0 {
		if b[i] == kind && b[i+1] == 1 {
			return mac(b, i+2)
		}
		i += int(b[i+1]) * 8
	}
	return ""
}

// icmp6Info is an ICMPv6 message's line in a list.
func icmp6Info(s, net step) string {
	b := s.b
	t, c := be8(b, 0), be8(b, 1)
	name, code := icmp6Names(t, c)
	from := func(opts int) string {
		if m := neighborMAC(b, opts, 1); m != "" {
			return " from " + m
		}
		return ""
	}
	switch t {
	case 128, 129:
		return fmt.Sprintf("%s id=0x%04x, seq=%d, hop limit=%d", name, be16(b, 4), be16(b, 6), be8(net.b, 7))
	case 133:
		return name + from(8)
	case 134:
		return name + from(16)
	case 135:
		return name + " for " + ip6(b, 8) + from(24)
	case 136:
		var f []string
		for i, w := range [...]string{"rtr", "sol", "ovr"} {
			if be8(b, 4)&(0x80>>i) != 0 {
				f = append(f, w)
			}
		}
		at := ""
		if m := neighborMAC(b, 24, 2); m != "" {
			at = " is at " + m
		}
		return fmt.Sprintf("%s %s%s%s", name, ip6(b, 8), inParens(strings.Join(f, ", ")), at)
	}
	return name + inParens(code)
}
