package timeline

import (
	"time"

	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/drive"
	"netscope/decoders/stream"
)

// live is what the builder alone knows of a conversation while it lasts.
type live struct {
	c       *conv
	flow    *stream.Flow
	drive   *drive.Conv
	off     [2]int64  // UDP: bytes so far, per direction
	by      [2]uint32 // the packet whose arrival makes everything so far delivered
	byAt    [2]Time
	cur     [2]uint32 // packet with the bytes that are being fed
	keys    map[uint32]*keys
	decided bool
	ended   bool
}

// keys maps a parser's own numbers for messages to ours. Old ones are
// forgotten: a parser refers to what is recent.
type keys struct {
	base uint64
	ids  []uint32
}

const maxKeys = 1 << 15

func (k *keys) add(key uint64, id uint32) {
	if len(k.ids) == 0 {
		k.base = key
	}
	for k.base+uint64(len(k.ids)) < key {
		k.ids = append(k.ids, uint32(NoMessage))
	}
	if key >= k.base && key-k.base < uint64(len(k.ids)) {
		k.ids[key-k.base] = id
	} else {
		k.ids = append(k.ids, id)
	}
	if len(k.ids) > 2*maxKeys {
		n := len(k.ids) - maxKeys
		k.ids = append(k.ids[:0], k.ids[n:]...)
		k.base += uint64(n)
	}
}

func (k *keys) get(key uint64) uint32 {
	if k == nil || key < k.base || key-k.base >= uint64(len(k.ids)) {
		return uint32(NoMessage)
	}
	return k.ids[key-k.base]
}

func (b *Builder) conv(id ConvID) *conv {
	if c := b.convs.at(uint64(id)); c != nil {
		return c.Load()
	}
	return nil
}

// conversation finds or makes the record of a packet's flow.
func (b *Builder) conversation(r *stream.Result) *conv {
	f := r.Flow
	if l, ok := f.User.(*live); ok {
		return l.c
	}
	id := ConvID(b.convs.n)
	p := capture.PacketID(b.packets.n - 1)
	c := &conv{head: Conversation{ID: id, Transport: f.Transport, A: f.A, B: f.B, Midway: f.Midway, First: p,
		Start: b.packets.at(uint64(p)).At}}
	b.convs.grow().Store(c)
	l := &live{c: c, flow: f, keys: map[uint32]*keys{}}
	hint := decoders.Hint{Transport: f.Transport, A: f.A, B: f.B, Midway: f.Midway}
	force := ""
	if b.opt.Force != nil {
		force = b.opt.Force(hint)
	}
	l.drive = drive.New(b.opt.Decoders, hint, force, drive.Limits{}, func(gen uint32, dec int, ev *decoders.Event) {
		b.event(l, gen, dec, ev)
	})
	f.User = l
	return c
}

// count adds a packet to its conversation.
func (b *Builder) count(c *conv, id uint32, row *PacketRow, r *stream.Result) {
	row = b.packets.at(uint64(id))
	row.Conv = c.head.ID
	c.npackets.Store(c.packets.append(id) + 1)
	if b.opt.Lab {
		c.nmoments.Store(c.moments.append(row.Depart) + 1)
	}
	d := &c.dirs[r.Dir]
	d.packets.Add(1)
	c.last.Store(id)
	c.end.Store(int64(max(row.At, row.Arrived)))
	c.state.Store(uint32(r.Flow.State))
	c.rtt.Store(r.Flow.HandshakeRTT)
	if b.opt.Lab && row.Payload > 0 {
		b.sent(d, id, row, r)
	}
}

// sent notes how far the direction's bytes have left, each counted once.
func (b *Builder) sent(d *convDir, id uint32, row *PacketRow, r *stream.Result) {
	prev := int64(0)
	if n := d.sent.n; n > 0 {
		prev = d.sent.at(n - 1).end
	}
	end := prev + int64(row.Payload)
	if row.Transport == decoders.TCP {
		// Relative numbers count the SYN as 0, so byte 0 has number 1. They
		// are 32 bits wide: unwrap next to what was sent before.
		rel := r.RelSeq - 1 + uint32(row.Payload)
		end = prev + int64(int32(rel-uint32(prev)))
	}
	if end > prev {
		d.sent.append(sentRow{end: end, packet: id})
		d.nsent.Store(d.sent.n)
	}
}

// deliver feeds the bytes that a packet made available. row is nil at the end
// of the capture.
func (b *Builder) deliver(id uint32, row *PacketRow, r *stream.Result) {
	if row != nil && r.Flow != nil && r.Flow.Transport == decoders.UDP {
		if row.Loss == capture.NotLost {
			b.datagram(id, row, r)
		}
		return
	}
	for i := range r.Delivered {
		d := &r.Delivered[i]
		l, ok := d.Flow.User.(*live)
		if !ok {
			continue
		}
		b.reach(l, d.Dir, id)
		l.cur[d.Dir] = uint32(d.Packet)
		if len(d.Data) > 0 {
			b.segment(l, d.Dir, d.Off, d.Data, uint32(d.Packet), d.PacketOff)
		}
		b.feed(l, d.Dir, d.Gap, d.Data, d.End)
	}
}

func (b *Builder) datagram(id uint32, row *PacketRow, r *stream.Result) {
	l, ok := r.Flow.User.(*live)
	if !ok || len(r.Payload) == 0 {
		return
	}
	b.reach(l, r.Dir, id)
	l.cur[r.Dir] = id
	off := l.off[r.Dir]
	l.off[r.Dir] += int64(len(r.Payload))
	pktOff := r.Header.PayloadOff
	b.segment(l, r.Dir, off, r.Payload, id, pktOff)
	b.feed(l, r.Dir, 0, r.Payload, false)
}

// reach moves on the packet whose arrival makes everything so far delivered:
// in a lab a later packet may arrive earlier.
func (b *Builder) reach(l *live, d decoders.Dir, id uint32) {
	if p := b.packets.at(uint64(id)); p != nil && (!b.opt.Lab || p.Arrived >= l.byAt[d]) {
		l.by[d], l.byAt[d] = id, p.Arrived
	}
}

// segment notes where stream bytes are to be found again.
func (b *Builder) segment(l *live, d decoders.Dir, off int64, data []byte, packet uint32, pktOff int) {
	dir := &l.c.dirs[d]
	if pktOff < 0 {
		ref, err := b.opt.Store.Put(data)
		if err != nil {
			return
		}
		pktOff = int(^b.aux.append(auxRow{ref, uint32(len(data))}))
	}
	dir.segs.append(segRow{off: off, n: uint32(len(data)), packet: packet, pktOff: int32(pktOff), by: l.by[d]})
	dir.nsegs.Store(dir.segs.n)
	dir.bytes.Add(int64(len(data)))
}

func (b *Builder) feed(l *live, d decoders.Dir, gap int64, data []byte, end bool) {
	l.drive.Feed(b.epoch.Add(time.Duration(l.byAt[d])), d, gap, data, end)
}

func (b *Builder) endFlow(f *stream.Flow, id uint32) {
	if l, ok := f.User.(*live); ok {
		l.c.state.Store(uint32(f.State))
		b.finish(l)
		f.User = nil
	}
}

func (b *Builder) finish(l *live) {
	if !l.ended {
		l.ended = true
		l.drive.Finish(b.epoch.Add(time.Duration(b.now)))
		l.keys = nil
	}
}
