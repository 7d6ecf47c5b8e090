package layers

import "fmt"

func renderEthernet(s step) Node {
	x := s.box()
	putMAC(x, "eth.dst", "Destination", 0)
	putMAC(x, "eth.src", "Source", 6)
	label := "Ethernet II"
	if t := be16(s.b, 12); t < 0x0600 {
		label = "IEEE 802.3 Ethernet"
		x.putf("eth.len", "Length", 12, 2, "%d", t)
	} else {
		x.put("eth.type", "Type", etherTypeName(t), 12, 2)
	}
	return x.node(s, label, mac(s.b, 6)+" → "+mac(s.b, 0))
}

// putMAC adds a hardware address and the two flags in its first byte.
func putMAC(x *box, name, label string, off int) {
	n := x.put(name, label, mac(x.b, off), off, 6)
	v := uint64(be8(x.b, off))
	lg, ig := "Globally unique address (factory default)", "Individual address (unicast)"
	if v&2 != 0 {
		lg = "Locally administered address"
	}
	if v&1 != 0 {
		ig = "Group address (multicast/broadcast)"
	}
	n.bits(name+".lg", "LG bit", lg, v, 2, 8)
	n.bits(name+".ig", "IG bit", ig, v, 1, 8)
}

func renderVLAN(s step) Node {
	x := s.box()
	tci := be16(s.b, 0)
	v := uint64(tci)
	n := x.putf("vlan.tci", "Tag control information", 0, 2, "0x%04x", tci)
	n.bits("vlan.priority", "Priority", fmt.Sprintf("%s (%d)", vlanPriority[tci>>13], tci>>13), v, 0xe000, 16)
	dei := "Ineligible"
	if tci&0x1000 != 0 {
		dei = "Eligible"
	}
	n.bits("vlan.dei", "DEI", dei, v, 0x1000, 16)
	n.bits("vlan.id", "ID", fmt.Sprint(tci&0xfff), v, 0xfff, 16)
	x.put("vlan.etype", "Type", etherTypeName(be16(s.b, 2)), 2, 2)
	return x.node(s, "802.1Q Virtual LAN", fmt.Sprintf("ID: %d", tci&0xfff))
}

// vlanPriority names the traffic classes of IEEE 802.1Q.
var vlanPriority = [8]string{
	"Best Effort (default)", "Background", "Excellent Effort", "Critical Applications",
	"Video, < 100ms latency and jitter", "Voice, < 10ms latency and jitter", "Internetwork Control", "Network Control",
}

func renderARP(s step) Node {
	x := s.box()
	b := s.b
	op := be16(b, 6)
	hl, pl := int(be8(b, 4)), int(be8(b, 5))
	x.put("arp.hw.type", "Hardware type", hardwareName(be16(b, 0)), 0, 2)
	x.put("arp.proto.type", "Protocol type", etherTypeName(be16(b, 2)), 2, 2)
	x.putf("arp.hw.size", "Hardware size", 4, 1, "%d", hl)
	x.putf("arp.proto.size", "Protocol size", 5, 1, "%d", pl)
	x.putf("arp.opcode", "Opcode", 6, 2, "%s (%d)", arpOpcode(op), op)
	x.put("arp.src.hw_mac", "Sender MAC address", arpHardware(cut(b, 8, hl)), 8, hl)
	x.put("arp.src.proto_ipv4", "Sender IP address", arpProtocol(cut(b, 8+hl, pl)), 8+hl, pl)
	x.put("arp.dst.hw_mac", "Target MAC address", arpHardware(cut(b, 8+hl+pl, hl)), 8+hl+pl, hl)
	x.put("arp.dst.proto_ipv4", "Target IP address", arpProtocol(cut(b, 8+2*hl+pl, pl)), 8+2*hl+pl, pl)
	return x.node(s, "Address Resolution Protocol", "("+arpOpcode(op)+")")
}

func arpHardware(b []byte) string {
	if len(b) == 6 {
		return mac(b, 0)
	}
	return hexBytes(b)
}

func arpProtocol(b []byte) string {
	if len(b) == 4 {
		return ip4(b, 0)
	}
	return hexBytes(b)
}

func arpOpcode(op uint16) string {
	switch op {
	case 1:
		return "request"
	case 2:
		return "reply"
	case 3:
		return "reverse request"
	case 4:
		return "reverse reply"
	case 8:
		return "inverse request"
	case 9:
		return "inverse reply"
	}
	return "unknown"
}

// arpInfo is an ARP packet's line in a list.
func arpInfo(b []byte) string {
	if be8(b, 4) != 6 || be8(b, 5) != 4 || len(b) < 28 {
		return fmt.Sprintf("ARP %s", arpOpcode(be16(b, 6)))
	}
	sha, spa, tpa := mac(b, 8), ip4(b, 14), ip4(b, 24)
	same := spa == tpa
	switch op := be16(b, 6); {
	case op == 1 && same:
		return "ARP Announcement for " + tpa
	case op == 1 && spa == "0.0.0.0":
		return fmt.Sprintf("Who has %s? (ARP Probe)", tpa)
	case op == 1:
		return fmt.Sprintf("Who has %s? Tell %s", tpa, spa)
	case op == 2 && same:
		return fmt.Sprintf("Gratuitous ARP for %s (Reply)", tpa)
	case op == 2:
		return fmt.Sprintf("%s is at %s", spa, sha)
	default:
		return fmt.Sprintf("ARP %s, sender %s, target %s", arpOpcode(op), spa, tpa)
	}
}
