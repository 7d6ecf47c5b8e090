package capture

import "fmt"

// LinkType is a LINKTYPE_ value of the pcap registry
// (https://www.tcpdump.org/linktypes.html). It is 32 bits wide because values
// above 255 are in use (Linux cooked v2 is 276).
type LinkType uint32

// The link types that netscope decodes. Others are shown as bytes.
const (
	LinkNull     LinkType = 0   // BSD loopback, address family in host order
	LinkEthernet LinkType = 1   //
	LinkPPP      LinkType = 9   // PPP
	LinkRaw12    LinkType = 12  // raw IP, as some systems number it
	LinkRaw14    LinkType = 14  // raw IP, OpenBSD
	LinkPPPHDLC  LinkType = 50  // PPP in HDLC-like framing
	LinkRaw      LinkType = 101 // raw IPv4 or IPv6
	LinkLoop     LinkType = 108 // OpenBSD loopback, address family in network order
	LinkSLL      LinkType = 113 // Linux cooked v1
	LinkIPv4     LinkType = 228 // raw IPv4
	LinkIPv6     LinkType = 229 // raw IPv6
	LinkSLL2     LinkType = 276 // Linux cooked v2
)

// String is the registry's name of the link type, in lower case without the
// LINKTYPE_ prefix, or "link type N".
func (l LinkType) String() string {
	for _, n := range linkNames {
		if n.t == l {
			return n.name
		}
	}
	return fmt.Sprintf("link type %d", uint32(l))
}
