package timeline

import (
	"errors"
	"io"
	"strings"

	"netscope/capture"
	"netscope/decoders"
)

// Span is a run of packet bytes that carry stream bytes.
type Span struct {
	Packet    capture.PacketID
	PacketOff int   // offset in the packet, -1 if the packet was in fragments
	StreamOff int64 //
	Len       int
}

// ErrGap is what a reader of stream bytes ends with where the capture lacks
// some.
var ErrGap = errors.New("the capture lacks the bytes that follow")

// carries is the range of stream offsets whose bytes a packet contains.
func (s *Snapshot) carries(dir *convDir, packet uint32) (lo, hi int64, ok bool) {
	n := dir.nsegs.Load()
	i := dir.segs.search(dir.segs.first(), n, func(r *segRow) bool { return s.b.by(r) >= packet })
	for j := i; j < n && j < i+1024; j++ {
		r := dir.segs.at(j)
		if r == nil {
			break
		}
		if g, have := s.b.unpack(r); have && g.packet == packet {
			if !ok {
				lo = g.off
			}
			hi, ok = g.off+int64(g.n), true
		} else if ok {
			break
		}
	}
	return lo, hi, ok
}

// segments calls f for the segments that hold n bytes from off, in order.
func (s *Snapshot) segments(c ConvID, d decoders.Dir, off, n int64, f func(*seg) bool) {
	cv := s.conv(c)
	if cv == nil {
		return
	}
	dir := &cv.dirs[d]
	end := dir.nsegs.Load()
	i := dir.segs.search(dir.segs.first(), end, func(r *segRow) bool { return r.end() > off })
	for ; i < end; i++ {
		r := dir.segs.at(i)
		if r == nil || r.off() >= off+n {
			return
		}
		if g, ok := s.b.unpack(r); ok && !f(&g) {
			return
		}
	}
}

// StreamSpans says which packet bytes carry n stream bytes from off, at most
// 10,000 runs.
func (s *Snapshot) StreamSpans(c ConvID, d decoders.Dir, off, n int64) []Span {
	var out []Span
	s.segments(c, d, off, n, func(g *seg) bool {
		lo, hi := max(off, g.off), min(off+n, g.off+int64(g.n))
		sp := Span{Packet: capture.PacketID(g.packet), PacketOff: -1, StreamOff: lo, Len: int(hi - lo)}
		if g.pktOff >= 0 {
			sp.PacketOff = int(g.pktOff) + int(lo-g.off)
		}
		out = append(out, sp)
		return len(out) < 10000
	})
	return out
}

// MessagePackets are the packets that carry a message's bytes, in order.
func (s *Snapshot) MessagePackets(id MessageID) []capture.PacketID {
	m := s.Message(id)
	var out []capture.PacketID
	for _, sp := range s.StreamSpans(m.Source, m.Dir, m.Off, max(m.Total, 1)) {
		if n := len(out); n == 0 || out[n-1] != sp.Packet {
			out = append(out, sp.Packet)
		}
	}
	return out
}

// Delivered is how many bytes of one direction had been delivered to the
// receiver by p: of TCP in order, of UDP those of the latest datagram that had
// arrived, and all before it.
func (s *Snapshot) Delivered(c ConvID, d decoders.Dir, p Position) int64 {
	cv := s.conv(c)
	if cv == nil {
		return 0
	}
	dir := &cv.dirs[d]
	first := dir.segs.first()
	after := func(at func(capture.PacketID) Position) func(*segRow) bool {
		return func(r *segRow) bool {
			by := capture.PacketID(s.b.by(r))
			return uint64(by) >= s.packets || at(by) > p
		}
	}
	arrives := after(s.ArrivalPosition)
	var i uint64
	if s.b.opt.Lab && cv.transport == decoders.UDP { // ordered by departure only
		i = dir.segs.search(first, dir.nsegs.Load(), after(s.DeparturePosition))
		for i > first && arrives(dir.segs.at(i-1)) {
			i--
		}
	} else {
		i = dir.segs.search(first, dir.nsegs.Load(), arrives)
	}
	if i == first {
		return 0
	}
	return dir.segs.at(i - 1).end()
}

// Sent is how many bytes of one direction had left the sender by p, each
// counted once. In a capture what is sent is what is delivered.
func (s *Snapshot) Sent(c ConvID, d decoders.Dir, p Position) int64 {
	if !s.b.opt.Lab {
		return s.Delivered(c, d, p)
	}
	cv := s.conv(c)
	if cv == nil {
		return 0
	}
	dir := &cv.dirs[d]
	first := dir.sent.first()
	i := dir.sent.search(first, dir.nsent.Load(), func(r *sentRow) bool {
		return uint64(r.packet) >= s.packets || s.DeparturePosition(capture.PacketID(r.packet)) > p
	})
	if i == first {
		return 0
	}
	return dir.sent.at(i - 1).end
}

// Exposed prepares a message for Explain and Body, with at most max bytes Raw.
func (s *Snapshot) Exposed(id MessageID, max int) (decoders.Exposed, error) {
	m := s.Message(id)
	if m.ID == NoMessage {
		return decoders.Exposed{}, errors.New("there is no such message any more")
	}
	x := s.expose(&m)
	raw, err := s.StreamBytes(m.Source, m.Dir, m.Off, int(min(int64(max), m.Total)))
	if errors.Is(err, ErrGap) {
		err = nil
	}
	x.Raw = raw
	if m.ReplyTo != NoMessage {
		rq := s.Message(m.ReplyTo)
		rx := s.expose(&rq)
		x.Request = &rx
	}
	return x, err
}

func (s *Snapshot) expose(m *Message) decoders.Exposed {
	c := s.Conversation(m.Conv)
	return decoders.Exposed{Hint: decoders.Hint{Transport: c.Transport, A: c.A, B: c.B, Midway: c.Midway},
		Dir: m.Dir, Kind: m.Kind, Proto: m.Proto, Name: m.Name, Fields: m.Fields,
		Off: m.Off, HeadLen: m.HeadLen, Total: m.Total, Plain: m.Plain}
}

func (s *Snapshot) decoder(id MessageID) decoders.Decoder {
	row := s.row(id)
	if row == nil || int(row.dec) >= len(s.b.opt.Decoders) {
		return nil
	}
	return s.b.opt.Decoders[row.dec]
}

// explainMax is how many bytes of a message its field tree is made from.
const explainMax = 64 << 10

// Explain gives the message's full field tree.
func (s *Snapshot) Explain(id MessageID) decoders.Field {
	d := s.decoder(id)
	if d == nil {
		return decoders.Field{}
	}
	x, err := s.Exposed(id, explainMax)
	if err != nil {
		return decoders.Field{Label: "The message's bytes cannot be read", Value: err.Error(), Bad: true}
	}
	return d.Explain(x)
}

// Body gives the content of a message for display (chunks joined,
// decompressed), without holding it in memory.
func (s *Snapshot) Body(id MessageID) (io.Reader, error) {
	m := s.Message(id)
	x, err := s.Exposed(id, explainMax)
	if err != nil {
		return nil, err
	}
	raw := s.StreamReader(m.Source, m.Dir, m.Off, m.Total)
	if b, ok := s.decoder(id).(decoders.Bodier); ok {
		return b.Body(x, raw)
	}
	if m.HeadLen > 0 {
		if _, err := io.CopyN(io.Discard, raw, m.HeadLen); err != nil {
			return strings.NewReader(""), nil
		}
	}
	return raw, nil
}
