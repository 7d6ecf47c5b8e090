package timeline

import "netscope/capture"

// In a lab a packet arrives later than it leaves, and what it makes known
// becomes known when it arrives.

// depart lets a packet of a lab leave, and returns when it left and when it
// arrives, or left if it never does. A lab's time does not go back.
func (b *Builder) depart(id uint32, p *capture.Packet) (at, arrived Time) {
	at = max(b.now, b.time(p.At))
	arrived = at
	if p.Loss == capture.NotLost && !p.Arrived.IsZero() {
		arrived = max(at, b.time(p.Arrived))
	}
	b.advance(at)
	row := b.lab.grow()
	row.depart = uint32(b.moments.append(id << 1))
	if p.Loss != capture.NotLost {
		row.arrived = -1
		return at, at
	}
	row.arrived = arrived
	b.flights.push(flight{at: arrived, packet: id})
	return at, arrived
}

// advance lets everything arrive that arrives before or at t.
func (b *Builder) advance(t Time) {
	if !b.opt.Lab {
		return
	}
	for len(b.flights) > 0 && b.flights[0].at <= t {
		b.arrive(b.flights.pop())
	}
	b.now = max(b.now, t)
}

func (b *Builder) arrive(f flight) {
	m := uint32(b.moments.append(f.packet<<1 | 1))
	b.now = max(b.now, f.at)
	if row := b.lab.at(uint64(f.packet)); row != nil {
		row.arrive.Store(m + 1)
	}
	if row := b.packets.at(uint64(f.packet)); row != nil && row.conv != NoConv {
		if c := b.conv(row.conv); c != nil {
			c.nmoments.Store(c.moments.append(m) + 1)
		}
	}
	for _, e := range f.events {
		e.pos = m + 1
		b.events.append(e)
	}
}

// happen notes that a message was opened or closed by the arrival of packet by.
func (b *Builder) happen(by uint32, e eventRow) {
	if b.opt.Lab {
		if f := b.flights.find(by); f != nil {
			f.events = append(f.events, e)
			return
		}
		e.pos = uint32(b.moments.n)
	} else {
		// A decoder that waited for the other direction finds a message late:
		// the log stays in order all the same.
		b.lastPos = max(b.lastPos, by+1)
		e.pos = b.lastPos
	}
	b.events.append(e)
}
