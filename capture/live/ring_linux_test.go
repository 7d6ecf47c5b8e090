package live

import (
	"encoding/binary"
	"testing"

	"golang.org/x/sys/unix"

	"netscope/capture"
)

// fill makes a block of n packets as the kernel would.
func fill(n, size int, status uint32, kind byte) []byte {
	b := make([]byte, blockSize)
	ne := binary.NativeEndian
	ne.PutUint32(b[blockStatus:], unix.TP_STATUS_USER)
	ne.PutUint32(b[blockCountN:], uint32(n))
	ne.PutUint32(b[blockFirst:], 48)
	const mac = 82
	step := (mac + size + 7) &^ 7
	for i := range n {
		h := b[48+i*step:]
		if i < n-1 {
			ne.PutUint32(h[pktNext:], uint32(step))
		}
		ne.PutUint32(h[pktSec:], 1000)
		ne.PutUint32(h[pktNsec:], uint32(i))
		ne.PutUint32(h[pktSnapLen:], uint32(size))
		ne.PutUint32(h[pktLen:], uint32(size)+7)
		ne.PutUint32(h[pktStatus:], status)
		ne.PutUint16(h[pktMAC:], mac)
		ne.PutUint32(h[pktVLANTCI:], 0x6005)
		ne.PutUint16(h[pktVLANTPI:], 0x88a8)
		ne.PutUint32(h[pktAddr+addrIndex:], 1)
		h[pktAddr+addrType] = kind
		copy(h[mac:], "\xff\xff\xff\xff\xff\xff\x02\x00\x00\x00\x00\x01\x08\x00")
	}
	return b
}

func TestBlock(t *testing.T) {
	s := &Source{link: capture.LinkEthernet, snap: DefaultSnapLen, loops: map[int32]bool{1: true}}
	tests := []struct {
		name   string
		status uint32
		kind   byte
		want   int
		data   string
		length int
	}{
		{"plain", 0, unix.PACKET_HOST, 5, "\x01\x08\x00\x00", 67},
		{"tag", unix.TP_STATUS_VLAN_VALID, unix.PACKET_HOST, 5, "\x01\x81\x00\x60\x05\x08\x00", 71},
		{"service tag", unix.TP_STATUS_VLAN_VALID | unix.TP_STATUS_VLAN_TPID_VALID, unix.PACKET_HOST, 5, "\x01\x88\xa8\x60\x05\x08\x00", 71},
		{"outgoing on loopback", 0, unix.PACKET_OUTGOING, 0, "", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := &collected{}
			r := reader{s: s, sink: c}
			if err := r.block(fill(5, 60, test.status, test.kind)); err != nil {
				t.Fatal(err)
			}
			if len(c.packets) != test.want {
				t.Fatalf("%d packets, want %d", len(c.packets), test.want)
			}
			for i, p := range c.packets {
				if string(p.Data[11:11+len(test.data)]) != test.data || p.Length != test.length || p.At.UnixNano() != 1000e9+int64(i) {
					t.Errorf("packet %d: % x, length %d, at %s", i, p.Data[:24], p.Length, p.At)
				}
			}
		})
	}
}

// TestBlockUntrusted checks that offsets beyond the block end it.
func TestBlockUntrusted(t *testing.T) {
	s := &Source{link: capture.LinkEthernet, snap: DefaultSnapLen}
	for at := range 160 {
		b := fill(3, 60, 0, 0)
		b[at] ^= 0xff
		binary.NativeEndian.PutUint32(b[blockStatus:], 1)
		if err := (&reader{s: s, sink: &collected{}}).block(b); err != nil {
			t.Fatal(err)
		}
	}
}

// discard is a sink that does nothing.
type discard struct{}

func (discard) Packet(capture.Packet) error { return nil }
func (discard) Meta(capture.Meta) error     { return nil }

// BenchmarkBlock gives the cost of one packet after the kernel's.
func BenchmarkBlock(b *testing.B) {
	s := &Source{link: capture.LinkEthernet, snap: DefaultSnapLen}
	const n = 5000
	block := fill(n, 100, 0, 0)
	r := reader{s: s, sink: discard{}}
	b.ReportAllocs()
	for b.Loop() {
		if err := r.block(block); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/packet")
}
