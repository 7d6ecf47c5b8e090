package stream_test

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/stream"
)

func cat(parts ...[]byte) []byte { return slices.Concat(parts...) }

func TestLinksAndTunnels(t *testing.T) {
	a, b := client.Addr(), server.Addr()
	x, y := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")
	macs := make([]byte, 12)
	s := seg{from: client, to: server, flags: stream.ACK, data: []byte("hello")}
	v4 := s.packet()
	v6 := ip6(x, y, 6, s.tcp())
	eth := cat(macs, []byte{8, 0}, v4)
	outer := func(proto uint8, body []byte) []byte { return ip4(y4, x4, proto, 0, 0, body) }
	hop := []byte{6, 0, 1, 4, 0, 0, 0, 0}
	tests := []struct {
		name string
		link capture.LinkType
		data []byte
	}{
		{"Ethernet", capture.LinkEthernet, eth},
		{"padding", capture.LinkEthernet, cat(eth, make([]byte, 9))},
		{"VLAN", capture.LinkEthernet, cat(macs, []byte{0x81, 0, 0, 1, 8, 0}, v4)},
		{"QinQ", capture.LinkEthernet, cat(macs, []byte{0x88, 0xa8, 0, 1, 0x81, 0, 0, 1, 0x86, 0xdd}, v6)},
		{"PPPoE", capture.LinkEthernet, cat(macs, []byte{0x88, 0x64, 0x11, 0, 0, 1, 0, byte(2 + len(v4)), 0, 0x21}, v4)},
		{"SNAP", capture.LinkEthernet, cat(macs, []byte{0, byte(8 + len(v4)), 0xaa, 0xaa, 3, 0, 0, 0, 8, 0}, v4)},
		{"MPLS", capture.LinkEthernet, cat(macs, []byte{0x88, 0x47, 0, 0, 0, 9, 0, 0, 1, 9}, v4)},
		{"MPLS pseudowire", capture.LinkEthernet, cat(macs, []byte{0x88, 0x47, 0, 0, 1, 9, 0, 0, 0, 0}, eth)},
		{"raw 4", capture.LinkRaw, v4},
		{"raw 6", capture.LinkIPv6, v6},
		{"null, little-endian", capture.LinkNull, cat([]byte{2, 0, 0, 0}, v4)},
		{"loop", capture.LinkLoop, cat([]byte{0, 0, 0, 24}, v6)},
		{"SLL", capture.LinkSLL, cat(make([]byte, 14), []byte{8, 0}, v4)},
		{"SLL2", capture.LinkSLL2, cat([]byte{0x86, 0xdd}, make([]byte, 18), v6)},
		{"PPP", capture.LinkPPP, cat([]byte{0, 0x57}, v6)},
		{"PPP, HDLC framing, short protocol", capture.LinkPPPHDLC, cat([]byte{0xff, 3, 0x21}, v4)},
		{"hop-by-hop options", capture.LinkRaw, ip6(x, y, 0, cat(hop, s.tcp()))},
		{"IP in IP", capture.LinkRaw, outer(4, v4)},
		{"6in4", capture.LinkRaw, outer(41, v6)},
		{"GRE", capture.LinkRaw, outer(47, cat([]byte{0x30, 0, 8, 0, 0, 0, 0, 1, 0, 0, 0, 2}, v4))},
		{"GRE with Ethernet", capture.LinkRaw, outer(47, cat([]byte{0, 0, 0x65, 0x58}, eth))},
		{"PPTP", capture.LinkRaw, outer(47, cat([]byte{0x30, 0x81, 0x88, 0x0b, 0, 9, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0xff, 3, 0, 0x21}, v4))},
		{"VXLAN", capture.LinkRaw, outer(17, udp(9, 4789, cat([]byte{8, 0, 0, 0, 0, 0, 1, 0}, eth)))},
		{"GENEVE", capture.LinkRaw, outer(17, udp(9, 6081, cat([]byte{1, 0, 0x65, 0x58, 0, 0, 1, 0, 1, 2, 3, 4}, eth)))},
		{"Teredo", capture.LinkRaw, outer(17, udp(9, 3544, v6))},
		{"Teredo, origin", capture.LinkRaw, outer(17, udp(3544, 9, cat(make([]byte, 8), v6)))},
	}
	for _, tt := range tests {
		var h stream.Header
		if !stream.Parse(tt.link, tt.data, len(tt.data), &h) || h.Transport != decoders.TCP {
			t.Errorf("%s: no TCP found: %+v", tt.name, h)
			continue
		}
		src, dst := a, b
		if h.Src.Addr().Is6() {
			src, dst = x, y
		}
		if h.Src != netip.AddrPortFrom(src, 40000) || h.Dst != netip.AddrPortFrom(dst, 80) {
			t.Errorf("%s: from %v to %v", tt.name, h.Src, h.Dst)
		}
		if got := string(tt.data[h.PayloadOff : h.PayloadOff+h.PayloadLen]); got != "hello" || h.PayloadMissing != 0 {
			t.Errorf("%s: payload %q, %d missing", tt.name, got, h.PayloadMissing)
		}
		for n := range tt.data { // every prefix, as a short snap length leaves it
			stream.Parse(tt.link, tt.data[:n], len(tt.data), &h)
			if h.PayloadLen > 0 && h.PayloadOff+h.PayloadLen > n {
				t.Errorf("%s cut at %d: payload beyond the end", tt.name, n)
			}
		}
	}
}

var x4, y4 = netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")

func TestOptions(t *testing.T) {
	s := seg{from: client, to: server, flags: stream.SYN, options: []byte{
		2, 4, 5, 0xb4, 1, 3, 3, 7, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 5, 10, 0, 0, 0, 3, 0, 0, 0, 4,
	}}
	p := s.packet()
	var h stream.Header
	stream.Parse(capture.LinkRaw, p, len(p), &h)
	if h.MSS != 1460 || h.WScale != 7 || !h.SACKPermitted || !h.HasTS || h.TSval != 1 || h.TSecr != 2 || h.NSACK != 1 || h.SACKs[0] != [2]uint32{3, 4} {
		t.Errorf("%+v", h)
	}
}

func TestTunnelWithoutConversationIsUDP(t *testing.T) {
	p := ip4(x4, y4, 17, 0, 0, udp(9, 4789, cat([]byte{8, 0, 0, 0, 0, 0, 1, 0}, make([]byte, 12), []byte{8, 6}, make([]byte, 28))))
	var h stream.Header
	stream.Parse(capture.LinkRaw, p, len(p), &h)
	if h.Transport != decoders.UDP || h.Dst.Port() != 4789 || h.PayloadLen != 50 {
		t.Errorf("%+v", h)
	}
}

// The oracle says which frames have a transport, reassembled ones included.
func TestTransportEqualsOracle(t *testing.T) {
	checked, whole := 0, 0
	for _, path := range captureFiles(t, "frames") {
		if strings.Contains(path, "udp-length-heapoverflow") {
			continue // half a UDP header is none here
		}
		rows := table(t, path, "frames")
		err := run(t, path, stream.Options{}, func(p capture.Packet, r *stream.Result) {
			if p.Data == nil || int(p.ID) >= len(rows) || !known(p.Link) {
				return
			}
			row := rows[p.ID]
			if row["malformed"] != "0" {
				return
			}
			want := decoders.NoTransport
			layers := strings.Split(row["stack"], "/")
			for _, layer := range layers {
				switch layer {
				case "tcp":
					want = decoders.TCP
				case "udp":
					want = decoders.UDP
				case "icmp", "icmpv6":
					return // quotes what it is about
				}
			}
			checked++
			if r.Header.Transport != want {
				t.Errorf("%s, frame %d is %v, want %v: %s", path, p.ID+1, r.Header.Transport, want, row["stack"])
			}
			if r.Header.PayloadOff < 0 && r.Flow != nil {
				whole++
				if got, want := len(r.Payload), wholeSizes[row["protocol"]]; got != want {
					t.Errorf("%s, frame %d has %d bytes, want %d", path, p.ID+1, got, want)
				}
			}
		})
		if err != nil {
			t.Log(err)
		}
	}
	t.Logf("%d frames compared, %d reassembled datagrams", checked, whole)
	if whole < 4 {
		t.Error("too few datagrams put together")
	}
}

// wholeSizes are the lengths of the fragmented datagrams in the corpus.
var wholeSizes = map[string]int{"NFS": 7400 + 920 - 8, "DNS": 2864 + 374 - 8}

func known(l capture.LinkType) bool {
	switch l {
	case capture.LinkNull, capture.LinkEthernet, capture.LinkPPP, capture.LinkRaw12, capture.LinkRaw14, capture.LinkPPPHDLC,
		capture.LinkRaw, capture.LinkLoop, capture.LinkSLL, capture.LinkIPv4, capture.LinkIPv6, capture.LinkSLL2:
		return true
	}
	return false
}

// Every capture, malformed ones and packets cut anywhere included, goes
// through without a panic.
func TestNothingPanics(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, path := range captureFiles(t, "") {
		cut, spoilt := newTalk(stream.Options{}), newTalk(stream.Options{})
		_ = run(t, path, stream.Options{}, func(p capture.Packet, _ *stream.Result) {
			in := stream.PacketIn{Link: p.Link, Data: p.Data[:rng.IntN(len(p.Data)+1)], WireLen: p.Length}
			cut.in(in)
			in.Data = slices.Clone(p.Data)
			for range 3 {
				if len(in.Data) > 0 {
					in.Data[rng.IntN(len(in.Data))] ^= byte(1 << rng.IntN(8))
				}
			}
			spoilt.in(in)
		})
		cut.Flush(&cut.res)
		spoilt.Flush(&spoilt.res)
	}
}
