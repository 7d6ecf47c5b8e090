package layers

import "fmt"

// Linux "cooked" headers stand in for the link header where there is none, or
// where packets of several interfaces are captured together. Formats:
// https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html and …_SLL2.html.

// sll decodes the 16 bytes of version 1.
func (w *walk) sll() proto {
	b := w.rest()
	if len(b) < 16 {
		return w.stop(pSLL, "the Linux cooked header is shorter than 16 bytes", true)
	}
	w.push(pSLL, 16, nil)
	return cookedNext(be16(b, 2), be16(b, 14))
}

// sll2 decodes the 20 bytes of version 2.
func (w *walk) sll2() proto {
	b := w.rest()
	if len(b) < 20 {
		return w.stop(pSLL2, "the Linux cooked v2 header is shorter than 20 bytes", true)
	}
	w.push(pSLL2, 20, nil)
	return cookedNext(be16(b, 8), be16(b, 0))
}

// cookedNext reads the protocol field, which is an EtherType for most hardware
// types; values below 1536 are Linux's own.
func cookedNext(hardware, protocol uint16) proto {
	switch hardware {
	case 778, 824, 803, 770: // GRE, netlink, 802.11 radiotap, frame relay: not an EtherType
		if hardware == 778 {
			return protoOfEther(protocol)
		}
		return pNone
	}
	switch protocol {
	case 0x0004:
		return pLLC
	case 0x0001: // 802.3 without an 802.2 header
		return pNone
	}
	if protocol < 0x0600 {
		return pNone
	}
	return protoOfEther(protocol)
}

func renderSLL(s step) Node {
	x := s.box()
	b := s.b
	t := be16(b, 0)
	x.putf("sll.pkttype", "Packet type", 0, 2, "%s (%d)", cookedType(uint8(min(t, 255))), t)
	x.put("sll.hatype", "Link-layer address type", hardwareName(be16(b, 2)), 2, 2)
	n := int(be16(b, 4))
	x.putf("sll.halen", "Link-layer address length", 4, 2, "%d", n)
	putCookedAddress(x, 6, n)
	x.put("sll.etype", "Protocol", etherTypeName(be16(b, 14)), 14, 2)
	return x.node(s, "Linux cooked capture v1", cookedType(uint8(min(t, 255))))
}

func renderSLL2(s step) Node {
	x := s.box()
	b := s.b
	x.put("sll.etype", "Protocol", etherTypeName(be16(b, 0)), 0, 2)
	x.putf("sll.ifindex", "Interface index", 4, 4, "%d", be32(b, 4))
	x.put("sll.hatype", "Link-layer address type", hardwareName(be16(b, 8)), 8, 2)
	x.putf("sll.pkttype", "Packet type", 10, 1, "%s (%d)", cookedType(be8(b, 10)), be8(b, 10))
	n := int(be8(b, 11))
	x.putf("sll.halen", "Link-layer address length", 11, 1, "%d", n)
	putCookedAddress(x, 12, n)
	return x.node(s, "Linux cooked capture v2",
		fmt.Sprintf("interface %d, %s", be32(b, 4), cookedType(be8(b, 10))))
}

// putCookedAddress adds the sender's address, of which eight bytes are kept.
func putCookedAddress(x *box, off, n int) {
	n = min(n, 8)
	if n == 6 {
		x.put("sll.src.eth", "Source", mac(x.b, off), off, 6)
	} else if n > 0 {
		x.put("sll.src.other", "Source", hexBytes(cut(x.b, off, n)), off, n)
	}
	if n < 8 {
		x.put("sll.unused", "Unused", hexBytes(cut(x.b, off+n, 8-n)), off+n, 8-n)
	}
}

func cookedType(t uint8) string {
	switch t {
	case 0:
		return "Unicast to us"
	case 1:
		return "Broadcast"
	case 2:
		return "Multicast"
	case 3:
		return "Unicast to another host"
	case 4:
		return "Sent by us"
	}
	return "Unknown"
}
