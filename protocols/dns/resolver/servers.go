package resolver

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/miekg/dns"
)

type serverKey = netip.Addr

// nameServer is an address of a name server.
type nameServer struct {
	name string
	addr netip.Addr
}

// estimate is what is known of a server: its smoothed round-trip time, and how
// often it has failed since it last answered.
type estimate struct {
	srtt  time.Duration
	fails int
}

// score orders servers: unknown ones first, so that each is tried once, then
// the nearest. Failures double a server's distance.
func (e *estimate) score() time.Duration {
	if e == nil {
		return 0
	}
	d := max(e.srtt, time.Millisecond)
	if e.fails > 0 {
		d = max(d, 100*time.Millisecond) << min(e.fails, 8)
	}
	return d
}

// learn counts an exchange: rtt < 0 is a failure.
func (r *Resolver) learn(a netip.Addr, rtt time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.rtt[a]
	if e == nil {
		if len(r.rtt) >= 4096 {
			clear(r.rtt)
		}
		e = &estimate{srtt: max(rtt, 0)}
		r.rtt[a] = e
	}
	if rtt < 0 {
		e.fails++
		return
	}
	e.srtt, e.fails = (7*e.srtt+rtt)/8, 0
}

// patience is the first time-out at a server (RFC 6298's idea: well above what
// is usual). One that does the work for others takes as long as that takes.
func (r *Resolver) patience(a netip.Addr) time.Duration {
	if r.cfg.Forward != nil {
		return r.cfg.Timeout
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.rtt[a]; e != nil && e.srtt > 0 {
		return max(min(4*e.srtt+100*time.Millisecond, r.cfg.Timeout), 3*e.srtt)
	}
	return r.cfg.Timeout
}

// order sorts servers as they will be asked.
func (r *Resolver) order(list []nameServer) []nameServer {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cfg.Rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	if !r.cfg.Random {
		slices.SortStableFunc(list, func(a, b nameServer) int { return int(r.rtt[a.addr].score() - r.rtt[b.addr].score()) })
	}
	return list
}

// usable reports whether servers are asked at addresses of this family.
func (r *Resolver) usable(a netip.Addr) bool {
	return a.Is4() && !r.cfg.NoIPv4 || a.Is6() && r.cfg.IPv6
}

// known are the addresses of a zone's servers that need no question; missing are
// the names of those without any.
func (j *job) known(d delegation) (list []nameServer, missing []string) {
	for _, h := range d.servers {
		n := len(list)
		addrs := h.Addrs
		for _, t := range j.r.addressTypes() {
			if e := j.r.peek(key{h.Name, t}); e != nil && e.kind == answer {
				addrs = append(slices.Clip(addrs), addressesOf(e.rrs)...)
			}
		}
		for _, a := range addrs {
			s := nameServer{h.Name, a}
			if j.r.usable(a) && !slices.ContainsFunc(list, func(o nameServer) bool { return o.addr == a }) {
				list = append(list, s)
			}
		}
		if len(list) == n && h.Name != "" {
			missing = append(missing, h.Name)
		}
	}
	return j.r.order(list), missing
}

func (r *Resolver) addressTypes() []uint16 {
	var ts []uint16
	if !r.cfg.NoIPv4 {
		ts = append(ts, dns.TypeA)
	}
	if r.cfg.IPv6 {
		ts = append(ts, dns.TypeAAAA)
	}
	return ts
}

func addressesOf(rrs []dns.RR) []netip.Addr {
	var out []netip.Addr
	for _, rr := range rrs {
		var a netip.Addr
		var ok bool
		switch rr := rr.(type) {
		case *dns.A:
			a, ok = netip.AddrFromSlice(rr.A)
		case *dns.AAAA:
			a, ok = netip.AddrFromSlice(rr.AAAA)
		}
		if ok {
			out = append(out, a.Unmap())
		}
	}
	return out
}

// find looks up the addresses of a server that came without glue.
func (j *job) find(ctx context.Context, name string, depth int) []nameServer {
	var out []nameServer
	for _, t := range j.r.addressTypes() {
		res := j.resolve(ctx, key{name, t}, depth+1)
		if res.Status == Bogus {
			continue
		}
		for _, a := range addressesOf(res.Answer) {
			out = append(out, nameServer{name, a})
		}
		if len(out) > 0 {
			break
		}
	}
	return out
}
