package bittorrent

import (
	"netscope/decoders"
)

// utpConn puts the packets of one uTP connection in order.
type utpConn struct {
	stream int64
	opener decoders.Dir // who sent the ST_SYN
	sure   bool         // … and that was seen
	side   [2]utpSide
}

// utpSide is one direction.
type utpSide struct {
	begun bool
	next  uint16            // sequence number of the packet that is due
	held  map[uint16][]byte // packets that have come before their turn
	size  int               // bytes in held
	fin   uint16
	ended bool // a FIN has been seen
	done  bool // the end was passed on
}

const (
	maxUTP  = 64        // uTP connections on one pair of ports
	maxHeld = 256 << 10 // bytes, per direction, that wait for a missing packet
)

// stream passes a packet's content on when its turn has come. What the capture
// lacks becomes a gap: when the receiver has acknowledged it, or when too much
// waits for it.
func (p *datagrams) stream(c *decoders.Chunk, h *utpHeader) {
	u := p.conn(c, h)
	if u == nil {
		return
	}
	s, o := &u.side[c.Dir], &u.side[c.Dir.Other()]
	body := c.Buf[h.payload:]
	switch h.kind {
	case stSyn:
		s.begun, s.next = true, h.seq+1
	case stState:
		// It acknowledges only; its number is that of the next packet, or of
		// the last one, as implementations differ.
	case stReset:
		p.finish(u, decoders.AtoB)
		p.finish(u, decoders.BtoA)
		return
	case stData, stFin:
		if !s.begun {
			s.begun, s.next = true, h.seq
		}
		if h.kind == stFin {
			s.fin, s.ended = h.seq, true
		}
		s.hold(h.seq, body)
		p.deliver(u, c.Dir, 0)
	}
	if s.size > maxHeld || len(s.held) > 512 {
		p.skip(u, c.Dir)
	}
	// The other side has what this packet acknowledges, even if we have not.
	if h.kind != stSyn && o.begun && len(o.held) > 0 && int16(h.ack-o.next) >= 0 && int16(h.ack-o.next) < 2048 {
		for len(o.held) > 0 && int16(h.ack-o.next) >= 0 {
			p.skip(u, c.Dir.Other())
		}
	}
}

// hold keeps a packet until its turn; what has come already is dropped.
func (s *utpSide) hold(seq uint16, body []byte) {
	if d := int16(seq - s.next); d < 0 || d > 2048 {
		return
	}
	if s.held == nil {
		s.held = map[uint16][]byte{}
	}
	if _, ok := s.held[seq]; !ok {
		s.held[seq] = append([]byte(nil), body...)
		s.size += len(body)
	}
}

// deliver passes on what is in order; gap bytes, about, are missing before it.
func (p *datagrams) deliver(u *utpConn, d decoders.Dir, gap int64) {
	s := &u.side[d]
	for {
		b, ok := s.held[s.next]
		if !ok {
			return
		}
		delete(s.held, s.next)
		s.size -= len(b)
		end := s.ended && s.next == s.fin
		s.next++
		if (len(b) > 0 || end) && !s.done {
			p.inner = append(p.inner, decoders.Inner{Stream: u.stream, Dir: d, Gap: gap, Data: b, End: end, Proto: Decoder{}.Name()})
			gap = 0
		}
		s.done = s.done || end
	}
}

// skip goes on after the packets that are missing.
func (p *datagrams) skip(u *utpConn, d decoders.Dir) {
	const typical = 1400 // bytes of a packet: how many are missing is not known
	s := &u.side[d]
	gap := int64(0)
	for range 1 << 16 {
		if _, ok := s.held[s.next]; ok || len(s.held) == 0 {
			break
		}
		s.next++
		gap += typical
	}
	p.deliver(u, d, gap)
}

func (p *datagrams) finish(u *utpConn, d decoders.Dir) {
	if s := &u.side[d]; s.begun && !s.done {
		s.done = true
		p.inner = append(p.inner, decoders.Inner{Stream: u.stream, Dir: d, End: true, Proto: Decoder{}.Name()})
	}
}

// conn finds the connection of a packet by the number that its opener chose:
// the opener sends that number plus one, but for the ST_SYN (BEP 29).
func (p *datagrams) conn(c *decoders.Chunk, h *utpHeader) *utpConn {
	if h.kind == stSyn {
		if u := p.utp[h.id]; u != nil && u.opener == c.Dir {
			return u // sent again
		}
		return p.add(h.id, c.Dir, true)
	}
	if u := p.utp[h.id]; u != nil && u.opener != c.Dir {
		return u
	}
	if u := p.utp[h.id-1]; u != nil && u.opener == c.Dir {
		return u
	}
	// The opening was not captured. If the other side's number is known, it
	// tells who opened; else whoever is seen first is taken for the opener.
	if u := p.utp[h.id-1]; u != nil && !u.sure {
		u.opener = c.Dir
		return u
	}
	if u := p.utp[h.id]; u != nil && !u.sure {
		u.opener = c.Dir.Other()
		return u
	}
	if u := p.utp[h.id+1]; u != nil && !u.sure {
		return u
	}
	return p.add(h.id-1, c.Dir, false)
}

func (p *datagrams) add(id uint16, d decoders.Dir, sure bool) *utpConn {
	if len(p.utp) >= maxUTP {
		return nil
	}
	u := &utpConn{stream: int64(id), opener: d, sure: sure}
	p.utp[id] = u
	return u
}
