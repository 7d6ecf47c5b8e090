package dns

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/miekg/dns"

	"netscope/capture"
	"netscope/protocols/dns/resolver"
	"netscope/protocols/dns/server"
	"netscope/protocols/lab"
)

// assault is the attacker at work.
type assault struct {
	w       lab.World
	h       *hierarchy
	p       lab.Params
	variant string
	cache   *resolver.Resolver // the victim's, to be emptied after a success
	ask     *resolver.Resolver // the attacker as a client of the victim
	rand    *rand.Rand
}

// chance is what the attacker reckons (RFC 5452 §7), for a variant.
type chance struct {
	n      int     // forged answers that come in time: R·W
	space  float64 // N·P·I, and what mixed case adds
	linear float64 // D·R·W/(N·P·I)
	exact  float64 // 1 − (1 − n/(N·P·I))^D
}

func chanceOf(variant string, p lab.Params) chance {
	c := chance{n: int(math.Floor(p["rate"]*(2*(p.Duration("window")/2)).Seconds() + 1e-9)), space: float64(max(p.Int("servers"), 1)) * p["ids"]}
	if variant == somePorts {
		c.space *= p["ports"]
	}
	if variant == mixedCase {
		c.space *= math.Pow(2, float64(letters(bankName)))
	}
	c.n = min(c.n, 1<<20)
	d := p["outstanding"]
	c.linear = min(d*float64(c.n)/c.space, 1)
	c.exact = 1 - math.Pow(1-min(float64(c.n)/c.space, 1), d)
	return c
}

func letters(name string) int {
	n := 0
	for _, c := range name {
		if c >= 'a' && c <= 'z' {
			n++
		}
	}
	return n
}

// race makes as many attempts as the parameters say.
func (a *assault) race(ctx context.Context) error {
	// The bank's servers are known beforehand: only the last step is raced.
	a.ask.Resolve(ctx, bankMail, dns.TypeA, resolver.Option{})
	won := 0
	for k := range a.p.Int("windows") {
		name := bankName
		if a.variant == kaminsky {
			name = fmt.Sprintf("x%d.bank.com.", k+1)
		}
		success, err := a.attempt(ctx, name)
		if err != nil {
			return err
		}
		if success {
			won++
		}
		a.reckon(k+1, won)
		if a.variant == kaminsky {
			if success { // the whole zone is the attacker's now: begin again
				learned(a.w, bankName, dns.TypeA, a.ask.Resolve(ctx, bankName, dns.TypeA, resolver.Option{}))
				a.cache.Flush()
				a.ask.Resolve(ctx, bankMail, dns.TypeA, resolver.Option{})
			}
			continue
		}
		// What was learnt, true or false, is remembered that long.
		wait := time.Duration(math.Floor(a.p["ttl"])*1e9) + near
		if err := a.w.Clock().Sleep(ctx, wait); err != nil {
			return err
		}
	}
	return nil
}

// attempt asks for a name and forges answers while the true one is on its way.
func (a *assault) attempt(ctx context.Context, name string) (success bool, err error) {
	d := a.p.Int("outstanding")
	results := make(chan resolver.Result, d)
	for range d {
		// As clients do not join each other's questions, so does not the stub.
		one := stub(a.w, attacker, 5*time.Minute, a.h.book.at(local))
		lab.Go(a.w, func() {
			results <- one.Resolve(ctx, name, dns.TypeA, resolver.Option{})
			one.Close()
		})
	}
	if err := a.forge(ctx, name); err != nil {
		return false, err
	}
	for range d {
		select {
		case res := <-results:
			success = success || len(res.Answer) > 0 && forged(res.Answer[0])
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
	return success, nil
}

// forge sends the forged answers of one window: no guess twice.
func (a *assault) forge(ctx context.Context, name string) error {
	c := chanceOf(a.variant, a.p)
	servers, ports, ids := banks(a.p), 1, a.p.Int("ids")
	if a.variant == somePorts {
		ports = a.p.Int("ports")
	}
	gap := time.Duration(float64(time.Second) / a.p["rate"])
	clock := a.w.Clock()
	began := clock.Now()
	seen := map[int]bool{}
	space := len(servers) * ports * ids
	for k := range min(c.n, space) {
		guess := a.rand.IntN(space)
		for seen[guess] {
			guess = (guess + 1) % space
		}
		seen[guess] = true
		// Half a gap before the first, so that the last comes in time.
		if err := clock.Sleep(ctx, began.Add(time.Duration(k)*gap+gap/2).Sub(clock.Now())); err != nil {
			return err
		}
		port53 := netip.AddrPortFrom(a.h.book.four[servers[guess%len(servers)]], port)
		guess /= len(servers)
		target := uint16(1053)
		if a.variant == somePorts {
			target = uint16(1024 + guess%ports)
		}
		m := a.lie(name, uint16(guess/ports))
		raw, err := m.Pack()
		if err != nil {
			return err
		}
		if err := lab.Forge(a.w.Host(attacker), port53, netip.AddrPortFrom(a.h.book.four[local], target), raw); err != nil {
			return err
		}
	}
	return nil
}

// lie is a forged answer.
func (a *assault) lie(name string, id uint16) *dns.Msg {
	asked := name
	if a.variant == mixedCase {
		b := []byte(name)
		for i, c := range b {
			if c >= 'a' && c <= 'z' && a.rand.IntN(2) == 1 {
				b[i] = c - 'a' + 'A'
			}
		}
		asked = string(b)
	}
	m := new(dns.Msg)
	m.SetQuestion(asked, dns.TypeA)
	m.Id, m.Response, m.Authoritative, m.RecursionDesired = id, true, true, false
	m.Answer = []dns.RR{a.record(asked, evilAddr)}
	if a.variant == kaminsky {
		m.Ns = []dns.RR{&dns.NS{Hdr: dns.RR_Header{Name: "bank.com.", Rrtype: dns.TypeNS, Class: dns.ClassINET, Ttl: 86400}, Ns: "ns.bank.com."}}
		m.Extra = []dns.RR{a.record("ns.bank.com.", a.h.book.four[attacker].String())}
	}
	m.Compress = true
	return m
}

func (a *assault) record(name, addr string) dns.RR {
	ip := netip.MustParseAddr(addr).As4()
	return &dns.A{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: uint32(a.p["ttl"])}, A: ip[:]}
}

// reckon tells the probability so far, beside what has happened.
func (a *assault) reckon(k, won int) {
	c := chanceOf(a.variant, a.p)
	d := map[string]any{"windows": k, "successes": won, "one": c.exact, "by_now": 1 - math.Pow(1-c.exact, float64(k)), "forged": c.n}
	data, err := json.Marshal(d)
	if err != nil {
		data = nil
	}
	a.w.Note(capture.Note{Host: attacker, Proto: "dns", Name: "race", Data: data,
		Summary: fmt.Sprintf("%d attempts, %d successes; each succeeds with probability %.4g, at least one of so many with %.4g", k, won, c.exact, 1-math.Pow(1-c.exact, float64(k)))})
}

// outOfBailiwick has the victim ask the attacker's own server, which says more
// than it was asked.
func (a *assault) outOfBailiwick(ctx context.Context) error {
	tell := func(_ context.Context, r server.Request) []byte {
		q, refusal := server.Accept(r.Message)
		if q == nil {
			return refusal
		}
		m := new(dns.Msg)
		m.SetReply(q)
		m.Authoritative = true
		m.Answer = []dns.RR{a.record(q.Question[0].Name, evilAddr)}
		m.Ns = []dns.RR{&dns.NS{Hdr: dns.RR_Header{Name: "evil.com.", Rrtype: dns.TypeNS, Class: dns.ClassINET, Ttl: 60}, Ns: bankName}}
		m.Extra = []dns.RR{a.record(bankName, evilAddr)}
		return server.Pack(q, m, r.UDP, 0)
	}
	if err := server.Serve(ctx, a.w.Host(attacker), tell, server.Options{Prompt: true, Port: port}); err != nil {
		return err
	}
	a.ask.Resolve(ctx, "www.evil.com.", dns.TypeA, resolver.Option{})
	learned(a.w, bankName, dns.TypeA, stub(a.w, client, time.Minute, a.h.book.at(local)).Resolve(ctx, bankName, dns.TypeA, resolver.Option{}))
	return nil
}

// intercept answers, from the router on the path, each first question for the
// bank's name that it sees.
func (a *assault) intercept(ctx context.Context) error {
	router := a.w.Host(tap)
	armed := make(chan struct{}, 1)
	if !lab.Overhear(router, func(ip []byte) {
		m, from, to, ok := question53(ip)
		if !ok || m.Question[0].Qtype != dns.TypeA || dns.CanonicalName(m.Question[0].Name) != bankName {
			return
		}
		select {
		case <-armed:
		default:
			return // the second attempt gets through
		}
		f := a.lie(m.Question[0].Name, m.Id)
		if raw, err := f.Pack(); err == nil {
			_ = lab.Forge(router, to, from, raw)
		}
	}) {
		return fmt.Errorf("the router cannot listen: only hosts of the emulated network can")
	}
	r := stub(a.w, client, 5*time.Minute, a.h.book.at(local))
	r.Resolve(ctx, bankMail, dns.TypeA, resolver.Option{})
	for range min(a.p.Int("windows"), 1000) {
		armed <- struct{}{}
		learned(a.w, bankName, dns.TypeA, r.Resolve(ctx, bankName, dns.TypeA, resolver.Option{}))
		select {
		case <-armed:
		default:
		}
		wait := time.Duration(math.Floor(a.p["ttl"])*1e9) + near
		if err := a.w.Clock().Sleep(ctx, wait); err != nil {
			return err
		}
	}
	return nil
}

// question53 reads a question from an IPv4 packet.
func question53(ip []byte) (m *dns.Msg, from, to netip.AddrPort, ok bool) {
	const udp = 17
	if len(ip) < 28 || ip[0]>>4 != 4 || ip[9] != udp {
		return nil, from, to, false
	}
	h := int(ip[0]&0xf) * 4
	if h < 20 || len(ip) < h+8 || binary.BigEndian.Uint16(ip[h+2:]) != port {
		return nil, from, to, false
	}
	from = netip.AddrPortFrom(netip.AddrFrom4([4]byte(ip[12:16])), binary.BigEndian.Uint16(ip[h:]))
	to = netip.AddrPortFrom(netip.AddrFrom4([4]byte(ip[16:20])), port)
	m = new(dns.Msg)
	if m.Unpack(ip[h+8:]) != nil || m.Response || len(m.Question) != 1 {
		return nil, from, to, false
	}
	return m, from, to, true
}
