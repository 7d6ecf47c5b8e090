package resolution

import (
	"encoding/binary"
	"net/netip"
	"strings"
	"testing"
	"time"

	"netscope/capture"
	"netscope/capture/store"
	"netscope/decoders"
	dnsdecoder "netscope/decoders/dns"
	"netscope/decoders/timeline"
)

// datagram is an IPv4 packet with a UDP datagram; checksums are left out.
func datagram(src, dst netip.AddrPort, payload []byte) []byte {
	p := make([]byte, 28+len(payload))
	p[0], p[8], p[9] = 0x45, 64, 17
	binary.BigEndian.PutUint16(p[2:], uint16(len(p)))
	copy(p[12:], src.Addr().AsSlice())
	copy(p[16:], dst.Addr().AsSlice())
	binary.BigEndian.PutUint16(p[20:], src.Port())
	binary.BigEndian.PutUint16(p[22:], dst.Port())
	binary.BigEndian.PutUint16(p[24:], uint16(8+len(payload)))
	copy(p[28:], payload)
	return p
}

// question is a message with a question for the A records of a name, and as a
// response with an address.
func question(id uint16, name string, response bool) []byte {
	b := []byte{byte(id >> 8), byte(id), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0}
	for _, label := range strings.Split(name, ".") {
		b = append(append(b, byte(len(label))), label...)
	}
	b = append(b, 0, 0, 1, 0, 1)
	if response {
		b[2], b[3], b[7] = 0x81, 0x80, 1
		b = append(b, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1)
	}
	return b
}

// A query that is lost and asked again is one resolution: its first message is
// lost, the second asks again, and nobody waits for the first any longer.
func TestLost(t *testing.T) {
	b := timeline.NewBuilder(timeline.Options{Lab: true, Store: store.New(0), Details: store.New(0), Decoders: []decoders.Decoder{dnsdecoder.Decoder{}}})
	if err := b.Meta(capture.Tap{Name: "link", Link: capture.LinkRaw, SnapLen: 65535}); err != nil {
		t.Fatal(err)
	}
	epoch := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	client, server := netip.MustParseAddrPort("10.1.0.1:50000"), netip.MustParseAddrPort("10.1.0.2:53")
	id := capture.PacketID(0)
	send := func(at time.Duration, src, dst netip.AddrPort, payload []byte, lost bool) {
		data := datagram(src, dst, payload)
		p := capture.Packet{ID: id, At: epoch.Add(at), Arrived: epoch.Add(at + 10*time.Millisecond), Link: capture.LinkRaw, Length: len(data), Data: data, Ref: -1}
		if lost {
			p.Arrived, p.Loss = time.Time{}, capture.LostWire
		}
		id++
		if err := b.Packet(p); err != nil {
			t.Fatal(err)
		}
	}
	send(0, client, server, question(7, "www.example.com", false), true)
	send(time.Second, client, server, question(7, "www.example.com", false), false)
	send(time.Second+20*time.Millisecond, server, client, question(7, "www.example.com", true), false)
	b.Finish(nil)
	s := b.Snapshot()
	var l Log
	l.Read(s)
	if len(l.Resolutions) != 1 || len(l.Msgs) != 3 {
		t.Fatalf("%d resolutions of %d messages: %+v", len(l.Resolutions), len(l.Msgs), l.Msgs)
	}
	if !l.Msgs[0].Lost() || !l.Msgs[0].Query || l.Msgs[0].Name != "www.example.com" {
		t.Errorf("the lost one: %+v", l.Msgs[0])
	}
	if !l.Msgs[1].Again || l.Msgs[1].Reply != 2 {
		t.Errorf("the second: %+v", l.Msgs[1])
	}
	if w := l.Waits(l.Msgs[0].Done, s.TimeOf(l.Msgs[0].Done)); len(w) != 1 {
		t.Errorf("after the loss %v waits", w)
	}
	if w := l.Waits(s.End(), s.Now()); len(w) != 0 {
		t.Errorf("at the end %v waits", w)
	}
}
