package stream_test

import (
	"net/netip"
	"strings"
	"testing"

	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/stream"
)

// datagram adds a UDP datagram.
func (t *talk) datagram(from, to netip.AddrPort, data string) *stream.Result {
	return t.raw(ip4(from.Addr(), to.Addr(), 17, 0, 0, udp(from.Port(), to.Port(), []byte(data))))
}

func TestDatagrams(t *testing.T) {
	resolver := netip.MustParseAddrPort("10.0.0.9:53")
	k := newTalk(stream.Options{})
	r := k.datagram(resolver, client, "response")
	if !r.NewFlow || r.Flow.A != client || r.Dir != decoders.BtoA || string(r.Payload) != "response" || r.Flow.Transport != decoders.UDP {
		t.Errorf("%+v", r)
	}
	r.Flow.User = "mine"
	if r = k.datagram(client, resolver, "query"); r.NewFlow || r.Dir != decoders.AtoB || r.Flow.User != "mine" || r.Header.PayloadLen != 5 {
		t.Errorf("%+v", r)
	}
	if r = k.datagram(client, server, "other"); !r.NewFlow || r.Flow.Index != 1 || r.Flow.A != client {
		t.Errorf("%+v", r)
	}
}

func TestSilenceAndNumberEndConversations(t *testing.T) {
	k := newTalk(stream.Options{MaxFlows: 2, IdleUDP: 10e6, IdleTCP: 20e6})
	first := k.datagram(client, server, "a").Flow
	k.at += 10e6
	r := k.datagram(client, server, "b")
	if len(r.Ended) != 1 || r.Ended[0] != first || !r.NewFlow {
		t.Errorf("silence: %+v", r)
	}
	second := r.Flow
	third := k.send(true, stream.SYN, 1, 0, "hello").Flow
	if r = k.datagram(server, addr(client, 9), "c"); len(r.Ended) != 1 || r.Ended[0] != second {
		t.Errorf("number: %+v", r.Ended)
	}
	k.at += 30e6
	r = k.datagram(addr(client, 7), server, "d")
	if len(r.Ended) != 2 || line(r.Delivered) != ">5 end; <0 end" || r.Delivered[0].Flow != third {
		t.Errorf("silence: %d ended, %s", len(r.Ended), line(r.Delivered))
	}
}

func TestManyFlowsAreFoundAgain(t *testing.T) {
	k := newTalk(stream.Options{MaxFlows: 3000})
	for round := range 2 {
		for i := range 5000 {
			r := k.datagram(addr(client, uint16(10000+i)), server, "x")
			if want := round*5000 + i; r.Flow.Index != uint32(want) || len(r.Ended) != min(1, want/3000) {
				t.Fatalf("round %d, flow %d: index %d, %d ended", round, i, r.Flow.Index, len(r.Ended))
			}
		}
		for i := 2000; i < 5000; i++ {
			if r := k.datagram(server, addr(client, uint16(10000+i)), "x"); r.NewFlow || r.Dir != decoders.BtoA {
				t.Fatalf("flow %d is not found again", i)
			}
		}
	}
}

// fragments cuts an IP payload into IPv4 fragments of n bytes.
func fragments(id uint16, proto uint8, body []byte, n int) (out [][]byte) {
	for at := 0; at < len(body); at += n {
		end := min(at+n, len(body))
		f := uint16(at / 8)
		if end < len(body) {
			f |= 0x2000
		}
		out = append(out, ip4(client.Addr(), server.Addr(), proto, id, f, body[at:end]))
	}
	return out
}

func TestFragments(t *testing.T) {
	data := strings.Repeat("0123456789", 30) + "!"
	frags := fragments(1, 17, udp(40000, 53, []byte(data)), 64)
	for name, order := range map[string][]int{
		"in order":  {0, 1, 2, 3, 4},
		"reversed":  {4, 3, 2, 1, 0},
		"repeated":  {0, 0, 2, 4, 2, 1, 3},
		"last late": {1, 3, 2, 0, 4},
	} {
		k := newTalk(stream.Options{})
		for i, n := range order {
			r := k.raw(frags[n])
			if i < len(order)-1 {
				if r.Flow != nil || !r.Header.Frag.Is || r.Header.Transport != decoders.NoTransport {
					t.Errorf("%s: fragment %d: %+v", name, i, r)
				}
				continue
			}
			if r.Flow == nil || string(r.Payload) != data || r.Header.PayloadOff != -1 || r.Header.Dst.Port() != 53 {
				t.Errorf("%s: %+v", name, r)
			}
		}
	}
}

func TestFragmentsOfTCP(t *testing.T) {
	k := newTalk(stream.Options{})
	k.open(100, 500)
	s := seg{from: client, to: server, flags: ack, seq: 103, ack: 500, data: []byte(strings.Repeat("d", 100))}
	for _, f := range fragments(7, 6, s.tcp(), 48) {
		k.raw(f)
	}
	r := k.send(true, ack, 100, 500, "abc")
	if len(r.Delivered) != 2 || r.Delivered[1].PacketOff != -1 || r.Delivered[1].Packet != 5 || string(r.Delivered[1].Data) != string(s.data) {
		t.Errorf("%s %+v", line(r.Delivered), r.Delivered)
	}
}

func TestFragmentOverlapFirstCopyWins(t *testing.T) {
	body := udp(1, 2, []byte("aaaaaaaabbbbbbbbcccccccc"))
	k := newTalk(stream.Options{})
	f := fragments(1, 17, body, 16)
	k.raw(f[0])
	k.raw(ip4(client.Addr(), server.Addr(), 17, 1, 0x2001, []byte("XXXXXXXXbbbbbbbb")))
	r := k.raw(f[1])
	if string(r.Payload) != "aaaaaaaabbbbbbbbcccccccc" {
		t.Errorf("%q", r.Payload)
	}
}

func TestFragmentsThatNeverCome(t *testing.T) {
	k := newTalk(stream.Options{FragTimeout: 1e9})
	f := fragments(1, 17, udp(1, 2, make([]byte, 100)), 64)
	k.raw(f[0])
	k.at += 2e9
	if r := k.raw(f[1]); r.Flow != nil {
		t.Error("a datagram was put together from fragments of different times")
	}
	long := ip4(client.Addr(), server.Addr(), 17, 2, 0x1fff, make([]byte, 100))
	if r := k.raw(long); r.Flow != nil {
		t.Error("a fragment beyond 65,535 bytes was taken")
	}
}

func TestFragmentedTunnelInTunnel(t *testing.T) {
	inner := fragments(9, 17, udp(5, 6, []byte(strings.Repeat("deep", 40))), 88)
	k := newTalk(stream.Options{})
	var r *stream.Result
	for i, p := range inner {
		for _, f := range fragments(uint16(20+i), 4, p, 64) {
			r = k.raw(f)
		}
	}
	if r.Flow == nil || string(r.Payload) != strings.Repeat("deep", 40) {
		t.Errorf("%+v", r)
	}
}

// In a lab an acknowledgement takes time to arrive: the sender fills the window
// that it knows of, not the one that is on its way.
func TestWindowFullAsTheSenderKnows(t *testing.T) {
	k := newTalk(stream.Options{})
	send := func(c2s bool, s seg, delay int64) *stream.Result {
		s.from, s.to = server, client
		if c2s {
			s.from, s.to = client, server
		}
		b := s.packet()
		return k.in(stream.PacketIn{Link: capture.LinkRaw, Data: b, WireLen: len(b), Arrived: k.at + 1e6 + delay})
	}
	send(true, seg{flags: stream.SYN, seq: 99}, 1e6)
	send(false, seg{flags: stream.SYN | ack, seq: 499, ack: 100, window: 10}, 1e5)
	send(true, seg{flags: ack, seq: 100, ack: 500, data: []byte("12345")}, 1e5)
	send(false, seg{flags: ack, seq: 500, ack: 105, window: 10}, 5e6)
	if r := send(true, seg{flags: ack, seq: 105, ack: 500, data: []byte("67890")}, 1e5); !r.Analysis.Has(stream.WindowFull) {
		t.Errorf("%b", r.Analysis)
	}
	k.at += 10e6
	if r := send(true, seg{flags: ack, seq: 110, ack: 500, data: []byte("abc")}, 1e5); r.Analysis.Has(stream.WindowFull) {
		t.Errorf("%b", r.Analysis)
	}
}
