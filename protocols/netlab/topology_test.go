package netlab

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"netscope/capture"
	"netscope/protocols/lab"
)

const ms = time.Millisecond

// line is client – r1 – r2 – server, with an MTU for the middle link.
func line(mtu int) lab.Topology {
	p := lab.Path{Delay: 10 * ms, Rate: 10e6}
	return lab.Topology{
		Nodes: []lab.Node{{Name: "client"}, {Name: "r1", Kind: lab.RouterNode}, {Name: "r2", Kind: lab.RouterNode}, {Name: "server"}},
		Links: []lab.Link{
			{A: "client", B: "r1", AB: p, BA: p},
			{A: "r1", B: "r2", AB: p, BA: p, MTU: mtu},
			{A: "r2", B: "server", AB: p, BA: p},
		},
	}
}

func TestRoutersDecrementTTL(t *testing.T) {
	var rec recorder
	bubble(t, line(0), Options{Index: 1, All: true, Sink: &rec}, func(t *testing.T, n *Network) {
		defer echoUDP(t, n.World().Host("server"), "udp", ":7").Close()
		for _, network := range []string{"udp4", "udp6"} {
			c, err := n.World().Host("client").DialContext(t.Context(), network, "server:7")
			if err != nil {
				t.Fatal(err)
			}
			t0 := time.Now()
			c.Write(make([]byte, 10))
			if _, err := c.Read(make([]byte, 10)); err != nil {
				t.Fatal(err)
			}
			size := 38
			if network == "udp6" {
				size = 58
			}
			if d, want := time.Since(t0), 6*(10*ms+transmission(size, 10e6)); d != want {
				t.Errorf("%s: %v, want %v", network, d, want)
			}
			c.Close()
		}
	})
	var ttl []string
	for _, p := range rec.packets {
		hops := p.Data[8]
		if p.Data[0]>>4 == 6 {
			hops = p.Data[7]
		}
		ttl = append(ttl, fmt.Sprintf("%d:%d", p.Tap, hops))
	}
	once := []string{"0:64", "1:63", "2:62", "2:64", "1:63", "0:62"}
	if want := append(once, once...); !slices.Equal(ttl, want) {
		t.Errorf("link:TTL %v, want %v", ttl, want)
	}
}

func TestOnlyTheEgressIsTold(t *testing.T) {
	var rec recorder
	bubble(t, line(0), Options{Index: 1, Sink: &rec}, func(t *testing.T, n *Network) {
		defer serve(t, n.World().Host("server"), "tcp", ":80", sendBytes(1e5)).Close()
		fetch(t, n.World().Host("client"), "tcp", "server:80", 1e5)
		links := n.Links()
		if !links[0].IsEgress("client") || links[1].IsEgress("client") || !links[2].IsEgress("server") {
			t.Error("egress links are wrong")
		}
	})
	for _, p := range rec.packets {
		want := capture.TapID(0)
		if source(p.Data) == netip.MustParseAddr("10.1.0.4") {
			want = 2
		}
		if p.Tap != want {
			t.Errorf("%v told on link %d", source(p.Data), p.Tap)
		}
	}
}

// A link that is too narrow makes the router send "fragmentation needed" or
// "packet too big", after which TCP sends smaller segments.
func TestPathMTU(t *testing.T) {
	for network, icmp := range map[string][3]byte{"tcp4": {1, 3, 4}, "tcp6": {58, 2, 0}} {
		var rec recorder
		bubble(t, line(1300), Options{Index: 1, All: true, Sink: &rec}, func(t *testing.T, n *Network) {
			defer serve(t, n.World().Host("server"), "tcp", ":80", sendBytes(1e5)).Close()
			fetch(t, n.World().Host("client"), network, "server:80", 1e5)
		})
		errors := 0
		for _, p := range rec.packets {
			if p.Tap == 1 && p.Length > 1300 {
				t.Errorf("%s: %d bytes on a link with an MTU of 1300", network, p.Length)
			}
			proto, seg := split(p.Data)
			if len(seg) > 2 && [3]byte{proto, seg[0], seg[1]} == icmp {
				errors++
			}
		}
		if errors == 0 {
			t.Errorf("%s: no ICMP error", network)
		}
	}
}

// UDP datagrams longer than the MTU are sent in fragments, with numbers that
// the seed fixes.
func TestFragments(t *testing.T) {
	var rec recorder
	bubble(t, same(lab.Path{Delay: ms}), Options{Index: 1, Sink: &rec}, func(t *testing.T, n *Network) {
		defer echoUDP(t, n.World().Host("server"), "udp", ":7").Close()
		for _, network := range []string{"udp4", "udp6"} {
			c, err := n.World().Host("client").DialContext(t.Context(), network, "server:7")
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			for range 2 {
				c.Write(make([]byte, 4000))
				b := make([]byte, 5000)
				if k, err := c.Read(b); k != 4000 || err != nil {
					t.Errorf("%s: %d bytes came back: %v", network, k, err)
				}
			}
		}
	})
	var ids []int
	for _, p := range rec.packets {
		if p.Data[0]>>4 == 4 && source(p.Data) == netip.MustParseAddr("10.1.0.1") {
			ids = append(ids, int(p.Data[4])<<8|int(p.Data[5]))
			if sum := checksum(p.Data[:20]); sum != 0xffff {
				t.Errorf("header checksum is wrong: %x", sum)
			}
		}
	}
	if !slices.Equal(ids, []int{1, 1, 1, 2, 2, 2}) {
		t.Errorf("identifications %v", ids)
	}
}

func checksum(b []byte) uint16 {
	var s uint32
	for i := 0; i < len(b); i += 2 {
		s += uint32(b[i])<<8 | uint32(b[i+1])
	}
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return uint16(s)
}

// A router fragments an IPv4 datagram that is too long for the next link.
func TestRouterFragments(t *testing.T) {
	var rec recorder
	bubble(t, line(600), Options{Index: 1, All: true, Sink: &rec}, func(t *testing.T, n *Network) {
		defer echoUDP(t, n.World().Host("server"), "udp", ":7").Close()
		c, err := n.World().Host("client").DialContext(t.Context(), "udp4", "server:7")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.Write(make([]byte, 1400))
		c.SetReadDeadline(time.Now().Add(time.Second))
		if k, err := c.Read(make([]byte, 2000)); k != 1400 || err != nil {
			t.Errorf("%d bytes came back: %v", k, err)
		}
	})
	var count [3]int
	for _, p := range rec.packets {
		count[p.Tap]++
	}
	if count != [3]int{4, 6, 4} { // one there and three back at the client, and so on
		t.Errorf("packets on each link: %v", count)
	}
}

func TestAddresses(t *testing.T) {
	top := lab.Topology{
		Nodes: []lab.Node{{Name: "a"}, {Name: "b", Addrs: []string{"128.119.245.12"}}, {Name: "s", Kind: lab.SwitchNode}, {Name: "c"}, {Name: "d"}},
		Links: []lab.Link{{A: "a", B: "s"}, {A: "b", B: "s"}, {A: "c", B: "s", Prefix: "222.22.0.0/16"}, {A: "d", B: "s", Prefix: "222.22.0.0/16"}},
	}
	got, err := addresses(top, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := "[[10.1.0.1 fd00:1::1] [128.119.245.12 fd00:1::2] [] [222.22.0.1 fd00:1::3] [222.22.0.2 fd00:1::4]]"
	if fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
}

func TestBadTopologies(t *testing.T) {
	two := []lab.Node{{Name: "a"}, {Name: "b"}}
	for _, c := range []struct {
		top  lab.Topology
		want string
	}{
		{lab.Topology{Nodes: []lab.Node{{Name: "a"}, {Name: "a"}}}, "name of its own"},
		{lab.Topology{Nodes: []lab.Node{{}}}, "name of its own"},
		{lab.Topology{Nodes: two, Links: []lab.Link{{A: "a", B: "c"}}}, "must be nodes"},
		{lab.Topology{Nodes: two, Links: []lab.Link{{A: "a", B: "b", MTU: 10}}}, "MTU"},
		{lab.Topology{Nodes: two, Links: []lab.Link{{A: "a", B: "b", Prefix: "x"}}}, "prefix"},
		{lab.Topology{Nodes: two, Links: []lab.Link{{A: "a", B: "b", Prefix: "192.0.2.0/31"}}}, "no address is left"},
		{lab.Topology{Nodes: two, Links: []lab.Link{{A: "a", B: "b", AB: lab.Path{Loss: -1}}}}, "probabilities"},
		{lab.Topology{Nodes: []lab.Node{{Name: "a", Addrs: []string{"1.2.3"}}}}, "cannot have the address"},
		{lab.Topology{Nodes: []lab.Node{{Name: "a", Addrs: []string{"192.0.2.1"}}, {Name: "b", Addrs: []string{"192.0.2.1"}}}}, "both have"},
		{lab.Topology{Nodes: two, Congestion: "vegas"}, "congestion control"},
	} {
		synctest.Test(t, func(t *testing.T) { // a bubble that ends badly would leave goroutines
			n, err := New(c.top, Options{Settle: synctest.Wait})
			if err == nil {
				n.Close()
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%+v: %v, want %q", c.top, err, c.want)
			}
		})
	}
}
