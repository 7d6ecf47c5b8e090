package frames

import (
	"cmp"
	"slices"

	"netscope/decoders"
	"netscope/decoders/timeline"
)

// Stall is a time in which bytes of a stream had arrived and could not be
// passed on, because bytes before them in the same stream had not.
type Stall struct {
	From, To timeline.Time // To < 0: it lasts
	Dir      decoders.Dir
}

// stalls finds where a stream waited that is put in order by itself, as those
// of QUIC are (RFC 9000 §2.2): each packet that is lost holds back the streams
// with bytes in it only.
func (in *Input) stalls(l *Lane) {
	l.Stalls = l.Stalls[:0]
	if !in.Nested {
		return
	}
	var come [2][]*Block
	for _, i := range l.Blocks {
		if b := &in.Blocks[i]; b.Carrier && b.closed {
			come[b.Dir&1] = append(come[b.Dir&1], b)
		}
	}
	for d, bs := range come {
		slices.SortStableFunc(bs, func(a, b *Block) int { return cmp.Compare(a.Arrive, b.Arrive) })
		if len(bs) == 0 || bs[0].At != 0 {
			continue // its beginning was not seen: what it waits for cannot be told
		}
		next, since := int64(0), timeline.Time(-1) // in order up to next; waiting since
		var early []*Block
		for _, b := range bs {
			if b.At > next {
				if early = append(early, b); since < 0 {
					since = b.Arrive
				}
				continue
			}
			next = max(next, b.At+b.N)
			slices.SortStableFunc(early, func(a, b *Block) int { return cmp.Compare(a.At, b.At) })
			for len(early) > 0 && early[0].At <= next {
				next = max(next, early[0].At+early[0].N)
				early = early[1:]
			}
			if len(early) == 0 && since >= 0 {
				l.Stalls = append(l.Stalls, Stall{since, b.Arrive, decoders.Dir(d)})
				since = -1
			}
		}
		if since >= 0 {
			l.Stalls = append(l.Stalls, Stall{since, -1, decoders.Dir(d)})
		}
	}
}

// stalls draw when a stream waited, over the frame that did: it is longer than
// a packet, and it was the part of it after the hole that waited.
func (q *painter) stalls(l *Lane, rows [2]int) {
	if q.p.Order || q.p.PerCell <= 0 {
		return
	}
	cell := func(t timeline.Time) int { return int(float64(t-q.p.Start) / q.p.PerCell) }
	for _, s := range l.Stalls {
		to := s.To
		if to < 0 || to > q.at.Time {
			to = q.at.Time
		}
		if s.From >= to {
			continue
		}
		for x := max(cell(s.From), 0); x < min(max(cell(to), cell(s.From)+1), q.p.W); x++ {
			q.g.Set(q.label+x, rows[s.Dir&1], "▒", q.t.Lost)
		}
	}
}
