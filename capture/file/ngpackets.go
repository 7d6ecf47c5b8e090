package file

import (
	"time"

	"netscope/capture"
)

// enhancedPacket reads an EPB: interface, time, lengths, data, options.
func (n *ngReader) enhancedPacket(b []byte) error {
	const head = 20
	if len(b) < head {
		return n.in.cut("packet %d has a header of %d bytes instead of %d", n.next+1, len(b), head)
	}
	ticks := uint64(u32(b[4:], n.big))<<32 | uint64(u32(b[8:], n.big))
	return n.packet(u32(b, n.big), ticks, u32(b[12:], n.big), u32(b[16:], n.big), b, head)
}

// oldPacket reads the obsolete packet block, which numbers interfaces with 16 bits.
func (n *ngReader) oldPacket(b []byte) error {
	const head = 20
	if len(b) < head {
		return n.in.cut("packet %d has a header of %d bytes instead of %d", n.next+1, len(b), head)
	}
	ticks := uint64(u32(b[4:], n.big))<<32 | uint64(u32(b[8:], n.big))
	return n.packet(uint32(u16(b, n.big)), ticks, u32(b[12:], n.big), u32(b[16:], n.big), b, head)
}

// simplePacket reads an SPB, which carries neither time nor captured length: it
// gets the time of the packet before, and the length that the interface's snap
// length allows.
func (n *ngReader) simplePacket(b []byte) error {
	const head = 4
	if len(b) < head {
		return n.in.cut("packet %d has a header of %d bytes instead of %d", n.next+1, len(b), head)
	}
	if len(n.ifaces) == 0 {
		return n.in.cut("packet %d stands before any interface description", n.next+1)
	}
	f := &n.ifaces[0]
	orig := u32(b, n.big)
	captured := min(orig, uint32(len(b)-head))
	if f.snapLen != 0 {
		captured = min(captured, f.snapLen)
	}
	return n.emit(f, n.last, captured, orig, b, head)
}

// packet finishes what the two kinds with time and lengths have in common.
func (n *ngReader) packet(ifc uint32, ticks uint64, captured, orig uint32, b []byte, head int) error {
	if int64(ifc) >= int64(len(n.ifaces)) {
		return n.in.cut("packet %d was seen on interface %d, but only %d are described", n.next+1, ifc, len(n.ifaces))
	}
	if captured > maxPacket || int(captured) > len(b)-head {
		return n.in.cut("packet %d claims to have %d captured bytes in a block that has room for %d", n.next+1, captured, len(b)-head)
	}
	f := &n.ifaces[ifc]
	return n.emit(f, f.tick.time(ticks), captured, orig, b, head)
}

func (n *ngReader) emit(f *iface, at time.Time, captured, orig uint32, b []byte, head int) error {
	p := &n.p
	n.last = at
	end := head + int(captured)
	*p = capture.Packet{
		At: at, Arrived: at, Link: f.link, Tap: f.tap,
		Length: wireLength(orig, captured), Data: b[head:end:end],
	}
	if rest := head + pad4(int(captured)); rest < len(b) {
		n.packetOptions(options{b[rest:], n.big})
	}
	return n.runner.packet(p, 8+head)
}

func (n *ngReader) packetOptions(o options) {
	for {
		code, v, ok := o.next()
		switch {
		case !ok:
			return
		case code == optComment:
			n.p.Comment = addLine(n.p.Comment, text(v))
		case n.marked:
			privateOption(&n.p, code, v, n.big)
		}
	}
}
