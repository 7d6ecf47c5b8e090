package netlab

import (
	"encoding/binary"
	"net/netip"
	"sync/atomic"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"

	"netscope/protocols/lab"
)

// endpoint is a stack's end of a link: IP packets go out to a direction and
// come in from the opposite one. It implements stack.LinkEndpoint.
type endpoint struct {
	host *host
	out  *direction
	mtu  atomic.Uint32
	up   atomic.Pointer[dispatcher]
}

type dispatcher struct{ stack.NetworkDispatcher }

var _ stack.LinkEndpoint = (*endpoint)(nil)

func (e *endpoint) MTU() uint32                             { return e.mtu.Load() }
func (e *endpoint) SetMTU(mtu uint32)                       { e.mtu.Store(mtu) }
func (e *endpoint) MaxHeaderLength() uint16                 { return 0 }
func (e *endpoint) LinkAddress() tcpip.LinkAddress          { return "" }
func (e *endpoint) SetLinkAddress(tcpip.LinkAddress)        {}
func (e *endpoint) IsAttached() bool                        { return e.up.Load() != nil }
func (e *endpoint) Wait()                                   {}
func (e *endpoint) ARPHardwareType() header.ARPHardwareType { return header.ARPHardwareNone }
func (e *endpoint) AddHeader(*stack.PacketBuffer)           {}
func (e *endpoint) ParseHeader(*stack.PacketBuffer) bool    { return true }
func (e *endpoint) Close()                                  {}
func (e *endpoint) SetOnCloseAction(func())                 {}

// Capabilities implements stack.LinkEndpoint; see fillChecksum.
func (e *endpoint) Capabilities() stack.LinkEndpointCapabilities {
	if e.host.node.Kind == lab.RouterNode {
		return stack.CapabilityTXChecksumOffload
	}
	return 0
}

func (e *endpoint) Attach(d stack.NetworkDispatcher) {
	if d == nil {
		e.up.Store(nil)
		return
	}
	e.up.Store(&dispatcher{d})
}

// WritePackets hands packets to the driver goroutine. They reach the link at
// this instant, after what was posted before.
func (e *endpoint) WritePackets(list stack.PacketBufferList) (int, tcpip.Error) {
	c := e.host.net.clock
	for _, p := range list.AsSlice() {
		ip := make([]byte, 0, p.Size())
		for _, s := range p.AsSlices() {
			ip = append(ip, s...)
		}
		if e.host.node.owns(destination(ip)) {
			c.post(0, work, func() { e.loopback(ip) })
			continue
		}
		e.host.net.flying.Add(1)
		c.post(0, quiet, func() {
			f := frame{ip: ip}
			if e.host.node.owns(source(ip)) {
				e.host.ids.renumber(ip)
				e.host.completeTooBig(ip)
				if e.host.node.Kind == lab.RouterNode {
					fillChecksum(ip)
				}
			} else {
				f.rec = e.host.leave(ip)
			}
			e.out.send(f)
		})
	}
	return list.Len(), nil
}

// receive hands a packet that a link delivers to the stack.
func (e *endpoint) receive(f frame) {
	e.host.enter(f)
	e.host.hears(f.ip)
	e.loopback(f.ip)
	e.host.net.landed()
}

// loopback hands a packet to the stack: one that crossed a link, or one from
// the host to itself, which crosses none. Driver goroutine only.
func (e *endpoint) loopback(ip []byte) {
	d := e.up.Load()
	if d == nil || len(ip) == 0 {
		return
	}
	proto := ipv4.ProtocolNumber
	if ip[0]>>4 == 6 {
		proto = ipv6.ProtocolNumber
	}
	p := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(ip)})
	d.DeliverNetworkPacket(proto, p)
	p.DecRef()
	e.host.kick()
}

// identifiers numbers a host's IPv4 datagrams 1, 2, 3, …: the stack starts at a
// random number that no seed reaches, and leaves out the number of a datagram
// that it has marked "don't fragment" and then fragments itself. Datagrams that
// cannot be fragmented (RFC 6864) have identification 0 and keep it.
type identifiers struct {
	last  uint16
	flows map[flow]uint16 // number of the datagram whose fragments are going out
}

type flow struct {
	dst   netip.Addr
	proto byte
}

// renumber replaces the identification of an IPv4 packet and mends the header
// checksum. Driver goroutine only.
func (n *identifiers) renumber(ip []byte) {
	if len(ip) < 20 || ip[0]>>4 != 4 {
		return
	}
	old := binary.BigEndian.Uint16(ip[4:])
	const moreFragments, offset = 0x2000, 0x1fff
	flags := binary.BigEndian.Uint16(ip[6:])
	if old == 0 && flags&(moreFragments|offset) == 0 {
		return
	}
	f := flow{destination(ip), ip[9]}
	id, ok := n.flows[f]
	if flags&offset == 0 || !ok {
		n.last++
		if n.last == 0 {
			n.last = 1
		}
		id = n.last
		if n.flows == nil {
			n.flows = map[flow]uint16{}
		}
		n.flows[f] = id
	}
	binary.BigEndian.PutUint16(ip[4:], id)
	amend(ip[10:], old, id)
}
