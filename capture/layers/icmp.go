package layers

import "fmt"

// icmpNames gives ICMP's types and codes (RFC 792, RFC 950, RFC 1256) in
// Wireshark's words.
func icmpNames(t, c uint8) (name, code string) {
	pick := func(codes ...string) string {
		if int(c) < len(codes) {
			return codes[c]
		}
		return ""
	}
	switch t {
	case 0:
		return "Echo (ping) reply", ""
	case 3:
		return "Destination unreachable", pick("Network unreachable", "Host unreachable", "Protocol unreachable",
			"Port unreachable", "Fragmentation needed", "Source route failed", "Network unknown", "Host unknown",
			"Source host isolated", "Network administratively prohibited", "Host administratively prohibited",
			"Network unreachable for TOS", "Host unreachable for TOS", "Communication administratively filtered",
			"Host precedence violation", "Precedence cutoff in effect")
	case 4:
		return "Source quench (flow control)", ""
	case 5:
		return "Redirect", pick("Redirect for network", "Redirect for host",
			"Redirect for Type of Service and network", "Redirect for Type of Service and host")
	case 8:
		return "Echo (ping) request", ""
	case 9:
		return "Mobile IP Advertisement", ""
	case 10:
		return "Router solicitation", ""
	case 11:
		return "Time-to-live exceeded", pick("Time to live exceeded in transit", "Fragment reassembly time exceeded")
	case 12:
		return "Parameter problem", pick("Pointer indicates the error", "Required option missing", "Bad length")
	case 13:
		return "Timestamp request", ""
	case 14:
		return "Timestamp reply", ""
	case 15:
		return "Information request", ""
	case 16:
		return "Information reply", ""
	case 17:
		return "Address mask request", ""
	case 18:
		return "Address mask reply", ""
	}
	return "Unknown", ""
}

func renderICMP(w *walk, s step) Node {
	x := s.box()
	b := s.b
	t, c := be8(b, 0), be8(b, 1)
	name, code := icmpNames(t, c)
	x.putf("icmp.type", "Type", 0, 1, "%d (%s)", t, name)
	x.putf("icmp.code", "Code", 1, 1, "%d%s", c, inParens(code))
	putOwnChecksum(x, s, "icmp.checksum", 0)
	rest := 8
	switch t {
	case 0, 8, 13, 14, 15, 16, 17, 18:
		x.putf("icmp.ident", "Identifier", 4, 2, "%d (0x%04x)", be16(b, 4), be16(b, 4))
		x.putf("icmp.seq", "Sequence Number", 6, 2, "%d (0x%04x)", be16(b, 6), be16(b, 6))
		if t == 13 || t == 14 {
			x.putf("icmp.originate_timestamp", "Originate Timestamp", 8, 4, "%d ms after midnight UTC", be32(b, 8))
			x.putf("icmp.receive_timestamp", "Receive Timestamp", 12, 4, "%d ms after midnight UTC", be32(b, 12))
			x.putf("icmp.transmit_timestamp", "Transmit Timestamp", 16, 4, "%d ms after midnight UTC", be32(b, 16))
			rest = 20
		}
	case 5:
		x.put("icmp.redir_gw", "Gateway Address", ip4(b, 4), 4, 4)
	case 3:
		x.put("icmp.unused", "Unused", hexBytes(cut(b, 4, 2)), 4, 2)
		if c == 4 {
			x.putf("icmp.mtu", "MTU of next hop", 6, 2, "%d", be16(b, 6))
		}
	}
	if isICMPError(t) {
		x.kids = append(x.kids, w.quotedNodes(s.off+8, s.off+len(b), pIPv4)...)
	} else if len(b) > rest {
		x.put("data.data", payloadLabel("Data", len(b)-rest, s.wire-rest), "", rest, len(b)-rest)
	}
	return x.node(s, "Internet Control Message Protocol", name+inParens(code))
}

func isICMPError(t uint8) bool { return t == 3 || t == 4 || t == 5 || t == 11 || t == 12 }

func inParens(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

// quotedNodes shows the packet that an ICMP error carries (RFC 792; RFC 4443 §2.4).
func (w *walk) quotedNodes(off, end int, p proto) []Node {
	if off >= end || w.inner { // no error is sent about an error (RFC 1122 §3.2.2)
		return nil
	}
	q := w.quoted(off, end, p)
	kids := q.render()
	if len(kids) == 0 {
		return nil
	}
	return []Node{{
		Label: "Packet that caused this", Value: kids[0].Value, Doc: docs["icmp.quoted"],
		Off: off, Len: end - off, Children: kids,
	}}
}

// putOwnChecksum adds a checksum over the message alone.
func putOwnChecksum(x *box, s step, name string, acc uint32) {
	b := s.b
	if len(b) < 4 {
		return
	}
	if len(b) < s.wire {
		x.putf(name, "Checksum", 2, 2, "0x%04x [unverified: packet truncated]", be16(b, 2))
		return
	}
	judge(be16(b, 2), checksumOf(acc, b, 2), 0).put(x, name, "Checksum", 2)
}

// icmpInfo is an ICMP message's line in a list.
func icmpInfo(s, net step) string {
	b := s.b
	t, c := be8(b, 0), be8(b, 1)
	name, code := icmpNames(t, c)
	ttl := be8(net.b, 8)
	switch t {
	case 0, 8:
		return fmt.Sprintf("%-20s id=0x%04x, seq=%d/%d, ttl=%d", name, be16(b, 4), be16(b, 6),
			be16(b, 6)>>8|be16(b, 6)<<8, ttl)
	case 13, 14, 15, 16, 17, 18:
		return fmt.Sprintf("%-20s id=0x%04x, seq=%d/%d, ttl=%d", name, be16(b, 4), be16(b, 6),
			be16(b, 6)>>8|be16(b, 6)<<8, ttl)
	}
	return fmt.Sprintf("%-20s", name) + inParens(code)
}

func renderIGMP(s step) Node {
	x := s.box()
	b := s.b
	x.put("igmp.version", "IGMP Version", fmt.Sprint(igmpVersion(b)), 0, 0)
	x.putf("igmp.type", "Type", 0, 1, "%s (0x%02x)", igmpName(b), be8(b, 0))
	putOwnChecksum(x, s, "igmp.checksum", 0)
	if be8(b, 0) == 0x22 {
		x.putf("igmp.num_grp_recs", "Num Group Records", 6, 2, "%d", be16(b, 6))
		for i, left := 8, be16(b, 6); left > 0 && i+8 <= len(b); left-- {
			n := 8 + 4*int(be16(b, i+2)) + 4*int(be8(b, i+1))
			if x.putf("igmp.record", "Group Record", i, n, "%s  %s", ip4(b, i+4), groupRecord(b[i])).Len == 0 {
				break
			}
			i += n
		}
	} else {
		if be8(b, 1) != 0 {
			x.putf("igmp.max_resp", "Max Resp Time", 1, 1, "%.1f s (0x%02x)", float64(be8(b, 1))/10, be8(b, 1))
		}
		x.put("igmp.maddr", "Multicast Address", ip4(b, 4), 4, 4)
	}
	return x.node(s, "Internet Group Management Protocol", igmpName(b))
}

func igmpVersion(b []byte) int {
	switch t := be8(b, 0); {
	case t == 0x22 || t == 0x11 && len(b) >= 12:
		return 3
	case t == 0x12 || t == 0x11 && be8(b, 1) == 0:
		return 1
	}
	return 2
}

func igmpName(b []byte) string {
	switch be8(b, 0) {
	case 0x11:
		return "Membership Query"
	case 0x12, 0x16, 0x22:
		return "Membership Report"
	case 0x17:
		return "Leave Group"
	}
	return "Unknown"
}

func groupRecord(t uint8) string {
	if t >= 1 && t <= 6 {
		return [6]string{"Mode Is Include", "Mode Is Exclude", "Change To Include Mode", "Change To Exclude Mode",
			"Allow New Sources", "Block Old Sources"}[t-1]
	}
	return "Unknown"
}

// igmpInfo is an IGMP message's line in a list.
func igmpInfo(b []byte) string {
	name := igmpName(b)
	switch {
	case be8(b, 0) == 0x22:
		for i, left := 8, be16(b, 6); left > 0 && i+8 <= len(b); left-- {
			group, sources := ip4(b, i+4), be16(b, i+2)
			switch t := b[i]; {
			case sources == 0 && (t == 3 || t == 1):
				name += " / Leave group " + group
			case sources == 0 && (t == 4 || t == 2):
				name += " / Join group " + group + " for any sources"
			default:
				name += fmt.Sprintf(" / %s %s", groupRecord(t), group)
			}
			i += 8 + 4*int(sources) + 4*int(be8(b, i+1))
		}
		return name
	case be8(b, 0) == 0x11 && be32(b, 4) == 0:
		return name + ", general"
	case be8(b, 0) == 0x11:
		return name + ", specific for group " + ip4(b, 4)
	}
	return name + " group " + ip4(b, 4)
}
