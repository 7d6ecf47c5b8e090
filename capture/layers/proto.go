package layers

import (
	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

// proto is a protocol that a layer may be of.
type proto uint8

// The protocols that have a name here. pOther is any that gopacket decodes and
// we show by its Go fields.
const (
	pNone proto = iota
	pNull
	pSLL
	pSLL2
	pPPP
	pPPPoE
	pEthernet
	pVLAN
	pARP
	pLLC
	pSNAP
	pSTP
	pLLDP
	pCDP
	pMPLS
	pEAPOL
	pIPv4
	pIPv6
	pHopByHop
	pRouting
	pAtomic // IPv6 fragment header, decoded here
	pDestOpts
	pICMP
	pICMPv6
	pIGMP
	pTCP
	pUDP
	pUDPLite
	pSCTP
	pGRE
	pVXLAN
	pGeneve
	pTeredo
	pEtherIP
	pAH
	pESP
	pOSPF
	pVRRP
	protoCount
)

// protoTable gives each protocol its Wireshark name, the name for people, and
// gopacket's type where gopacket decodes it. It is never written.
var protoTable = [protoCount]struct {
	name  string // as in Wireshark's frame.protocols
	title string // as in Wireshark's tree
	short string // as in a list's protocol column
	layer gopacket.LayerType
}{
	pNone:     {"data", "Data", "DATA", gopacket.LayerTypePayload},
	pNull:     {"null", "Null/Loopback", "NULL", 0},
	pSLL:      {"sll", "Linux cooked capture v1", "SLL", 0},
	pSLL2:     {"sll", "Linux cooked capture v2", "SLL", 0},
	pPPP:      {"ppp", "Point-to-Point Protocol", "PPP", 0},
	pPPPoE:    {"pppoes", "PPP-over-Ethernet", "PPPoE", 0},
	pEthernet: {"eth", "Ethernet II", "Ethernet", layers.LayerTypeEthernet},
	pVLAN:     {"vlan", "802.1Q Virtual LAN", "VLAN", layers.LayerTypeDot1Q},
	pARP:      {"arp", "Address Resolution Protocol", "ARP", layers.LayerTypeARP},
	pLLC:      {"llc", "Logical-Link Control", "LLC", layers.LayerTypeLLC},
	pSNAP:     {"snap", "Subnetwork Access Protocol", "SNAP", layers.LayerTypeSNAP},
	pSTP:      {"stp", "Spanning Tree Protocol", "STP", layers.LayerTypeSTP},
	pLLDP:     {"lldp", "Link Layer Discovery Protocol", "LLDP", layers.LayerTypeLinkLayerDiscovery},
	pCDP:      {"cdp", "Cisco Discovery Protocol", "CDP", layers.LayerTypeCiscoDiscovery},
	pMPLS:     {"mpls", "MultiProtocol Label Switching Header", "MPLS", layers.LayerTypeMPLS},
	pEAPOL:    {"eapol", "802.1X Authentication", "EAPOL", layers.LayerTypeEAPOL},
	pIPv4:     {"ip", "Internet Protocol Version 4", "IPv4", layers.LayerTypeIPv4},
	pIPv6:     {"ipv6", "Internet Protocol Version 6", "IPv6", layers.LayerTypeIPv6},
	pHopByHop: {"ipv6.hopopts", "IPv6 Hop-by-Hop Option", "IPv6", layers.LayerTypeIPv6HopByHop},
	pRouting:  {"ipv6.routing", "Routing Header for IPv6", "IPv6", layers.LayerTypeIPv6Routing},
	pAtomic:   {"ipv6.fraghdr", "Fragment Header for IPv6", "IPv6", layers.LayerTypeIPv6Fragment},
	pDestOpts: {"ipv6.dstopts", "Destination Options for IPv6", "IPv6", layers.LayerTypeIPv6Destination},
	pICMP:     {"icmp", "Internet Control Message Protocol", "ICMP", layers.LayerTypeICMPv4},
	pICMPv6:   {"icmpv6", "Internet Control Message Protocol v6", "ICMPv6", layers.LayerTypeICMPv6},
	pIGMP:     {"igmp", "Internet Group Management Protocol", "IGMP", layers.LayerTypeIGMP},
	pTCP:      {"tcp", "Transmission Control Protocol", "TCP", layers.LayerTypeTCP},
	pUDP:      {"udp", "User Datagram Protocol", "UDP", layers.LayerTypeUDP},
	pUDPLite:  {"udplite", "Lightweight User Datagram Protocol", "UDPlite", layers.LayerTypeUDPLite},
	pSCTP:     {"sctp", "Stream Control Transmission Protocol", "SCTP", layers.LayerTypeSCTP},
	pGRE:      {"gre", "Generic Routing Encapsulation", "GRE", layers.LayerTypeGRE},
	pVXLAN:    {"vxlan", "Virtual eXtensible Local Area Network", "VXLAN", layers.LayerTypeVXLAN},
	pGeneve:   {"geneve", "Generic Network Virtualization Encapsulation", "Geneve", layers.LayerTypeGeneve},
	pTeredo:   {"teredo", "Teredo IPv6 over UDP tunneling", "Teredo", 0},
	pEtherIP:  {"etherip", "Ethernet in IP", "ETHERIP", layers.LayerTypeEtherIP},
	pAH:       {"ah", "Authentication Header", "AH", layers.LayerTypeIPSecAH},
	pESP:      {"esp", "Encapsulating Security Payload", "ESP", layers.LayerTypeIPSecESP},
	pOSPF:     {"ospf", "Open Shortest Path First", "OSPF", layers.LayerTypeOSPF},
	pVRRP:     {"vrrp", "Virtual Router Redundancy Protocol", "VRRP", layers.LayerTypeVRRP},
}

// String is the protocol's short name.
func (p proto) String() string { return protoTable[p].short }

// protoOf finds a protocol by gopacket's type. pNone is what we do not show as
// a layer of its own, such as gopacket's application layers.
func protoOf(t gopacket.LayerType) proto {
	switch t {
	case 0, gopacket.LayerTypePayload, gopacket.LayerTypeFragment:
		return pNone
	case layers.LayerTypePPP:
		return pPPP
	case layers.LayerTypePPPoE:
		return pPPPoE
	}
	for p := range protoTable {
		if protoTable[p].layer == t {
			return proto(p)
		}
	}
	return pNone
}

// protoOfEther finds the protocol of an EtherType.
func protoOfEther(t uint16) proto {
	switch t {
	case 0x88a8, 0x9100, 0x9200:
		return pVLAN // 802.1ad and its predecessors
	case 0x880b:
		return pPPP
	case 0: // gopacket's EthernetTypeLLC, for lengths instead of types
		return pLLC
	}
	return protoOf(layers.EthernetType(t).LayerType())
}

// protoOfIP finds the protocol of an IP protocol number.
func protoOfIP(n uint8) proto {
	if n == 44 {
		return pAtomic
	}
	return protoOf(layers.IPProtocol(n).LayerType())
}

// ipByVersion tells IPv4 from IPv6 by the first four bits.
func ipByVersion(b []byte) proto {
	if len(b) > 0 {
		switch b[0] >> 4 {
		case 4:
			return pIPv4
		case 6:
			return pIPv6
		}
	}
	return pNone
}
