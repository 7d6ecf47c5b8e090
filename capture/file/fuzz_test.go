package file

import (
	"bytes"
	"context"
	"encoding/binary"
	"testing"

	"netscope/capture"
)

// seeds are small files of every format.
func seeds(t testing.TB) [][]byte {
	var public, private, pcap bytes.Buffer
	writeAll(t, NewWriter(&public, PCAPNG, Options{Application: "netscope"}), labLike())
	writeAll(t, NewWriter(&private, PCAPNG, Options{Private: true}), labLike())
	writeAll(t, NewWriter(&pcap, PCAP, Options{}), labLike()[:7])
	snoop := join([]byte("snoop\x00\x00\x00"), words(binary.BigEndian, 2, 4, 4, 4, 28, 0, 1, 2), []byte("abcd"))
	return [][]byte{
		public.Bytes(), private.Bytes(), pcap.Bytes(), snoop, gz(pcap.Bytes()),
		section(binary.LittleEndian, 1), section(binary.BigEndian, 276),
	}
}

// checking is a sink that checks what every source promises.
type checking struct {
	t     *testing.T
	next  capture.PacketID
	taps  capture.TapID
	whole []byte // the file, if packets can be read again
}

func (c *checking) Packet(p capture.Packet) error {
	switch {
	case p.ID != c.next:
		c.t.Fatalf("packet %d after %d", p.ID, c.next)
	case p.Tap >= c.taps:
		c.t.Fatalf("packet %d on unknown interface %d", p.ID, p.Tap)
	case p.Length < len(p.Data), cap(p.Data) != len(p.Data):
		c.t.Fatalf("packet %d: length %d, %d bytes, capacity %d", p.ID, p.Length, len(p.Data), cap(p.Data))
	case c.whole != nil && !bytes.Equal(c.whole[p.Ref:p.Ref+int64(len(p.Data))], p.Data):
		c.t.Fatalf("packet %d is not at %d", p.ID, p.Ref)
	}
	c.next++
	return nil
}

func (c *checking) Meta(m capture.Meta) error {
	if tap, ok := m.(capture.Tap); ok {
		if tap.ID != c.taps {
			c.t.Fatalf("interface %d after %d", tap.ID, c.taps)
		}
		c.taps++
	}
	return nil
}

// FuzzReader reads anything from a file and from a pipe: both give the same
// packets, and what is written again reads the same.
func FuzzReader(f *testing.F) {
	for _, b := range seeds(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		one, err := survey(t, b, false)
		two, err2 := survey(t, b, true)
		if one.packets != two.packets || one.bytes != two.bytes || (err == nil) != (err2 == nil) {
			t.Fatalf("file: %+v, %v; pipe: %+v, %v", one, err, two, err2)
		}
		r, err := New(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		check := &checking{t: t}
		if r.ReaderAt() != nil {
			check.whole = b
		}
		if err := r.Run(context.Background(), check); err != nil {
			t.Fatal(err)
		}
		checkRewritten(t, b, one.packets)
	})
}

func checkRewritten(t *testing.T, b []byte, packets int) {
	r, err := New(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := NewWriter(&out, PCAPNG, Options{Private: true})
	if err := r.Run(context.Background(), w); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	c := &checking{t: t, whole: out.Bytes()}
	again, err := New(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Run(context.Background(), c); err != nil || int(c.next) != packets {
		t.Fatalf("%d packets written again: %v", c.next, err)
	}
}
