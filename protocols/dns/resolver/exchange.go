package resolver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/miekg/dns"

	"netscope/protocols/dns/server"
)

// timeoutError says that nobody answered in time.
type timeoutError struct{ after time.Duration }

func (t timeoutError) Error() string { return fmt.Sprintf("no answer within %v", t.after) }

// exchange asks a server one question, over TCP if the answer does not fit a
// datagram (RFC 7766 §5).
func (j *job) exchange(ctx context.Context, zone string, s nameServer, k key, recurse bool, try int) (*dns.Msg, error) {
	r := j.r
	for _, edns := range []bool{r.cfg.UDPSize > 0, false} {
		m, err := j.once(ctx, zone, s, k, recurse, try, edns, r.cfg.TCP)
		if err == nil && m.Truncated && !r.cfg.TCP {
			m, err = j.once(ctx, zone, s, k, recurse, try, edns, true)
		}
		// A server older than EDNS says FORMERR (RFC 6891 §7).
		if err == nil && edns && m.IsEdns0() == nil && (m.Rcode == dns.RcodeFormatError || m.Rcode == dns.RcodeNotImplemented) {
			continue
		}
		return m, err
	}
	return nil, errors.New("it understands no question")
}

// once sends one message and waits for its answer.
func (j *job) once(ctx context.Context, zone string, s nameServer, k key, recurse bool, try int, edns, tcp bool) (*dns.Msg, error) {
	r := j.r
	if j.sent++; j.sent > maxQueries {
		return nil, errBudget
	}
	q := r.question(k, recurse, edns)
	raw, err := q.Pack()
	if err != nil {
		return nil, fmt.Errorf("%s cannot be asked for: %w", k, err)
	}
	to := netip.AddrPortFrom(s.addr, r.cfg.Port)
	d := k.data()
	d["id"], d["state"], d["server"], d["zone"], d["tcp"] = j.id, "ask", s.addr.String(), zone, tcp
	r.note("pending", fmt.Sprintf("%s is asked for %s", s, k), d)
	limit := r.patience(s.addr) << try
	began := r.cfg.Clock.Now()
	var m *dns.Msg
	if tcp {
		m, err = r.overTCP(ctx, to, q, raw, limit)
	} else {
		m, err = r.wire.overUDP(ctx, to, q, raw, limit)
	}
	rtt := r.cfg.Clock.Now().Sub(began)
	if err != nil {
		r.learn(s.addr, -1)
	} else if !tcp {
		r.learn(s.addr, rtt)
	}
	if r.cfg.Trace != nil {
		cause := "for " + j.top.String()
		if k != j.top {
			cause = k.String() + ", " + cause
		}
		r.cfg.Trace(Step{Zone: zone, Server: s.name, Addr: to, Question: q.Question[0], TCP: tcp, At: began, RTT: rtt, Answer: m, Err: err, Cause: cause})
	}
	return m, err
}

// question makes the message: its ID, and with 0x20 the case of its letters, are
// what an attacker has to guess (RFC 5452 §4).
func (r *Resolver) question(k key, recurse, edns bool) *dns.Msg {
	q := new(dns.Msg)
	q.SetQuestion(k.name, k.t)
	q.RecursionDesired = recurse
	q.Id = uint16(r.random(r.cfg.Guard.IDs))
	if edns {
		q.SetEdns0(r.cfg.UDPSize, r.cfg.Validate)
	}
	if r.cfg.Guard.MixCase {
		name := []byte(k.name)
		for i, c := range name {
			if c >= 'a' && c <= 'z' && r.random(2) == 1 {
				name[i] = c - 'a' + 'A'
			}
		}
		q.Question[0].Name = string(name)
	}
	return q
}

// overTCP asks over a connection of its own.
func (r *Resolver) overTCP(ctx context.Context, to netip.AddrPort, q *dns.Msg, raw []byte, limit time.Duration) (*dns.Msg, error) {
	// A handshake comes before the question.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	limit *= 2
	r.after(ctx, limit, func() { cancel(timeoutError{limit}) })
	c, err := r.cfg.Host.DialContext(ctx, "tcp", to.String())
	if err == nil {
		stop := context.AfterFunc(ctx, func() { _ = c.Close() })
		defer stop()
		defer c.Close()
		var answer []byte
		if err = server.WriteTCP(c, raw); err == nil {
			answer, err = server.ReadTCP(c)
		}
		if err == nil {
			m := new(dns.Msg)
			if err := m.Unpack(answer); err != nil || !answers(m, q) {
				return nil, errors.New("its answer over TCP is no answer to the question")
			}
			return m, nil
		}
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return nil, err
}

// after calls f when d is over, unless ctx is done first.
func (r *Resolver) after(ctx context.Context, d time.Duration, f func()) {
	go func() {
		if r.cfg.Clock.Sleep(ctx, d) == nil {
			f()
		}
	}()
}

// answers reports whether m answers q: ID and question are the same, to the
// letter's case (RFC 5452 §9.1).
func answers(m, q *dns.Msg) bool {
	return m.Response && m.Id == q.Id && m.Opcode == q.Opcode && len(m.Question) == 1 && m.Question[0] == q.Question[0]
}

func family(a netip.Addr) string {
	if a.Is4() {
		return "udp4"
	}
	return "udp6"
}

func udpAddr(a netip.AddrPort) net.Addr { return net.UDPAddrFromAddrPort(a) }
