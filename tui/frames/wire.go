package frames

import (
	"sort"

	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/timeline"
)

// maxPackets bounds how many packets of a connection are looked at.
const maxPackets = 100_000

// wire knows when each byte of a TCP connection left its sender for the first
// time. Frames share packets and reach over many, so that a packet's time is
// not enough.
type wire struct {
	next  capture.PacketID
	n     int
	first [2][]departure
	base  [2]uint32 // sequence number of stream offset 0
	begun [2]bool
	prop  [2]timeline.Time // least time from leaving to arriving
}

// departure is a run of stream bytes that left in one packet.
type departure struct {
	off, end    int64
	at, arrived timeline.Time
	packet      capture.PacketID
}

// read takes in the packets that are new in a snapshot.
func (w *wire) read(s *timeline.Snapshot, c timeline.ConvID) {
	for w.n < maxPackets {
		ids := s.ConvPacketRange(c, w.next, 4096)
		for _, id := range ids {
			w.packet(id, s.Packet(id))
			w.next = id + 1
		}
		w.n += len(ids)
		if len(ids) == 0 {
			return
		}
	}
}

func (w *wire) packet(id capture.PacketID, r timeline.PacketRow) {
	d := r.Dir
	if !w.begun[d] {
		w.begun[d], w.base[d] = true, r.Seq
		if r.Flags&timeline.SYN != 0 {
			w.base[d]++
		}
	}
	if r.Arrived >= 0 && (w.prop[d] == 0 || r.Arrived-r.At < w.prop[d]) {
		w.prop[d] = r.Arrived - r.At
	}
	if r.Payload == 0 {
		return
	}
	last := int64(0)
	if n := len(w.first[d]); n > 0 {
		last = w.first[d][n-1].end
	}
	// Sequence numbers have 32 bits: the one nearest to the last is meant.
	off := last + int64(int32(r.Seq-w.base[d]-uint32(last)))
	end := off + int64(r.Payload)
	if end <= last {
		return
	}
	w.first[d] = append(w.first[d], departure{max(off, last), end, r.At, r.Arrived, id})
}

// left is when the byte before off+1 begins to leave, or, with after, when the
// byte before off has left.
func (w *wire) left(d decoders.Dir, off int64, after bool) (timeline.Time, bool) {
	ds := w.first[d]
	at := off
	if after {
		at = off - 1
	}
	i := sort.Search(len(ds), func(i int) bool { return ds[i].end > at })
	if i == len(ds) || at < ds[i].off {
		return 0, false
	}
	x := &ds[i]
	until := x.at
	if x.arrived >= 0 {
		until = max(x.at, x.arrived-w.prop[d])
	} else if i > 0 && ds[i-1].arrived >= 0 { // lost: it took as long as the one before
		until = x.at + max(0, ds[i-1].arrived-w.prop[d]-ds[i-1].at)
	}
	share := float64(off-x.off) / float64(x.end-x.off)
	return x.at + timeline.Time(share*float64(until-x.at)), true
}
