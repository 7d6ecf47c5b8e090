// Package lookup asks one question of the Domain Name System as dig does, and
// reports how the answer came about: iteratively from the root hints, or from a
// resolver that does the work. It runs wherever a lab.World does, so on the real
// network and on the emulated one.
//
// It knows no screen.
package lookup

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"

	"netscope/protocols/dns/resolver"
	"netscope/protocols/lab"
)

// Query is what is asked, and of whom.
type Query struct {
	Name string
	Type uint16

	// Server is asked alone: with Walk the search begins there instead of at
	// the root, else it does the work. Invalid: the root hints, or nobody.
	Server netip.AddrPort
	Walk   bool            // iteratively: netscope asks one server after the other
	Roots  []resolver.Hint // where a walk begins; nil: [Roots]
	Port   uint16          // of name servers on the walk; 0: 53

	Validate bool     // check signatures
	Anchors  []dns.RR // trusted keys; nil: [Anchors]
	TCP      bool
	IPv6     bool // ask servers at their IPv6 addresses only
	Tries    int  // at each server; 0: 3
	Timeout  time.Duration
}

// Report is the answer and how it came about.
type Report struct {
	Query Query
	Name  string // as it was asked: complete, with its final dot
	resolver.Result
	Steps []resolver.Step // in the order in which they ended
	Began time.Time
	Took  time.Duration
}

// Answered reports whether the question was settled, if only by "no such name".
func (r *Report) Answered() bool {
	return r.Rcode == dns.RcodeSuccess || r.Rcode == dns.RcodeNameError
}

// Do asks. Host is the world's host that asks.
func Do(ctx context.Context, w lab.World, host string, q Query) Report {
	rep := Report{Query: q, Name: dns.Fqdn(q.Name), Began: w.Clock().Now()}
	var mu sync.Mutex
	c := resolver.Config{
		Host: w.Host(host), Clock: w.Clock(), Rand: w.Rand("resolver"), Note: w.Note,
		Go: func(f func()) { lab.Go(w, f) },
		Trace: func(s resolver.Step) {
			if s.Server != "" {
				lab.Named(w, s.Addr.Addr(), strings.TrimSuffix(s.Server, "."))
			}
			mu.Lock()
			defer mu.Unlock()
			rep.Steps = append(rep.Steps, s)
		},
		Roots: q.Roots, Port: q.Port, TCP: q.TCP, UDPSize: 1232, IPv6: q.IPv6, NoIPv4: q.IPv6,
		Validate: q.Validate, Anchors: q.Anchors, Tries: q.Tries, Timeout: q.Timeout,
	}
	if c.Roots == nil {
		c.Roots = Roots()
	}
	if c.Anchors == nil {
		c.Anchors = Anchors()
	}
	if s := q.Server; s.IsValid() {
		if q.Walk {
			c.Roots, c.Port = []resolver.Hint{{Name: s.Addr().String() + ".", Addrs: []netip.Addr{s.Addr()}}}, s.Port()
		} else {
			c.Forward = func(string) []netip.AddrPort { return []netip.AddrPort{s} }
		}
	}
	r := resolver.New(c)
	defer r.Close()
	res := r.Resolve(ctx, rep.Name, q.Type, resolver.Option{})
	mu.Lock()
	defer mu.Unlock()
	rep.Result, rep.Took = res, w.Clock().Now().Sub(rep.Began)
	rep.Steps = rep.Steps[:len(rep.Steps):len(rep.Steps)]
	return rep
}

// ParseType reads a type: "A", "aaaa", "TYPE65".
func ParseType(s string) (uint16, error) {
	s = strings.ToUpper(s)
	if t, ok := dns.StringToType[s]; ok && t != dns.TypeNone && t != dns.TypeReserved {
		return t, nil
	}
	if n, ok := strings.CutPrefix(s, "TYPE"); ok {
		if t, err := strconv.ParseUint(n, 10, 16); err == nil {
			return uint16(t), nil
		}
	}
	return 0, fmt.Errorf("%q is no type of record: A, AAAA, MX, NS, TXT, SOA, CNAME, PTR, SRV, CAA, DS, DNSKEY, HTTPS, …, or TYPE and a number", s)
}

// CheckName says what is wrong with a name, if anything.
func CheckName(s string) error {
	if _, ok := dns.IsDomainName(s); !ok || s == "" {
		return fmt.Errorf("%q is no domain name: labels have 1 to 63 bytes, a name at most 255", s)
	}
	return nil
}

// Reverse is the name under which an address's name is found (RFC 1035 §3.5,
// RFC 3596 §2.5).
func Reverse(addr string) (string, error) {
	name, err := dns.ReverseAddr(addr)
	if err != nil {
		return "", fmt.Errorf("-x wants an address, such as 192.0.2.1, not %q", addr)
	}
	return name, nil
}

// SystemServer is the first resolver that this machine is configured with.
func SystemServer() (netip.AddrPort, error) {
	const file = "/etc/resolv.conf"
	c, err := dns.ClientConfigFromFile(file)
	if err != nil || len(c.Servers) == 0 {
		return netip.AddrPort{}, fmt.Errorf("%s names no resolver: name one with @, as @192.0.2.53, or ask iteratively with --trace", file)
	}
	return ServerAddr(context.Background(), c.Servers[0], 0)
}

// ServerAddr is the address of a server that is named by an address or a name,
// with its port (0: 53).
func ServerAddr(ctx context.Context, s string, port uint16) (netip.AddrPort, error) {
	if port == 0 {
		port = 53
	}
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.AddrPortFrom(a, port), nil
	}
	if a, err := netip.ParseAddrPort(s); err == nil {
		return netip.AddrPort{}, fmt.Errorf("the port of a server is an option of its own: @%s -p %d", a.Addr(), a.Port())
	}
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip4", s)
	if err != nil || len(addrs) == 0 {
		return netip.AddrPort{}, fmt.Errorf("the server %s has no address that this machine can find: give its address instead", s)
	}
	return netip.AddrPortFrom(addrs[0].Unmap(), port), nil
}
