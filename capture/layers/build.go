package layers

import (
	"fmt"
	"net/netip"

	"github.com/google/gopacket"
	gl "github.com/google/gopacket/layers"
)

// Segment says what the header of a TCP segment holds that [BuildTCP] makes.
type Segment struct {
	Seq, Ack           uint32
	SYN, ACK, FIN, RST bool
	Window             uint16
}

// BuildTCP makes an IP packet (no link-layer header) with a TCP segment, for
// bytes that were seen at a socket and not on a link. Both addresses are of one
// family; payload and headers fit 65,535 bytes.
func BuildTCP(src, dst netip.AddrPort, s Segment, payload []byte) ([]byte, error) {
	t := &gl.TCP{SrcPort: gl.TCPPort(src.Port()), DstPort: gl.TCPPort(dst.Port()), Seq: s.Seq, Ack: s.Ack,
		SYN: s.SYN, ACK: s.ACK, FIN: s.FIN, RST: s.RST, PSH: len(payload) > 0, Window: s.Window}
	return build(src.Addr(), dst.Addr(), gl.IPProtocolTCP, t, payload)
}

// BuildUDP makes an IP packet with a UDP datagram, as [BuildTCP] does.
func BuildUDP(src, dst netip.AddrPort, payload []byte) ([]byte, error) {
	u := &gl.UDP{SrcPort: gl.UDPPort(src.Port()), DstPort: gl.UDPPort(dst.Port())}
	return build(src.Addr(), dst.Addr(), gl.IPProtocolUDP, u, payload)
}

// transport is a header whose checksum covers the addresses.
type transport interface {
	gopacket.SerializableLayer
	SetNetworkLayerForChecksum(gopacket.NetworkLayer) error
}

func build(src, dst netip.Addr, proto gl.IPProtocol, t transport, payload []byte) ([]byte, error) {
	src, dst = src.Unmap().WithZone(""), dst.Unmap().WithZone("")
	const hops = 64
	var ip gopacket.SerializableLayer
	var network gopacket.NetworkLayer
	switch {
	case !src.IsValid() || !dst.IsValid() || src.Is4() != dst.Is4():
		return nil, fmt.Errorf("no packet goes from %s to %s: both must be IPv4 or both IPv6", src, dst)
	case src.Is4():
		l := &gl.IPv4{Version: 4, TTL: hops, Protocol: proto, SrcIP: src.AsSlice(), DstIP: dst.AsSlice(), Flags: gl.IPv4DontFragment}
		ip, network = l, l
	default:
		l := &gl.IPv6{Version: 6, HopLimit: hops, NextHeader: proto, SrcIP: src.AsSlice(), DstIP: dst.AsSlice()}
		ip, network = l, l
	}
	if len(payload) > 65535-100 {
		return nil, fmt.Errorf("%d bytes do not fit an IP packet", len(payload))
	}
	if err := t.SetNetworkLayerForChecksum(network); err != nil {
		return nil, err
	}
	buf := gopacket.NewSerializeBuffer()
	opt := gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}
	if err := gopacket.SerializeLayers(buf, opt, ip, t, gopacket.Payload(payload)); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}
