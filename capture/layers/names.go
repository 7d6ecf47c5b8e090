package layers

import "fmt"

func etherTypeName(t uint16) string {
	name := "Unknown"
	switch t {
	case 0x0004:
		name = "802.2 LLC"
	case 0x0800:
		name = "IPv4"
	case 0x0806:
		name = "ARP"
	case 0x6558:
		name = "Transparent Ethernet bridging"
	case 0x8035:
		name = "RARP"
	case 0x8100:
		name = "802.1Q Virtual LAN"
	case 0x86dd:
		name = "IPv6"
	case 0x8808:
		name = "MAC Control"
	case 0x880b:
		name = "PPP"
	case 0x8847:
		name = "MPLS label switched packet"
	case 0x8848:
		name = "MPLS multicast"
	case 0x8863:
		name = "PPPoE Discovery"
	case 0x8864:
		name = "PPPoE Session"
	case 0x888e:
		name = "802.1X Authentication"
	case 0x88a8:
		name = "802.1ad Provider Bridge (Q-in-Q)"
	case 0x88cc:
		name = "LLDP"
	case 0x88be:
		name = "ERSPAN"
	case 0x9000:
		name = "Configuration Test Protocol (loopback)"
	}
	return fmt.Sprintf("%s (0x%04x)", name, t)
}

// hardwareName names an ARP hardware type, which Linux's ARPHRD_ numbers extend.
func hardwareName(t uint16) string {
	name := "Unknown"
	switch t {
	case 1:
		name = "Ethernet"
	case 6:
		name = "IEEE 802"
	case 24:
		name = "IEEE 1394"
	case 32:
		name = "InfiniBand"
	case 512:
		name = "PPP"
	case 768:
		name = "IPIP tunnel"
	case 769:
		name = "IPv6 tunnel"
	case 772:
		name = "Loopback"
	case 776:
		name = "SIT tunnel"
	case 778:
		name = "GRE tunnel"
	case 801:
		name = "IEEE 802.11"
	case 803:
		name = "IEEE 802.11 + radiotap"
	case 824:
		name = "Netlink"
	case 65534:
		name = "None"
	}
	return fmt.Sprintf("%s (%d)", name, t)
}

// ipProtoShort names an IP protocol as Wireshark's lists do.
func ipProtoShort(n uint8) string {
	switch n {
	case 0:
		return "IPv6 Hop-by-Hop Option"
	case 1:
		return "ICMP"
	case 2:
		return "IGMP"
	case 4:
		return "IPIP"
	case 6:
		return "TCP"
	case 17:
		return "UDP"
	case 41:
		return "IPv6"
	case 43:
		return "Routing Header for IPv6"
	case 44:
		return "Fragment Header for IPv6"
	case 46:
		return "RSVP"
	case 47:
		return "Generic Routing Encapsulation"
	case 50:
		return "Encap Security Payload"
	case 51:
		return "Authentication Header"
	case 58:
		return "ICMPv6"
	case 59:
		return "No Next Header for IPv6"
	case 60:
		return "Destination Options for IPv6"
	case 88:
		return "EIGRP"
	case 89:
		return "OSPF IGP"
	case 103:
		return "PIM"
	case 112:
		return "VRRP"
	case 132:
		return "SCTP"
	case 136:
		return "UDPlite"
	}
	return "Unknown"
}

func ipProtoName(n uint8) string { return fmt.Sprintf("%s (%d)", ipProtoShort(n), n) }

// dscpName names the code points of RFC 2474, RFC 2597, RFC 3246 and RFC 5865.
func dscpName(d uint8) string {
	switch {
	case d&7 == 0:
		return fmt.Sprintf("CS%d", d>>3)
	case d == 46:
		return "EF PHB"
	case d == 44:
		return "VOICE-ADMIT"
	case d == 1:
		return "LE"
	case d >= 10 && d <= 38 && d&1 == 0:
		return fmt.Sprintf("AF%d%d", d>>3, d>>1&3)
	}
	return "Unknown"
}

func ecnName(e uint8) string {
	return [4]string{"Not-ECT", "ECT(1)", "ECT(0)", "CE"}[e&3]
}

func dscpLong(d uint8) string {
	switch s := dscpName(d); {
	case d == 0:
		return "Default"
	case s[0] == 'C':
		return "Class Selector " + s[2:]
	case s[0] == 'A':
		return "Assured Forwarding " + s[2:]
	case d == 46:
		return "Expedited Forwarding"
	default:
		return s
	}
}

func ecnLong(e uint8) string {
	return [4]string{
		"Not ECN-Capable Transport", "ECN-Capable Transport codepoint '01'",
		"ECN-Capable Transport codepoint '10'", "Congestion Experienced",
	}[e&3]
}
