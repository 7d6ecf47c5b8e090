package layers_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"netscope/capture"
	"netscope/capture/layers"
)

// unhex reads bytes from hexadecimal with spaces.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Headers of a small network: 10.1.0.1 to 10.1.0.2.
const (
	ethIPv4 = "020000000002 020000000001 0800 "
	ipTCP   = "4500 0034 1234 4000 40 06 148c 0a010001 0a010002 "
	synTail = "c000 0050 00000001 00000000 8002 faf0 a0cb 0000 0204 05b4 0103 0307 0402 0000"
	ipUDP   = "4500 0021 0001 0000 40 11 66c7 0a010001 0a010002 "
	udpHi   = "c000 2ee0 000d 0000 68656c6c6f"
)

// flat writes a tree as lines "name label: value", indented, for comparison.
func flat(t layers.Tree) string {
	var s strings.Builder
	var walk func(ns []layers.Node, depth int)
	walk = func(ns []layers.Node, depth int) {
		for _, n := range ns {
			bad := ""
			if n.Bad {
				bad = " !"
			}
			fmt.Fprintf(&s, "%s%s [%d+%d] %s: %s%s\n", strings.Repeat("  ", depth), n.Name, n.Off, n.Len, n.Label, n.Value, bad)
			walk(n.Children, depth+1)
		}
	}
	walk(t.Layers, 0)
	if t.Err != "" {
		s.WriteString("error: " + t.Err + "\n")
	}
	return s.String()
}

// find gives the first node of that name, and fails if there is none.
func find(t testing.TB, tree layers.Tree, name string) layers.Node {
	t.Helper()
	var walk func(ns []layers.Node) *layers.Node
	walk = func(ns []layers.Node) *layers.Node {
		for i := range ns {
			if ns[i].Name == name {
				return &ns[i]
			}
			if n := walk(ns[i].Children); n != nil {
				return n
			}
		}
		return nil
	}
	n := walk(tree.Layers)
	if n == nil {
		t.Fatalf("no field %s in\n%s", name, flat(tree))
	}
	return *n
}

func TestSummaries(t *testing.T) {
	const (
		arpHead = "ffffffffffff 020000000001 0806 0001 0800 06 04 "
		v6      = "020000000002 020000000001 86dd 60000000 "
		addr6   = "fe800000000000000000000000000001 fe800000000000000000000000000002 "
	)
	tests := []struct {
		name string
		link capture.LinkType
		hex  string
		more int // bytes that the capture cut off
		want layers.Summary
	}{
		{"SYN", 1, ethIPv4 + ipTCP + synTail, 0, layers.Summary{Src: "10.1.0.1", Dst: "10.1.0.2", Proto: "TCP",
			Info: "49152 → 80 [SYN] Seq=1 Win=64240 Len=0 MSS=1460 WS=128 SACK_PERM"}},
		{"UDP", 1, ethIPv4 + ipUDP + udpHi, 0, layers.Summary{Src: "10.1.0.1", Dst: "10.1.0.2", Proto: "UDP", Info: "49152 → 12000 Len=5"}},
		{"VLAN in VLAN", 1, "020000000002 020000000001 88a8 0064 8100 6005 0800" + ipUDP + udpHi, 0,
			layers.Summary{Src: "10.1.0.1", Dst: "10.1.0.2", Proto: "UDP", Info: "49152 → 12000 Len=5"}},
		{"raw", 101, ipUDP + udpHi, 0, layers.Summary{Src: "10.1.0.1", Dst: "10.1.0.2", Proto: "UDP", Info: "49152 → 12000 Len=5"}},
		{"cooked", 113, "0000 0001 0006 020000000001 0000 0800" + ipUDP + udpHi, 0,
			layers.Summary{Src: "10.1.0.1", Dst: "10.1.0.2", Proto: "UDP", Info: "49152 → 12000 Len=5"}},
		{"cooked 2", 276, "0800 0000 00000003 0001 04 06 0200000000010000" + ipUDP + udpHi, 0,
			layers.Summary{Src: "10.1.0.1", Dst: "10.1.0.2", Proto: "UDP", Info: "49152 → 12000 Len=5"}},
		{"null, little-endian", 0, "02000000" + ipUDP + udpHi, 0,
			layers.Summary{Src: "10.1.0.1", Dst: "10.1.0.2", Proto: "UDP", Info: "49152 → 12000 Len=5"}},
		{"loop", 108, "00000002" + ipUDP + udpHi, 0,
			layers.Summary{Src: "10.1.0.1", Dst: "10.1.0.2", Proto: "UDP", Info: "49152 → 12000 Len=5"}},
		{"PPP", 9, "ff03 0021" + ipUDP + udpHi, 0,
			layers.Summary{Src: "10.1.0.1", Dst: "10.1.0.2", Proto: "UDP", Info: "49152 → 12000 Len=5"}},
		{"PPP, short", 9, "21" + ipUDP + udpHi, 0,
			layers.Summary{Src: "10.1.0.1", Dst: "10.1.0.2", Proto: "UDP", Info: "49152 → 12000 Len=5"}},
		{"PPPoE", 1, "020000000002 020000000001 8864 11 00 0001 0023 0021" + ipUDP + udpHi, 0,
			layers.Summary{Src: "10.1.0.1", Dst: "10.1.0.2", Proto: "UDP", Info: "49152 → 12000 Len=5"}},
		{"ARP request", 1, arpHead + "0001 020000000001 0a010001 000000000000 0a010002", 0,
			layers.Summary{Src: "02:00:00:00:00:01", Dst: "ff:ff:ff:ff:ff:ff", Proto: "ARP", Info: "Who has 10.1.0.2? Tell 10.1.0.1"}},
		{"ARP reply", 1, arpHead + "0002 020000000001 0a010001 020000000002 0a010002", 0,
			layers.Summary{Src: "02:00:00:00:00:01", Dst: "ff:ff:ff:ff:ff:ff", Proto: "ARP", Info: "10.1.0.1 is at 02:00:00:00:00:01"}},
		{"fragment", 1, ethIPv4 + "4500 001c 1ea0 2000 40 11 0000 0a010001 0a010002 c0002ee000140000", 0,
			layers.Summary{Src: "10.1.0.1", Dst: "10.1.0.2", Proto: "IPv4", Info: "Fragmented IP protocol (proto=UDP 17, off=0, ID=1ea0)"}},
		{"ping", 1, ethIPv4 + "4500 001c 0000 0000 40 01 0000 0a010001 0a010002 0800 f6ff 0001 0100", 0,
			layers.Summary{Src: "10.1.0.1", Dst: "10.1.0.2", Proto: "ICMP", Info: "Echo (ping) request  id=0x0001, seq=256/1, ttl=64"}},
		{"solicitation", 1, v6 + "0020 3a ff" + addr6 + "8700 0000 00000000 fe800000000000000000000000000002 0101 020000000001", 0,
			layers.Summary{Src: "fe80::1", Dst: "fe80::2", Proto: "ICMPv6", Info: "Neighbor Solicitation for fe80::2 from 02:00:00:00:00:01"}},
		{"IPv6 fragment", 1, v6 + "0010 2c 40" + addr6 + "11 00 0001 00000007 c0002ee000140000", 0,
			layers.Summary{Src: "fe80::1", Dst: "fe80::2", Proto: "IPv6", Info: "IPv6 fragment (off=0 more=y ident=0x00000007 nxt=17)"}},
		{"atomic fragment", 1, v6 + "0010 2c 40" + addr6 + "11 00 0000 00000007 c0002ee000080000", 0,
			layers.Summary{Src: "fe80::1", Dst: "fe80::2", Proto: "UDP", Info: "49152 → 12000 Len=0"}},
		{"cut in TCP", 1, ethIPv4 + ipTCP + "c000 0050", 28, layers.Summary{Src: "10.1.0.1", Dst: "10.1.0.2", Proto: "TCP",
			Info: "49152 → 80 [truncated] [the capture cut this packet within its TCP header]"}},
		{"unknown link", 127, "0000", 0, layers.Summary{Proto: "ieee802.11-radiotap", Info: "2 bytes"}},
		{"nothing", 1, "", 0, layers.Summary{Proto: "ethernet", Info: "0 bytes [the packet ends before its Ethernet header]"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := unhex(t, test.hex)
			if got := layers.Summarize(test.link, b, len(b)+test.more); got != test.want {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
		})
	}
}

// TestFields checks single fields: name, value, span and verdict.
func TestFields(t *testing.T) {
	const udpBad = "c000 2ee0 000d 1234 68656c6c6f"
	tests := []struct {
		name, hex, field, value string
		more, off, len          int
		bad                     bool
	}{
		{"IP checksum", ethIPv4 + ipTCP + synTail, "ip.checksum", "0x148c [correct]", 0, 24, 2, false},
		{"TCP checksum", ethIPv4 + ipTCP + synTail, "tcp.checksum", "0xa0cb [correct]", 0, 50, 2, false},
		{"offloaded", ethIPv4 + ipTCP + strings.Replace(synTail, "a0cb", "142b", 1), "tcp.checksum",
			"0x142b [unverified: left to the network card, should be 0xa0cb]", 0, 50, 2, false},
		{"cut", ethIPv4 + ipTCP + synTail[:len(synTail)-4], "tcp.checksum", "0xa0cb [unverified: packet truncated]", 2, 50, 2, false},
		{"UDP, none", ethIPv4 + ipUDP + udpHi, "udp.checksum", "0x0000 [not used by the sender]", 0, 40, 2, false},
		{"UDP, wrong", ethIPv4 + ipUDP + udpBad, "udp.checksum", "0x1234 [incorrect, should be 0xb91c]", 0, 40, 2, true},
		{"flags", ethIPv4 + ipTCP + synTail, "tcp.flags", "0x002 (SYN)", 0, 46, 2, false},
		{"MSS", ethIPv4 + ipTCP + synTail, "tcp.options.mss_val", "1460", 0, 56, 2, false},
		{"padding", ethIPv4 + ipUDP + udpHi + "0000000000", "eth.padding", "0000000000", 0, 47, 5, false},
		{"payload", ethIPv4 + ipUDP + udpHi, "udp.payload", "", 0, 42, 5, false},
		{"VLAN", "020000000002 020000000001 8100 6005 0800" + ipUDP + udpHi, "vlan.id", "5", 0, 14, 2, false},
		{"IP length", ethIPv4 + strings.Replace(ipUDP, "0021", "0099", 1) + udpHi, "ip.len",
			"153 [longer than the 33 bytes there are]", 0, 16, 2, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := unhex(t, test.hex)
			tree := layers.Decode(capture.LinkEthernet, b, len(b)+test.more)
			n := find(t, tree, test.field)
			if n.Value != test.value || n.Off != test.off || n.Len != test.len || n.Bad != test.bad {
				t.Errorf("%s = %q [%d+%d] bad=%v, want %q [%d+%d] bad=%v", test.field, n.Value, n.Off, n.Len, n.Bad,
					test.value, test.off, test.len, test.bad)
			}
		})
	}
}

// TestQuotedPacket checks that an ICMP error shows the packet that caused it.
func TestQuotedPacket(t *testing.T) {
	b := unhex(t, ethIPv4+"4500 0038 0000 0000 40 01 0000 0a010002 0a010001 0303 0000 00000000"+ipUDP+"c000 2ee0 000d 0000")
	tree := layers.Decode(capture.LinkEthernet, b, len(b))
	if n := find(t, tree, "udp.dstport"); n.Value != "12000" || n.Off != 64 {
		t.Errorf("quoted port %q at %d", n.Value, n.Off)
	}
	if n := find(t, tree, "udp.checksum"); n.Bad || n.Value != "0x0000 [not used by the sender]" {
		t.Errorf("quoted checksum %q", n.Value)
	}
	if strings.Contains(flat(tree), "longer than") {
		t.Errorf("a quoted packet may be cut:\n%s", flat(tree))
	}
	s := layers.Summarize(capture.LinkEthernet, b, len(b))
	if s.Info != "Destination unreachable (Port unreachable)" || s.Src != "10.1.0.2" {
		t.Errorf("summary %+v", s)
	}
}

// TestUnknownLink checks that packets of other link types are shown as bytes.
func TestUnknownLink(t *testing.T) {
	tree := layers.Decode(127, []byte{1, 2, 3}, 10)
	if len(tree.Layers) != 1 || tree.Layers[0].Label != "ieee802.11-radiotap (10 bytes, 3 captured)" ||
		tree.Layers[0].Len != 3 || tree.Err != "" {
		t.Errorf("%+v", tree)
	}
}
