package dns

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/miekg/dns"

	"netscope/capture"
	"netscope/protocols/dns/resolver"
	"netscope/protocols/dns/server"
	"netscope/protocols/dns/zone"
	"netscope/protocols/lab"
)

// port is where name servers listen.
const port = 53

// services are what --expose forwards of a name server.
func services() []lab.Service {
	return []lab.Service{{Name: "dns", Network: "udp", Port: port}, {Name: "dns", Network: "tcp", Port: port}}
}

// link joins two hosts at a distance of a round-trip time.
func link(a, b string, rtt time.Duration) lab.Link {
	p := lab.Path{Delay: rtt / 2}
	return lab.Link{A: a, B: b, AB: p, BA: p}
}

// book knows the addresses of a lab's hosts, which differ between variants.
type book struct {
	four, six map[string]netip.Addr
}

// addresses asks each host for its own addresses.
func addresses(w lab.World, names ...string) (book, error) {
	b := book{map[string]netip.Addr{}, map[string]netip.Addr{}}
	for _, name := range names {
		for _, network := range [...]string{"udp4", "udp6"} {
			into := b.four
			if network == "udp6" {
				into = b.six
			}
			c, err := w.Host(name).ListenPacket(network, fmt.Sprintf("%s:%d", name, port))
			if err != nil {
				return b, fmt.Errorf("the address of %s is not known: %w", name, err)
			}
			if a, ok := c.LocalAddr().(*net.UDPAddr); ok {
				into[name] = a.AddrPort().Addr().Unmap()
			}
			_ = c.Close()
		}
	}
	return b, nil
}

// zone reads a master file in which {name} stands for a host's IPv4 address and
// {name/6} for its IPv6 address.
func (b book) zone(origin, text string) (*zone.Zone, error) {
	var pairs []string
	for name, a := range b.four {
		pairs = append(pairs, "{"+name+"}", a.String(), "{"+name+"/6}", b.six[name].String())
	}
	return zone.ParseText(strings.NewReplacer(pairs...).Replace(text), origin)
}

// at is where a host's name server listens.
func (b book) at(name string) netip.AddrPort { return netip.AddrPortFrom(b.four[name], port) }

// only sends every question to these servers.
func only(to ...netip.AddrPort) func(string) []netip.AddrPort {
	return func(string) []netip.AddrPort { return to }
}

// config is what resolvers of a lab have in common.
func config(w lab.World, host string) resolver.Config {
	return resolver.Config{
		Host: w.Host(host), Clock: w.Clock(), Rand: w.Rand("dns/" + host),
		Go: func(f func()) { lab.Go(w, f) }, Note: w.Note,
	}
}

// serve starts an authoritative server on a host.
func serve(ctx context.Context, w lab.World, host string, s *server.Server) error {
	return serveWith(ctx, w, host, s, server.Options{})
}

func serveWith(ctx context.Context, w lab.World, host string, s *server.Server, o server.Options) error {
	o.Go, o.Prompt = func(f func()) { lab.Go(w, f) }, s.Recurse == nil
	return server.Serve(ctx, w.Host(host), s.Handle, o)
}

// stub is the resolver in a client: it knows one name server and remembers
// nothing.
func stub(w lab.World, host string, timeout time.Duration, to ...netip.AddrPort) *resolver.Resolver {
	c := config(w, host)
	c.Note, c.CacheSize, c.Forward, c.Timeout = nil, -1, only(to...), timeout
	return resolver.New(c)
}

// say tells what a client learned.
func say(w lab.World, host, name, text string) {
	w.Note(capture.Note{Host: host, Proto: "dns", Name: name, Summary: text})
}

// outcome is a result in a few words.
func outcome(r resolver.Result) string {
	if r.Rcode != dns.RcodeSuccess || len(r.Answer) == 0 {
		text := dns.RcodeToString[r.Rcode]
		if r.Rcode == dns.RcodeSuccess {
			text = "no such record"
		}
		if r.Why != "" {
			text += ": " + r.Why
		}
		return text
	}
	return strings.Join(resolver.Values(r.Answer), ", ")
}

// onOff is a parameter that is off unless it is asked for.
func onOff(name, label, doc string) lab.Param {
	return lab.Param{Name: name, Label: label, Doc: doc, Kind: lab.Choice, Choices: []string{"off", "on"}, Max: 1}
}

func distance(name, label, doc string, def float64) lab.Param {
	return lab.Param{Name: name, Label: label, Doc: doc, Kind: lab.Duration, Default: def, Min: 0.0001, Max: 10}
}

func ref(x float64) *float64 { return &x }
func number(n int) *float64  { return ref(float64(n)) }
