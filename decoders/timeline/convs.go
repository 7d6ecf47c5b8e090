package timeline

import (
	"time"

	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/drive"
	"netscope/decoders/stream"
)

// live is what the builder alone knows of a conversation while it lasts. It is
// the sink of the conversation's driver.
type live struct {
	b       *Builder
	c       *conv
	drive   *drive.Conv // nil: no bytes so far
	off     [2]int64    // UDP: bytes so far, per direction
	by      [2]uint32   // the packet whose arrival makes everything so far delivered
	byAt    [2]Time
	cur     [2]uint32 // packet with the bytes that are being fed
	decided bool      // the conversation's protocol is known
	proto   string    // of an inner stream: the decoder that it asks for
	inner   map[int64]*live
	kept    map[int64]*live // plaintext that the parser decodes itself, see kept.go
	depth   int             // of an inner stream: how many conversations it lies in
	flows   int             // other flows that go on with this conversation
}

// conv finds a conversation, in memory or in the details store; nil if it is
// not there any more.
func (b *Builder) conv(id ConvID) *conv {
	slot := b.slot(id)
	if slot == nil {
		return nil
	}
	if c := slot.live.Load(); c != nil {
		return c
	}
	return b.thaw(id, slot)
}

// conversation finds or makes the record of a packet's flow.
func (b *Builder) conversation(r *stream.Result, packet uint32, at Time) *conv {
	f := r.Flow
	if l, ok := f.User.(*live); ok {
		b.moved(l, f, packet)
		return l.c
	}
	if l := b.follow(r); l != nil {
		f.User = l
		b.moved(l, f, packet)
		return l.c
	}
	c := &conv{id: ConvID(b.convs.n), transport: f.Transport, midway: f.Midway, a: f.A, b: f.B, first: packet, start: at}
	b.convs.grow().live.Store(c)
	f.User = &live{b: b, c: c}
	return c
}

// driver is the conversation's driver, made when the first bytes come.
func (l *live) driver() *drive.Conv {
	if l.drive == nil {
		hint := decoders.Hint{Transport: l.c.transport, A: l.c.a, B: l.c.b, Midway: l.c.midway}
		force := ""
		if l.b.opt.Force != nil {
			force = l.b.opt.Force(hint)
		}
		if l.c.nested && l.proto != "" {
			force = l.proto
		}
		l.drive = drive.New(l.b.opt.Decoders, hint, force, drive.Limits{Secrets: l.b.keys()}, l)
	}
	return l.drive
}

// count adds a packet to its conversation.
func (b *Builder) count(c *conv, id uint32, row *packetRow, r *stream.Result) {
	c.npackets.Store(c.packets.append(id) + 1)
	arrived := row.at
	if b.opt.Lab {
		x := b.lab.at(uint64(id))
		c.nmoments.Store(c.moments.append(x.depart) + 1)
		arrived = max(arrived, x.arrived)
	}
	d := &c.dirs[r.Dir]
	d.packets.Add(1)
	c.last.Store(id)
	c.end.Store(int64(arrived))
	c.state.Store(uint32(r.Flow.State))
	if rtt := r.Flow.HandshakeRTT; rtt != 0 {
		c.rtt.Store(rtt)
	}
	if b.opt.Lab && row.payload > 0 {
		d.sentUpTo(id, row)
	}
}

// sentUpTo notes how far the direction's bytes have left, each counted once.
func (d *convDir) sentUpTo(id uint32, row *packetRow) {
	prev := int64(0)
	if n := d.sent.n; n > 0 {
		prev = d.sent.at(n - 1).end
	}
	end := prev + int64(row.payload)
	if row.transport == decoders.TCP {
		// Relative numbers count the SYN as 0, so byte 0 has number 1. They
		// are 32 bits wide: unwrap next to what was sent before.
		rel := row.seq - 1 + uint32(row.payload)
		end = prev + int64(int32(rel-uint32(prev)))
	}
	if end > prev {
		d.sent.append(sentRow{end: end, packet: id})
		d.nsent.Store(d.sent.n)
	}
}

// deliver feeds the bytes that a packet made available. row is nil at the end
// of the capture.
func (b *Builder) deliver(id uint32, row *packetRow, r *stream.Result) {
	if row != nil && r.Flow != nil && r.Flow.Transport == decoders.UDP {
		if l, ok := r.Flow.User.(*live); ok && row.loss == capture.NotLost && len(r.Payload) > 0 {
			l.driver().From(l.source(r))
			l.bytes(id, stream.Delivery{Dir: r.Dir, Off: l.off[r.Dir], Data: r.Payload,
				Packet: capture.PacketID(id), PacketOff: r.Header.PayloadOff})
			l.off[r.Dir] += int64(len(r.Payload))
			if l.drive.Roves() {
				b.roves(l)
			}
		}
		return
	}
	for i := range r.Delivered {
		if l, ok := r.Delivered[i].Flow.User.(*live); ok {
			l.bytes(id, r.Delivered[i])
		}
	}
}

// bytes takes ordered bytes that the arrival of a packet made available.
func (l *live) bytes(id uint32, d stream.Delivery) {
	l.reach(d.Dir, id)
	l.cur[d.Dir] = uint32(d.Packet)
	if len(d.Data) > 0 {
		l.segment(&d)
	} else if l.drive == nil {
		return
	}
	l.driver().Feed(l.b.epoch.Add(time.Duration(l.byAt[d.Dir])), d.Dir, d.Gap, d.Data, d.End)
}

// reach moves on the packet whose arrival makes everything so far delivered. In
// a lab a later packet may arrive earlier: TCP then waits for the other, UDP
// does not.
func (l *live) reach(d decoders.Dir, id uint32) {
	b := l.b
	if !b.opt.Lab {
		l.by[d] = id
		if row := b.packets.at(uint64(id)); row != nil {
			l.byAt[d] = row.at
		}
		return
	}
	row := b.lab.at(uint64(id))
	if row != nil && (row.arrived >= l.byAt[d] || l.c.transport == decoders.UDP) {
		l.by[d], l.byAt[d] = id, row.arrived
	}
}

// segment notes where stream bytes are to be found again.
func (l *live) segment(d *stream.Delivery) {
	b, dir := l.b, &l.c.dirs[d.Dir]
	g := seg{off: d.Off, n: uint32(len(d.Data)), packet: uint32(d.Packet), pktOff: int32(d.PacketOff), by: l.by[d.Dir]}
	if d.PacketOff < 0 {
		ref, err := b.opt.Store.Put(d.Data)
		if err != nil {
			return
		}
		g.pktOff = int32(^b.aux.append(auxRow{ref, g.n, g.by}))
	}
	if row, ok := b.pack(g); ok {
		dir.segs.append(row)
		dir.nsegs.Store(dir.segs.n)
	}
	dir.bytes.Add(int64(g.n))
}

// over ends conversations that are over.
func (b *Builder) over(flows []*stream.Flow, id uint32) {
	for _, f := range flows {
		l, ok := f.User.(*live)
		if !ok {
			continue
		}
		f.User = nil
		if l.flows > 0 {
			l.flows--
			continue
		}
		b.settled(l)
		l.finish(f.State)
	}
}
