package resolution

import (
	"net/netip"
	"slices"
	"strings"

	"netscope/decoders"
	"netscope/decoders/dns"
	"netscope/decoders/timeline"
)

// Node is a host that sends or receives DNS messages.
type Node struct {
	Host   string // "" unknown
	Server string // its name as a name server, from a referral; "" unknown
	Addrs  []netip.Addr
	Zone   string // that it is authoritative for; "." is the root, "" unknown
	Exact  bool   // the zone is known, not guessed
	Asks   bool   // it has sent a query
	Serves bool   // it has received one
	Speaks bool   // it has answered with authority, or referred to others
}

func (n *Node) addr(a netip.Addr) {
	if len(n.Addrs) < 8 && !slices.Contains(n.Addrs, a) {
		n.Addrs = append(n.Addrs, a)
	}
}

// Name is what a node is called.
func (n *Node) Name() string {
	switch {
	case n.Host != "":
		return n.Host
	case n.Server != "":
		return n.Server
	case len(n.Addrs) > 0:
		return n.Addrs[0].String()
	}
	return "?"
}

// Authority reports whether it is a server of the hierarchy.
func (n *Node) Authority() bool { return n.Exact || n.Speaks }

// Depth is the number of labels of a zone: 0 the root, 1 a top-level domain.
func Depth(zone string) int {
	if zone == "." || zone == "" {
		return 0
	}
	return 1 + strings.Count(zone, ".")
}

// above is the zone one label up.
func above(zone string) string {
	if _, up, ok := strings.Cut(zone, "."); ok && up != "" {
		return up
	}
	return "."
}

// zoneOfHost is what a host's name says of its zone: labs call their servers
// root, root-2, tld-com.
func zoneOfHost(host string) string {
	if host == "root" || strings.HasPrefix(host, "root-") || strings.HasSuffix(host, ".root-servers.net") {
		return "."
	}
	if z, ok := strings.CutPrefix(host, "tld-"); ok && z != "" {
		return z
	}
	return ""
}

// rootServer reports whether an address is that of a root server (the IANA's
// list of root servers, IPv4).
func rootServer(a netip.Addr) bool {
	return slices.Contains([]string{"198.41.0.4", "170.247.170.2", "192.33.4.12", "199.7.91.13", "192.203.230.10", "192.5.5.241", "192.112.36.4",
		"198.97.190.53", "192.36.148.17", "192.58.128.30", "193.0.14.129", "199.7.83.42", "202.12.27.33"}, a.String())
}

// known says that a node has a zone.
func (n *Node) known(zone string, exact bool) {
	if n.Exact && (!exact || Depth(n.Zone) <= Depth(zone)) || !exact && n.Zone != "" && Depth(n.Zone) <= Depth(zone) {
		return
	}
	n.Zone, n.Exact = zone, exact
}

// record is what is read of a resource record.
type record struct {
	owner string
	typ   uint16
	value string
	addr  netip.Addr
}

// records takes the records of a message out of its fields, in order.
func records(kvs []decoders.KV) (rs []record, answers int, aa bool) {
	for i := range kvs {
		kv := &kvs[i]
		switch kv.Name {
		case "dns.flags.authoritative":
			aa = kv.Int != 0
		case "dns.count.answers":
			answers = int(kv.Int)
		case "dns.resp.name":
			rs = append(rs, record{owner: canonical(kv.Str)})
		}
		if len(rs) == 0 {
			continue
		}
		r := &rs[len(rs)-1]
		switch kv.Name {
		case "dns.resp.type":
			r.typ = uint16(kv.Int)
		case "dns.ns", "dns.cname":
			r.value = canonical(kv.Str)
		case "dns.a", "dns.aaaa":
			r.addr, _ = netip.ParseAddr(kv.Str)
		}
	}
	return rs, answers, aa
}

const (
	typeNS    = 2
	typeCNAME = 5
	typeSOA   = 6
)

// learn takes from a response which zones servers have.
func (l *Log) learn(x *Msg, kvs []decoders.KV, s *timeline.Snapshot) {
	if kvs == nil || x.Of < 0 {
		return
	}
	rs, answers, aa := records(kvs)
	n := &l.Nodes[x.From]
	for i := range rs {
		r := &rs[i]
		switch {
		case r.typ == typeNS && answers == 0 && !aa && x.Rcode == 0:
			x.Refers = r.owner
			n.Speaks = true
			n.known(above(r.owner), false)
			l.serves(r.value, r.owner)
			x.mentions = append(x.mentions, r.value)
		case r.typ == typeNS:
			l.serves(r.value, r.owner)
		case r.typ == typeCNAME:
			x.mentions = append(x.mentions, r.value)
		case r.typ == typeSOA && aa && i >= answers:
			n.known(r.owner, true)
		}
	}
	for i := range rs {
		r := &rs[i]
		if z, ok := l.wanted[r.owner]; ok && r.addr.IsValid() {
			k := &l.Nodes[l.node(s, netip.AddrPortFrom(r.addr, 53), true)]
			k.known(z, true)
			if k.Server == "" {
				k.Server = r.owner
			}
		}
	}
	n = &l.Nodes[x.From]
	if aa {
		n.Speaks = true
		switch {
		case x.Type == typeNS || x.Type == typeSOA || dns.TypeName(x.Type) == "DNSKEY":
			if answers > 0 {
				n.known(x.Name, true)
			}
		case n.Zone == "":
			n.known(registered(x.Name), false)
		}
	}
}

// serves remembers which zone a server's name stands for: the highest one.
func (l *Log) serves(server, zone string) {
	if old, ok := l.wanted[server]; (!ok || Depth(zone) < Depth(old)) && len(l.wanted) < 1<<14 {
		l.wanted[server] = zone
	}
}

// registered is the part of a name that somebody has registered, as far as its
// form shows: the last two labels.
func registered(name string) string {
	ls := strings.Split(name, ".")
	return strings.Join(ls[max(0, len(ls)-2):], ".")
}
