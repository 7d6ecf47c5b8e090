package timeline

import (
	"net/netip"
	"sort"
	"time"

	"netscope/capture"
)

// Snapshot is an immutable view of a timeline. Its methods are safe from any
// goroutine and take no locks (but a store that they read from may). Totals of conversations may be a little newer
// than the snapshot.
type Snapshot struct {
	b    *Builder
	sh   *shared
	tail tail
	kept kept

	packets, moments, messages, closes, updates, events, convs, plain, notes, comments uint64
}

// Epoch is the time that Time 0 stands for.
func (s *Snapshot) Epoch() time.Time { return s.sh.epoch }

// End is the position after everything so far.
func (s *Snapshot) End() Position { return Position(s.moments) }

// Oldest is the oldest position whose state can still be shown.
func (s *Snapshot) Oldest() Position { return Position(s.kept.moments) }

// Now is the time of the last moment, or a lab's clock if that is later.
func (s *Snapshot) Now() Time { return s.tail.now }

// Done reports that the source has ended.
func (s *Snapshot) Done() bool { return s.tail.done }

// Err is the source's error, if it failed.
func (s *Snapshot) Err() error { return s.sh.err }

// Moment is moment number i, Oldest ≤ i < End.
func (s *Snapshot) Moment(i Position) Moment {
	if uint64(i) >= s.moments {
		return Moment{}
	}
	id, kind := uint64(i), Departs
	if s.b.opt.Lab {
		v := s.b.moments.at(uint64(i))
		if v == nil {
			return Moment{}
		}
		id, kind = uint64(*v>>1), MomentKind(*v&1)
	}
	m := Moment{Packet: capture.PacketID(id), Kind: kind}
	if kind == Arrives {
		if l := s.b.lab.at(id); l != nil {
			m.At = l.arrived
		}
	} else if p := s.b.packets.at(id); p != nil {
		m.At = p.at
	}
	return m
}

// TimeOf is the time of the last moment before p.
func (s *Snapshot) TimeOf(p Position) Time {
	if p = min(p, s.End()); p == 0 {
		return 0
	}
	return s.Moment(p - 1).At
}

// PositionAt is the position at which all moments up to and including time t
// have happened. In a capture whose time stamps go backwards it is one of the
// positions next to t.
func (s *Snapshot) PositionAt(t Time) Position {
	lo := int(s.kept.moments)
	n := int(s.moments) - lo
	return Position(lo + sort.Search(n, func(i int) bool { return s.Moment(Position(lo+i)).At > t }))
}

// PacketRange is the half-open range of packets that are kept.
func (s *Snapshot) PacketRange() (first, end capture.PacketID) {
	return capture.PacketID(s.kept.packets), capture.PacketID(s.packets)
}

// Packet is what is kept of a packet; a zero row if it is not there.
func (s *Snapshot) Packet(id capture.PacketID) PacketRow {
	if uint64(id) >= s.packets {
		return PacketRow{Conv: NoConv}
	}
	p := s.b.packets.at(uint64(id))
	if p == nil {
		return PacketRow{Conv: NoConv}
	}
	row := PacketRow{At: p.at, Arrived: p.at, Ref: p.ref, Depart: uint32(id), Conv: p.conv, Length: p.length, CapLen: p.capLen,
		Seq: p.seq, Ack: p.ack, Window: p.window, PayloadOff: p.payloadOff, Payload: p.payload, Tap: p.tap, Analysis: p.analysis,
		Flags: p.flags, Fragment: p.fragment, Dir: p.dir, Loss: p.loss, Transport: p.transport}
	if s.b.opt.Lab {
		if l := s.b.lab.at(uint64(id)); l != nil {
			row.Arrived, row.Depart = l.arrived, l.depart
		}
	} else if p.loss != capture.NotLost {
		row.Arrived = -1
	}
	return row
}

// PacketAt says where a packet is at a position.
func (s *Snapshot) PacketAt(id capture.PacketID, p Position) Where {
	row := s.Packet(id)
	if uint64(id) >= s.packets || Position(row.Depart) >= p {
		return NotYet
	}
	if row.Arrived >= 0 && s.ArrivalPosition(id) <= p {
		return Arrived
	}
	return InFlight
}

// DeparturePosition is the first position at which the packet has left.
func (s *Snapshot) DeparturePosition(id capture.PacketID) Position {
	if !s.b.opt.Lab && uint64(id) < s.packets {
		return Position(id) + 1
	}
	return Position(s.Packet(id).Depart) + 1
}

// ArrivalPosition is the first position at which the packet has arrived (of a
// lost packet: has left). It is beyond End for a packet still in flight.
func (s *Snapshot) ArrivalPosition(id capture.PacketID) Position {
	if !s.b.opt.Lab || uint64(id) >= s.packets {
		return s.DeparturePosition(id)
	}
	l := s.b.lab.at(uint64(id))
	if l == nil {
		return 1
	}
	if l.arrived < 0 {
		return Position(l.depart) + 1
	}
	if m := uint64(l.arrive.Load()); m != 0 && m <= s.moments {
		return Position(m)
	}
	return s.End() + 1
}

// PacketData is a copy of the packet's captured bytes.
func (s *Snapshot) PacketData(id capture.PacketID) ([]byte, error) {
	row := s.Packet(id)
	buf := make([]byte, row.CapLen)
	if len(buf) == 0 {
		return nil, nil
	}
	return buf, s.readRef(buf, row.Ref, 0)
}

// readRef fills buf with the bytes of a packet from off.
func (s *Snapshot) readRef(buf []byte, ref int64, off int) error {
	if ref&1 == 0 {
		_, err := s.b.opt.File.ReadAt(buf, ref>>1+int64(off))
		return err
	}
	if off == 0 {
		return s.b.opt.Store.ReadAt(buf, ref>>1)
	}
	whole := make([]byte, off+len(buf)) // a store reads from where a packet begins
	err := s.b.opt.Store.ReadAt(whole, ref>>1)
	copy(buf, whole[off:])
	return err
}

// Taps are the interfaces or links of the source.
func (s *Snapshot) Taps() []capture.Tap { return s.sh.taps }

// LinkType is the link type of a packet.
func (s *Snapshot) LinkType(id capture.PacketID) capture.LinkType {
	if t := int(s.Packet(id).Tap); t < len(s.sh.taps) {
		return s.sh.taps[t].Link
	}
	return capture.LinkEthernet
}

// HostName is the name of an address, or "".
func (s *Snapshot) HostName(a netip.Addr) string {
	if n, ok := s.b.hosts.Load(a.Unmap()); ok {
		return n.(string)
	}
	return ""
}

// Notes are the notes so far, in order.
func (s *Snapshot) Notes() []NoteRow {
	var out []NoteRow
	for i := s.kept.notes; i < s.notes; i++ {
		if n := s.b.notes.at(i); n != nil {
			out = append(out, *n)
		}
	}
	return out
}

// Secrets is the key material that the source carried.
func (s *Snapshot) Secrets() []capture.Secrets { return s.sh.secrets }

// Comments are comments on the whole capture.
func (s *Snapshot) Comments() []string { return s.sh.comments }

// PacketComment is the comment that the file carries for a packet.
func (s *Snapshot) PacketComment(id capture.PacketID) string {
	l := &s.b.comments
	i := l.search(l.first(), s.comments, func(c *commentRow) bool { return uint64(c.packet) >= uint64(id) })
	if c := l.at(i); i < s.comments && c != nil && uint64(c.packet) == uint64(id) {
		return string(s.detail(c.ref, c.n))
	}
	return ""
}

// Progress is how much of a finite source has been read.
func (s *Snapshot) Progress() capture.Progress { return s.tail.progress }

// Drops counts packets that the capture itself lost.
func (s *Snapshot) Drops() capture.Drops { return s.tail.drops }

// Truncated says where the source broke off, or nil.
func (s *Snapshot) Truncated() *capture.Truncated { return s.sh.cut }

func (s *Snapshot) str(i uint64) string {
	if v := s.b.strings.at(i); v != nil {
		return *v
	}
	return ""
}
