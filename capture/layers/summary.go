package layers

import "fmt"

// summarize walks outwards in: each layer overwrites what the list shows, as in
// Wireshark, so that the innermost addresses and protocol remain.
func (w *walk) summarize() Summary {
	sum := Summary{Proto: w.link.String(), Info: byteCount(w.wend)}
	var net step
	for _, s := range w.steps {
		sum.Proto = protoTable[s.proto].short
		switch s.proto {
		case pEthernet:
			sum.Src, sum.Dst = mac(s.b, 6), mac(s.b, 0)
			sum.Info = etherTypeName(be16(s.b, 12))
		case pSLL:
			sum.Src, sum.Dst = cookedSource(s.b, 6, int(be16(s.b, 4))), ""
			sum.Info = cookedType(uint8(min(be16(s.b, 0), 255)))
		case pSLL2:
			sum.Src, sum.Dst = cookedSource(s.b, 12, int(be8(s.b, 11))), ""
			sum.Info = cookedType(be8(s.b, 10))
		case pIPv4:
			net = s
			sum.Src, sum.Dst = ip4(s.b, 12), ip4(s.b, 16)
			sum.Info = w.ip4Info(s)
		case pIPv6:
			net = s
			sum.Src, sum.Dst = ip6(s.b, 8), ip6(s.b, 24)
			sum.Info = ipProtoName(be8(s.b, 6))
		case pAtomic:
			sum.Info = fragment6Info(s)
		case pARP:
			sum.Info = arpInfo(s.b)
		case pICMP:
			sum.Info = icmpInfo(s, net)
		case pICMPv6:
			sum.Info = icmp6Info(s, net)
		case pIGMP:
			sum.Proto = fmt.Sprintf("IGMPv%d", igmpVersion(s.b))
			sum.Info = igmpInfo(s.b)
		case pTCP:
			sum.Info = tcpInfo(s)
		case pUDP:
			sum.Info = udpInfo(s)
		case pVLAN:
			sum.Info = fmt.Sprintf("ID: %d, %s", be16(s.b, 0)&0xfff, etherTypeName(be16(s.b, 2)))
		case pVXLAN:
			sum.Info = fmt.Sprintf("VNI: %d", be32(s.b, 4)>>8)
		case pPPP:
			sum.Info = renderPPP(s).Value
		case pPPPoE:
			sum.Info = pppoeCode(be8(s.b, 1))
		default:
			sum.Info = protoTable[s.proto].title
		}
	}
	if w.err != "" {
		sum.Info += " [" + w.err + "]"
	}
	return sum
}

func cookedSource(b []byte, off, n int) string {
	if n == 6 {
		return mac(b, off)
	}
	return hexBytes(cut(b, off, min(n, 8)))
}

func (w *walk) ip4Info(s step) string {
	p := be8(s.b, 9)
	if isFragment(s) {
		return fmt.Sprintf("Fragmented IP protocol (proto=%s %d, off=%d, ID=%04x)",
			ipProtoShort(p), p, int(be16(s.b, 6)&0x1fff)*8, be16(s.b, 4))
	}
	return ipProtoName(p)
}

func fragment6Info(s step) string {
	v, more := be16(s.b, 2), "n"
	if v&1 != 0 {
		more = "y"
	}
	return fmt.Sprintf("IPv6 fragment (off=%d more=%s ident=0x%08x nxt=%d)", v&0xfff8, more, be32(s.b, 4), be8(s.b, 0))
}
