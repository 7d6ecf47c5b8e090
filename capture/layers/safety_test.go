package layers_test

import (
	"testing"

	"netscope/capture"
	"netscope/capture/layers"
)

// links are the link types that are decoded, and one that is not.
var links = []capture.LinkType{0, 1, 9, 12, 14, 50, 101, 108, 113, 127, 228, 229, 276}

// check decodes and reports any node that does not lie within the packet.
func check(t testing.TB, link capture.LinkType, data []byte, length int) {
	t.Helper()
	layers.Summarize(link, data, length)
	tree := layers.Decode(link, data, length)
	nodes := 0
	var walk func(ns []layers.Node, depth int)
	walk = func(ns []layers.Node, depth int) {
		for _, n := range ns {
			nodes++
			if n.Off < 0 || n.Len < 0 || n.Off+n.Len > len(data) {
				t.Fatalf("link type %d: %s %q spans %d+%d of %d bytes", link, n.Name, n.Label, n.Off, n.Len, len(data))
			}
			if n.Label == "" {
				t.Fatalf("link type %d: a node without a label: %+v", link, n)
			}
			walk(n.Children, depth+1)
		}
		if depth > 12 {
			t.Fatalf("tree is too deep")
		}
	}
	walk(tree.Layers, 0)
	if nodes > 4*len(data)+200 {
		t.Fatalf("%d nodes for %d bytes", nodes, len(data))
	}
	if len(data) > 0 && len(tree.Layers) == 0 {
		t.Fatalf("link type %d: nothing shown of %d bytes", link, len(data))
	}
}

// TestEveryCapturePacket decodes every packet, malformed ones included, and for
// the first of each file every prefix, under the true and under other link types.
func TestEveryCapturePacket(t *testing.T) {
	for _, path := range captures(t) {
		n := 0
		eachPacket(t, path, func(p capture.Packet) {
			check(t, p.Link, p.Data, p.Length)
			if n++; n > 5 {
				return
			}
			for i := range min(len(p.Data), 300) {
				check(t, p.Link, p.Data[:i], p.Length)
				check(t, p.Link, p.Data[:i], i)
			}
			for _, link := range links {
				check(t, link, p.Data, p.Length)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	for _, h := range []string{
		ethIPv4 + ipTCP + synTail,
		ethIPv4 + ipUDP + udpHi,
		"020000000002 020000000001 88a8 0064 8100 6005 0800" + ipUDP + udpHi,
		"020000000002 020000000001 8864 11 00 0001 0023 0021" + ipUDP + udpHi,
		ethIPv4 + "4500 0038 0000 0000 40 01 0000 0a010002 0a010001 0303 0000 00000000" + ipUDP + "c000 2ee0 000d 0000",
		ethIPv4 + "4500 0038 0000 0000 40 2f 0000 0a010002 0a010001 2000 0800 00000001" + ipUDP + udpHi,
	} {
		f.Add(uint32(1), uint16(0), unhex(f, h))
	}
	f.Add(uint32(276), uint16(9), unhex(f, "0800 0000 00000003 0001 04 06 0200000000010000"+ipUDP+udpHi))
	f.Fuzz(func(t *testing.T, link uint32, more uint16, data []byte) {
		if int(link) < len(links) {
			link = uint32(links[link])
		}
		check(t, capture.LinkType(link), data, len(data)+int(more))
	})
}

func BenchmarkSummarize(b *testing.B) {
	p := unhex(b, ethIPv4+ipTCP+synTail)
	b.ReportAllocs()
	for b.Loop() {
		layers.Summarize(capture.LinkEthernet, p, len(p))
	}
}

func BenchmarkDecode(b *testing.B) {
	p := unhex(b, ethIPv4+ipTCP+synTail)
	b.ReportAllocs()
	for b.Loop() {
		layers.Decode(capture.LinkEthernet, p, len(p))
	}
}
