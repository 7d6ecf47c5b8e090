package quic

import (
	"netscope/decoders"
	"netscope/decoders/http3"
)

// The bytes of streams and of the handshake are kept in plaintext beside the
// packets, each stream under a number of its own, so that what is made of them
// can be shown with its bytes.

// number gives out the number of a kept stream.
func (p *parser) number() int64 {
	p.kept++
	return p.kept
}

// keep keeps bytes that are in order.
func (p *parser) keep(d decoders.Dir, kept int64, r run) {
	p.st.Inner = append(p.st.Inner, decoders.Inner{Stream: kept, Dir: d, Gap: int64(r.gap), Data: r.data, Keep: true})
}

// keptCrypto is the number of the handshake bytes of an encryption level.
func (p *parser) keptCrypto(c *conn, level int) int64 {
	if c.crypto[level] == 0 {
		c.crypto[level] = p.number()
	}
	return c.crypto[level]
}

// sink takes what an application protocol finds in the streams of a connection.
type sink struct {
	p *parser
	c *conn
}

var _ http3.Sink = sink{}

// Open implements [http3.Sink].
func (s sink) Open(ev decoders.Event) uint64 {
	if st := s.c.streams[ev.Stream]; st != nil {
		ev.Inner = st.kept
	}
	return s.p.Open(ev)
}

// Update implements [http3.Sink].
func (s sink) Update(key uint64, summary string, fields []decoders.KV) {
	s.p.Update(key, summary, fields)
}

// Close implements [http3.Sink]: the message ends where the packet that is read
// does, or where everything of that direction does. place is where it ends in
// its stream.
func (s sink) Close(d decoders.Dir, key uint64, n, place int64, problem string) {
	end := s.p.off[d]
	if d == s.p.dir {
		end = max(end, s.p.until)
	}
	s.p.st.Events = append(s.p.st.Events, decoders.Event{Op: decoders.Close, Key: key, Dir: d, End: end, Len: n, Err: problem, Inner: 1, InnerOff: place})
}
