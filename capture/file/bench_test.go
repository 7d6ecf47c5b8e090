package file

import (
	"bytes"
	"context"
	"io"
	"testing"

	"netscope/capture"
)

// BenchmarkRead reads 16 MiB from memory; ns/packet is the figure to watch.
func BenchmarkRead(b *testing.B) {
	for _, bm := range []struct {
		name   string
		format Format
		size   int
	}{
		{"pcap/600B", PCAP, 600}, {"pcap/190B", PCAP, 190}, {"pcapng/600B", PCAPNG, 600}, {"pcapng/190B", PCAPNG, 190},
	} {
		b.Run(bm.name, func(b *testing.B) {
			var out bytes.Buffer
			w := NewWriter(&out, bm.format, Options{})
			p := capture.Packet{At: epoch, Arrived: epoch, Link: capture.LinkEthernet, Length: bm.size, Data: make([]byte, bm.size)}
			count := 16 << 20 / bm.size
			for range count {
				if err := w.Packet(p); err != nil {
					b.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.SetBytes(int64(out.Len()))
			for b.Loop() {
				r, err := New(bytes.NewReader(out.Bytes()), int64(out.Len()))
				if err != nil {
					b.Fatal(err)
				}
				var c counter
				if err := r.Run(context.Background(), &c); err != nil || c.packets != count {
					b.Fatal(c.packets, err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(count), "ns/packet")
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	p := capture.Packet{At: epoch, Arrived: epoch, Link: capture.LinkEthernet, Length: 600, Data: make([]byte, 600)}
	w := NewWriter(io.Discard, PCAPNG, Options{})
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Packet(p); err != nil {
			b.Fatal(err)
		}
	}
}
