package server

import (
	"context"
	"strings"
	"sync/atomic"

	"github.com/miekg/dns"

	"netscope/protocols/dns/zone"
)

// UDPSize is the largest answer over UDP, in bytes, however much the asker
// would take: it avoids fragments (the DNS flag day's number).
const UDPSize = 1232

// Server answers from zones. Its fields are set before it serves.
type Server struct {
	Zones *zone.Set
	// Rotate has each answer begin with the next record of an RRset of
	// addresses, which spreads the load over them (RFC 1794).
	Rotate bool
	// NoExtras leaves out addresses that were not asked for, but for glue.
	NoExtras bool
	// MaxUDP is the largest answer over UDP in bytes; 0: [UDPSize].
	MaxUDP int
	// Recurse, if not nil, goes on where this server can only refer, when the
	// asker wishes recursion. It gives the answer's sections and code.
	Recurse func(ctx context.Context, q *dns.Msg) *dns.Msg

	turn atomic.Uint32
}

// Handle implements [Handler].
func (s *Server) Handle(ctx context.Context, r Request) []byte {
	return s.Respond(ctx, r.Message, r.UDP)
}

// Respond makes the answer to a message; nil: none is due.
func (s *Server) Respond(ctx context.Context, raw []byte, udp bool) []byte {
	q, refusal := Accept(raw)
	if q == nil {
		return refusal
	}
	m := new(dns.Msg)
	m.SetReply(q)
	m.RecursionAvailable = s.Recurse != nil
	if got := s.answer(ctx, q, m); got != nil {
		m = got
	}
	return Pack(q, m, udp, s.MaxUDP)
}

// answer fills m in, or gives another message in its place.
func (s *Server) answer(ctx context.Context, q, m *dns.Msg) *dns.Msg {
	ask := q.Question[0]
	z := s.Zones.Find(ask.Name, ask.Qtype)
	if z == nil {
		if s.Recurse != nil && q.RecursionDesired {
			return s.Recurse(ctx, q)
		}
		m.Rcode = dns.RcodeRefused
		return nil
	}
	opt := q.IsEdns0()
	r := z.Lookup(ask.Name, ask.Qtype, opt != nil && opt.Do())
	if r.Kind == zone.Referral && s.Recurse != nil && q.RecursionDesired {
		return s.Recurse(ctx, q)
	}
	m.Authoritative = r.Kind != zone.Referral
	m.Answer, m.Ns = r.Answer, r.Authority
	if r.Kind == zone.Referral || !s.NoExtras {
		m.Extra = r.Additional
	}
	switch r.Kind {
	case zone.NXDomain:
		m.Rcode = dns.RcodeNameError
	case zone.Loop:
		m.Rcode = dns.RcodeServerFailure
	}
	if s.Rotate {
		m.Answer = rotate(m.Answer, int(s.turn.Add(1)-1))
	}
	m.Answer = ownCase(m.Answer, ask.Name)
	return nil
}

// Accept parses a question. If it returns no message, the bytes are the answer
// that is due: FORMERR, NOTIMP and so on, or none at all.
func Accept(raw []byte) (q *dns.Msg, refusal []byte) {
	const header = 12
	if len(raw) < header || raw[2]&0x80 != 0 {
		return nil, nil // an answer is never answered
	}
	q = new(dns.Msg)
	err := q.Unpack(raw)
	q.Id = uint16(raw[0])<<8 | uint16(raw[1])
	q.Opcode = int(raw[2]>>3) & 0xF
	q.RecursionDesired = raw[2]&1 != 0
	refuse := func(code int) (*dns.Msg, []byte) {
		m := &dns.Msg{MsgHdr: dns.MsgHdr{Id: q.Id, Response: true, Opcode: q.Opcode, RecursionDesired: q.RecursionDesired, Rcode: code}}
		if err == nil && len(q.Question) == 1 {
			m.Question = q.Question
		}
		return nil, Pack(q, m, true, 0)
	}
	switch {
	case q.Opcode != dns.OpcodeQuery:
		return refuse(dns.RcodeNotImplemented)
	case err != nil || len(q.Question) != 1 || len(q.Answer) > 0 || len(q.Ns) > 0:
		return refuse(dns.RcodeFormatError)
	case q.IsEdns0() != nil && q.IsEdns0().Version() != 0:
		return refuse(dns.RcodeBadVers)
	}
	switch ask := q.Question[0]; {
	case ask.Qclass != dns.ClassINET && ask.Qclass != dns.ClassANY:
		return refuse(dns.RcodeRefused) // version.bind is nobody's business
	case ask.Qtype == dns.TypeAXFR || ask.Qtype == dns.TypeIXFR:
		return refuse(dns.RcodeRefused)
	case ask.Qtype == dns.TypeMAILA || ask.Qtype == dns.TypeMAILB || ask.Qtype == dns.TypeOPT:
		return refuse(dns.RcodeNotImplemented)
	}
	return q, nil
}

// Pack is m as bytes for the asker of q: with EDNS if q has it (RFC 6891), and
// cut off with the TC bit where it does not fit a datagram.
func Pack(q, m *dns.Msg, udp bool, maxUDP int) []byte {
	if maxUDP == 0 {
		maxUDP = UDPSize
	}
	size := dns.MaxMsgSize
	if udp {
		size = min(dns.MinMsgSize, maxUDP)
	}
	if opt := q.IsEdns0(); opt != nil {
		m.SetEdns0(uint16(maxUDP), opt.Do())
		if udp {
			size = max(min(int(opt.UDPSize()), maxUDP), size)
		}
	}
	m.Compress = true
	m.Truncate(size)
	raw, err := m.Pack()
	if err != nil {
		failed := new(dns.Msg)
		failed.SetRcode(q, dns.RcodeServerFailure)
		raw, err = failed.Pack()
		if err != nil {
			return nil
		}
	}
	return raw
}

// rotate begins every run of address records of one owner turn records later.
func rotate(rrs []dns.RR, turn int) []dns.RR {
	out := make([]dns.RR, len(rrs))
	copy(out, rrs)
	for i := 0; i < len(out); {
		h := out[i].Header()
		j := i + 1
		for j < len(out) && out[j].Header().Rrtype == h.Rrtype && out[j].Header().Name == h.Name {
			j++
		}
		if h.Rrtype == dns.TypeA || h.Rrtype == dns.TypeAAAA {
			for k := i; k < j; k++ {
				out[k] = rrs[i+(k-i+turn)%(j-i)]
			}
		}
		i = j
	}
	return out
}

// ownCase writes the question's name as it was asked, so that the answer's
// owner names can point to it and an asker that mixes cases finds its own.
func ownCase(rrs []dns.RR, name string) []dns.RR {
	out := make([]dns.RR, len(rrs))
	for i, rr := range rrs {
		if h := rr.Header(); h.Name != name && strings.EqualFold(h.Name, name) {
			rr = dns.Copy(rr)
			rr.Header().Name = name
		}
		out[i] = rr
	}
	return out
}
