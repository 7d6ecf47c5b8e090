package dns

import (
	"bytes"

	"netscope/decoders"
)

// Probe accepts anything on the ports of DNS and its relatives; elsewhere a
// message that is whole, well formed, used up to its last byte, and plain: a
// query with one question, or a response.
func (Decoder) Probe(h decoders.Hint, _ decoders.Dir, b []byte, end bool) decoders.Verdict {
	need := decoders.NeedMore
	if end {
		need = decoders.Reject
	}
	known := has(h, portDNS) || has(h, portMDNS) || has(h, portLLMNR) || has(h, portDoT)
	switch {
	case len(b) == 0:
		return need
	case has(h, 137) || has(h, 138):
		return decoders.Reject // NetBIOS, whose format is DNS's with other contents (RFC 1002 §4.2)
	case h.Transport == decoders.TCP:
		return probeStream(h, b, end, known, need)
	}
	if known {
		if len(b) < 2 {
			return need
		}
		if bytes.HasPrefix(b, []byte("d1:")) {
			return decoders.Reject // a bencoded dictionary: peers use any port
		}
		return decoders.Accept
	}
	if len(b) < headerLen {
		return need
	}
	if !plain(b) {
		return decoders.Reject
	}
	if !end {
		return decoders.NeedMore // whether it is whole shows at its end
	}
	if m := Parse(b); wellFormed(&m, len(b)) {
		return decoders.Accept
	}
	return decoders.Reject
}

// probeStream looks for a length and a message of that length.
func probeStream(h decoders.Hint, b []byte, end, known bool, need decoders.Verdict) decoders.Verdict {
	if len(b) < prefixLen {
		return need
	}
	n := int(u16(b, 0))
	if n < headerLen {
		return decoders.Reject
	}
	if known && h.Midway && len(b) >= prefixLen {
		return decoders.Accept
	}
	if len(b) < prefixLen+headerLen {
		return need
	}
	head := b[prefixLen:]
	if known {
		if m := Parse(head[:headerLen]); m.Opcode() <= opDSO || plain(head) {
			return decoders.Accept
		}
		return decoders.Reject
	}
	if !plain(head) {
		return decoders.Reject
	}
	if len(head) < n {
		// A response longer than what may be looked at: its questions decide.
		if len(b) >= 4096 {
			if m := Parse(head); len(m.Questions) == 1 && m.Questions[0].Name.Bad == "" && plausible(&m) {
				return decoders.Accept
			}
			return decoders.Reject
		}
		return need
	}
	if m := Parse(head[:n]); wellFormed(&m, n) {
		return decoders.Accept
	}
	return decoders.Reject
}

// plain looks at a header only: nothing in it is unusual.
func plain(b []byte) bool {
	flags := u16(b, 2)
	qd, an, ns, ar := u16(b, 4), u16(b, 6), u16(b, 8), u16(b, 10)
	switch op := flags >> 11 & 15; {
	case flags&0x40 != 0, op != opQuery && op != opNotify && op != opUpdate:
		return false
	case flags&0x8000 == 0 && op == opQuery:
		return qd == 1 && an == 0 && ns <= 1 && ar <= 3 && flags&0x0f == 0 && flags&0x0400 == 0
	case flags&0x8000 == 0:
		return qd == 1 && flags&0x0f == 0
	}
	return qd <= 1 && int(an)+int(ns)+int(ar) <= 1000 && (qd == 1 || flags&0x0f != 0 || an > 0)
}

// wellFormed reports whether a message is what its header says, and no more.
func wellFormed(m *Message, n int) bool {
	return m.Bad == "" && !m.Partial && m.End == n && plausible(m)
}

// plausible looks at the questions' types and classes.
func plausible(m *Message) bool {
	for i := range m.Questions {
		q := &m.Questions[i]
		if c := q.Class; c != 1 && c != 3 && c != 4 && c != 254 && c != 255 || q.Type == 0 {
			return false
		}
	}
	return true
}
