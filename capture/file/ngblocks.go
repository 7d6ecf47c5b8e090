package file

import (
	"bytes"
	"net/netip"

	"netscope/capture"
)

// section reads a section header: interfaces are numbered anew after it.
func (n *ngReader) section(b []byte) error {
	n.ifaces, n.marked = n.ifaces[:0], false
	n.dropped = capture.Drops{}
	for o := (options{b[16:], n.big}); ; {
		code, v, ok := o.next()
		switch {
		case !ok:
			return nil
		case code == optComment:
			if err := n.sink.Meta(capture.Comment(text(v))); err != nil {
				return err
			}
		case code == optMarker:
			n.marked = string(v) == marker
		}
	}
}

func (n *ngReader) interfaceDescription(b []byte) error {
	if len(b) < 8 {
		return n.in.cut("an interface description has %d bytes instead of 8", len(b))
	}
	if n.taps >= maxTaps {
		return n.in.cut("the capture describes more than %d interfaces", maxTaps)
	}
	f := iface{link: capture.LinkType(u16(b, n.big)), snapLen: u32(b[4:], n.big)}
	t := capture.Tap{Link: f.link, SnapLen: int(min(f.snapLen, 1<<31-1))}
	resol, offset := byte(6), int64(0)
	for o := (options{b[8:], n.big}); ; {
		code, v, ok := o.next()
		if !ok {
			break
		}
		switch {
		case code == ifName:
			t.Name = text(v)
		case code == ifDescription:
			t.Description = text(v)
		case code == ifTsResol && len(v) >= 1:
			resol = v[0]
		case code == ifTsOffset && len(v) >= 8:
			offset = int64(u64(v, n.big))
		}
	}
	f.tick = newTick(resol, offset)
	var err error
	f.tap, err = n.tap(t)
	n.ifaces = append(n.ifaces, f)
	return err
}

// names reads a name resolution block: records of an address and one or more
// zero-terminated names.
func (n *ngReader) names(b []byte) error {
	for len(b) >= 4 {
		kind, size := u16(b, n.big), int(u16(b[2:], n.big))
		if kind == 0 || size > len(b)-4 {
			b = b[4:]
			break
		}
		v := b[4 : 4+size]
		b = b[min(4+pad4(size), len(b)):]
		alen := 0
		switch kind {
		case 1:
			alen = 4
		case 2:
			alen = 16
		}
		if alen == 0 || len(v) < alen {
			continue // Ethernet addresses and future kinds
		}
		addr, _ := netip.AddrFromSlice(v[:alen])
		for name := range bytes.SplitSeq(v[alen:], []byte{0}) {
			if len(name) == 0 {
				continue
			}
			if err := n.sink.Meta(capture.Name{Addr: addr, Host: text(name)}); err != nil {
				return err
			}
		}
	}
	return n.comments(options{b, n.big})
}

// comments tells those of a block that has nothing else to comment on.
func (n *ngReader) comments(o options) error {
	for {
		code, v, ok := o.next()
		if !ok {
			return nil
		}
		if code == optComment {
			if err := n.sink.Meta(capture.Comment(text(v))); err != nil {
				return err
			}
		}
	}
}

// statistics reads drop counters. They count from the start of the capture, for
// each interface, and are told as sums when they have changed.
func (n *ngReader) statistics(b []byte) error {
	if len(b) < 12 {
		return n.in.cut("interface statistics have %d bytes instead of 12", len(b))
	}
	ifc := u32(b, n.big)
	if int64(ifc) >= int64(len(n.ifaces)) {
		return nil
	}
	var d capture.Drops
	for o := (options{b[12:], n.big}); ; {
		code, v, ok := o.next()
		if !ok {
			break
		}
		switch {
		case len(v) < 8:
		case code == isbIfDrop, code == isbOSDrop:
			d.Kernel += u64(v, n.big)
		case code == optSpoolDrop && n.marked:
			d.Spool = u64(v, n.big)
		}
	}
	n.ifaces[ifc].drops = d
	var sum capture.Drops
	for _, f := range n.ifaces {
		sum.Kernel += f.drops.Kernel
		sum.Spool += f.drops.Spool
	}
	if sum != n.dropped {
		n.dropped = sum
		if err := n.sink.Meta(sum); err != nil {
			return err
		}
	}
	return n.comments(options{b[12:], n.big})
}

func (n *ngReader) secrets(b []byte) error {
	if len(b) < 8 {
		return n.in.cut("a secrets block has %d bytes instead of 8", len(b))
	}
	size := u32(b[4:], n.big)
	if int64(size) > int64(len(b)-8) {
		return n.in.cut("a secrets block claims to hold %d bytes in a block that has room for %d", size, len(b)-8)
	}
	return n.sink.Meta(capture.Secrets{Type: u32(b, n.big), Data: bytes.Clone(b[8 : 8+size])})
}
