package tls

import (
	"netscope/decoders"
)

const badRecord = "not a TLS record: content type, version or length is none (RFC 8446 §5.1)"

// search looks for the next record. It uses up the bytes before it as data, and
// the state changes when one is found.
func (p *parser) search(s *side, b []byte, end bool, st *decoders.Step) int {
	for i := range b {
		switch found(b[i:], end) {
		case decoders.Reject:
			continue
		case decoders.NeedMore:
			if i > 0 {
				p.openJunk(s, s.off, st)
			}
			return i
		}
		if i > 0 {
			p.openJunk(s, s.off, st)
		}
		p.closeJunk(s, s.off+int64(i), st)
		s.state = atRecord
		if i == 0 {
			return p.step(s, b, end, st)
		}
		return i
	}
	p.openJunk(s, s.off, st)
	return len(b)
}

// found judges whether a record starts with b: its header must be one, and be
// followed by another, or by the start of a hello, or by the end. What it finds
// does not depend on how much of the stream has come.
func found(b []byte, end bool) decoders.Verdict {
	const next = 3 // bytes of the next header that are looked at
	if !headerStart(b) {
		return decoders.Reject
	}
	wait := decoders.NeedMore
	if end {
		wait = decoders.Reject
	}
	if len(b) < headerLen {
		return wait
	}
	n := recordLen(b)
	if n == 0 || n == headerLen {
		return decoders.Reject
	}
	if b[0] == typeHandshake && n >= headerLen+6 {
		if len(b) < headerLen+6 {
			return wait
		}
		if t := b[headerLen]; (t == hsClientHello || t == hsServerHello) && b[headerLen+4] == 3 && b[headerLen+5] <= 3 && be24(b[headerLen+1:]) < 1<<16 {
			return decoders.Accept
		}
	}
	if len(b) < n+next {
		if end && len(b) == n {
			return decoders.Accept
		}
		return wait
	}
	if headerStart(b[n:n+next]) && (b[n+2] == b[2] || b[0] == typeHandshake) {
		return decoders.Accept
	}
	return decoders.Reject
}

// openJunk opens the message of bytes that are no record, if none is open.
func (p *parser) openJunk(s *side, off int64, st *decoders.Step) {
	if s.junk.key != 0 {
		return
	}
	p.cutHandshake(s, "what follows is no record", st)
	p.endRun(s, st)
	s.first = false
	s.junk.key, s.junk.off = p.nextKey(), off
	st.Events = append(st.Events, decoders.Event{
		Op: decoders.Open, Key: s.junk.key, Dir: s.dir, Proto: protoName, Name: nameData,
		Summary: "data", Stream: -1, Off: off,
	})
}

// closeJunk closes it; bytes up to end are part of it.
func (p *parser) closeJunk(s *side, end int64, st *decoders.Step) {
	if s.junk.key == 0 {
		return
	}
	n := end - s.junk.off
	st.Events = append(st.Events,
		decoders.Event{Op: decoders.Update, Key: s.junk.key, Summary: "data  " + size(n), Fields: []decoders.KV{decoders.I("data.len", n)}},
		decoders.Event{Op: decoders.Close, Key: s.junk.key, Dir: s.dir, End: end, Len: n, Err: s.junk.why})
	s.junk = junk{}
}
