package layers

import (
	"fmt"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

// collector takes the place of gopacket's packet: it keeps the layers that one
// decoder finds and does not run the next decoder, but remembers it. So we see
// each layer's place, stop before application protocols, and a panic costs one
// layer instead of the packet.
type collector struct {
	layers []gopacket.Layer
	next   gopacket.Decoder
	short  bool // the decoder missed bytes
	opts   gopacket.DecodeOptions
}

func (c *collector) SetTruncated()                                 { c.short = true }
func (c *collector) AddLayer(l gopacket.Layer)                     { c.layers = append(c.layers, l) }
func (c *collector) SetLinkLayer(gopacket.LinkLayer)               {}
func (c *collector) SetNetworkLayer(gopacket.NetworkLayer)         {}
func (c *collector) SetTransportLayer(gopacket.TransportLayer)     {}
func (c *collector) SetApplicationLayer(gopacket.ApplicationLayer) {}
func (c *collector) SetErrorLayer(gopacket.ErrorLayer)             {}
func (c *collector) NextDecoder(d gopacket.Decoder) error          { c.next = d; return nil }
func (c *collector) DumpPacketData()                               {}
func (c *collector) DecodeOptions() *gopacket.DecodeOptions        { return &c.opts }

// decode runs one of gopacket's decoders; a panic becomes an error.
func (c *collector) decode(d gopacket.Decoder, data []byte) (err error) {
	defer func() {
		if r := recover(); r != nil {
			c.short = true // nearly always an index beyond the end
			err = fmt.Errorf("%v", r)
		}
	}()
	return d.Decode(data, c)
}

// byGopacket decodes one layer with gopacket.
func (w *walk) byGopacket(p proto) proto {
	var c collector
	err := c.decode(protoTable[p].layer, w.rest())
	if len(c.layers) == 0 {
		return w.stop(p, reason(p, err), c.short)
	}
	for _, l := range c.layers {
		p = protoOf(l.LayerType())
		head := len(l.LayerContents())
		if head == 0 || head > w.end-w.off || (err != nil && len(l.LayerPayload()) == 0) {
			return w.stop(p, reason(p, err), c.short)
		}
		s := w.push(p, head, l)
		if err != nil {
			s.err = reason(p, err)
		}
		w.limit(s, l)
	}
	if err != nil {
		// A bad option does not make the rest unreadable: go on, as Wireshark does.
		w.err = reason(p, err)
	}
	return w.successor(p, c.layers[len(c.layers)-1], c.next)
}

// limit applies the length that a header states to what it carries.
func (w *walk) limit(s *step, l gopacket.Layer) {
	switch l := l.(type) {
	case *layers.IPv4:
		w.bound(s, int(l.Length))
	case *layers.IPv6:
		if l.Length > 0 {
			w.bound(s, 40+int(l.Length))
		}
	case *layers.UDP:
		if l.Length >= 8 {
			w.bound(s, int(l.Length))
		}
	case *layers.Ethernet:
		if l.EthernetType == layers.EthernetTypeLLC {
			w.bound(s, 14+int(l.Length))
		}
	case *layers.ARP:
		w.bound(s, s.head)
	}
}

// successor says what follows a layer.
func (w *walk) successor(p proto, l gopacket.Layer, next gopacket.Decoder) proto {
	switch p {
	case pTCP, pARP:
		return pNone
	case pUDP:
		return tunnelInUDP(w.steps[len(w.steps)-1].b, next)
	}
	switch l := l.(type) {
	case *layers.IPv4:
		if l.FragOffset != 0 || l.Flags&layers.IPv4MoreFragments != 0 {
			return pNone
		}
		return protoOfIP(uint8(l.Protocol))
	case *layers.IPv6:
		return protoOfIP(uint8(l.NextHeader))
	case *layers.IPv6HopByHop:
		return protoOfIP(uint8(l.NextHeader))
	case *layers.IPv6Destination:
		return protoOfIP(uint8(l.NextHeader))
	case *layers.IPv6Routing:
		return protoOfIP(uint8(l.NextHeader))
	case *layers.Ethernet:
		return protoOfEther(uint16(l.EthernetType))
	case *layers.Dot1Q:
		return protoOfEther(uint16(l.Type))
	case *layers.SNAP:
		return protoOfEther(uint16(l.Type))
	case *layers.GRE:
		return protoOfEther(uint16(l.Protocol))
	case *layers.VXLAN:
		return pEthernet
	case *layers.Geneve:
		return protoOfEther(uint16(l.Protocol))
	}
	switch d := next.(type) {
	case gopacket.LayerType:
		return protoOf(d)
	case interface{ LayerType() gopacket.LayerType }:
		return protoOf(d.LayerType())
	}
	return pNone
}

// tunnelInUDP recognizes, by port, the tunnels that gopacket knows. Everything
// else in UDP belongs to the application decoders.
func tunnelInUDP(udp []byte, next gopacket.Decoder) proto {
	if t, ok := next.(gopacket.LayerType); ok {
		switch t {
		case layers.LayerTypeVXLAN, layers.LayerTypeGeneve:
			return protoOf(t)
		}
	}
	if (be16(udp, 0) == teredoPort || be16(udp, 2) == teredoPort) && teredoHeader(udp[8:]) >= 0 {
		return pTeredo
	}
	return pNone
}

// reason is a decoder's complaint as a sentence about the layer.
func reason(p proto, err error) string {
	if err == nil {
		return fmt.Sprintf("the %s header is malformed", p)
	}
	return fmt.Sprintf("the %s header is malformed: %v", p, err)
}
