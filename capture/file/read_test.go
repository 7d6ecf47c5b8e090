package file

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"netscope/capture"
)

// block builds a pcapng block, and opt an option, in either byte order.
func block(o binary.AppendByteOrder, kind uint32, body ...[]byte) []byte {
	size := uint32(12)
	for _, b := range body {
		size += uint32(len(b))
	}
	b := o.AppendUint32(o.AppendUint32(nil, kind), size)
	return o.AppendUint32(append(b, join(body...)...), size)
}

func opt(o binary.AppendByteOrder, code uint16, value string) []byte {
	b := o.AppendUint16(o.AppendUint16(nil, code), uint16(len(value)))
	return append(append(b, value...), make([]byte, pad4(len(value))-len(value))...)
}

func words(o binary.AppendByteOrder, v ...uint32) (b []byte) {
	for _, x := range v {
		b = o.AppendUint32(b, x)
	}
	return b
}

// section is one of everything.
func section(o binary.AppendByteOrder, link uint16) []byte {
	shb := o.AppendUint64(o.AppendUint16(o.AppendUint16(o.AppendUint32(nil, byteOrder), 1), 0), 1<<64-1)
	return join(
		block(o, blockSHB, shb, opt(o, optComment, "about the section"), opt(o, shbUserAppl, "other"), words(o, 0)),
		block(o, blockIDB, o.AppendUint16(nil, link), []byte{0, 0}, words(o, 3), opt(o, ifName, "eth0"), opt(o, ifTsResol, "\x03"), words(o, 0)),
		block(o, blockNRB,
			o.AppendUint16(o.AppendUint16(nil, 1), 8), []byte{10, 0, 0, 1}, []byte("a\x00b\x00"),
			o.AppendUint16(o.AppendUint16(nil, 3), 2), []byte{1, 2, 0, 0},
			words(o, 0)),
		block(o, blockDSB, words(o, 7, 3), []byte("key\x00")),
		block(o, 0x0BAD, words(o, 1, 2, 3)),
		block(o, blockPrivate, words(o, 1, 2, 3)), // another program's: no marker
		block(o, blockEPB, words(o, 0, 0, 1500, 2, 90), []byte("ab\x00\x00"), opt(o, optComment, "one"), opt(o, optLoss, "\x01"), opt(o, optComment, "two"), words(o, 0)),
		block(o, blockSPB, words(o, 4), []byte("wxyz")),
		block(o, blockPB, o.AppendUint16(nil, 0), []byte{0xff, 0xff}, words(o, 0, 2500, 1, 1), []byte("c\x00\x00\x00")),
		block(o, blockISB, words(o, 0, 0, 0), opt(o, isbIfDrop, string(o.AppendUint64(nil, 5))), opt(o, isbOSDrop, string(o.AppendUint64(nil, 2))), words(o, 0)),
	)
}

func TestEveryBlock(t *testing.T) {
	b := join(section(binary.LittleEndian, 1), section(binary.BigEndian, 101))
	c, private := readAll(t, b)
	if private != nil {
		t.Errorf("private records of another program: %v", private)
	}
	var metas []capture.Meta
	var packets []capture.Packet
	for i, link := range []capture.LinkType{capture.LinkEthernet, capture.LinkRaw} {
		addr := netip.MustParseAddr("10.0.0.1")
		metas = append(metas, capture.Comment("about the section"),
			capture.Tap{ID: capture.TapID(i), Name: "eth0", Link: link, SnapLen: 3},
			capture.Name{Addr: addr, Host: "a"}, capture.Name{Addr: addr, Host: "b"},
			capture.Secrets{Type: 7, Data: []byte("key")}, capture.Drops{Kernel: 7})
		one, two := time.UnixMilli(1500).UTC(), time.UnixMilli(2500).UTC()
		for _, p := range []capture.Packet{
			{At: one, Length: 90, Data: []byte("ab"), Comment: "one\ntwo"},
			{At: one, Length: 4, Data: []byte("wxy")},
			{At: two, Length: 1, Data: []byte("c")},
		} {
			p.ID, p.Arrived, p.Link, p.Tap = capture.PacketID(len(packets)), p.At, link, capture.TapID(i)
			packets = append(packets, p)
		}
	}
	for _, p := range c.packets {
		if string(b[p.Ref:p.Ref+int64(len(p.Data))]) != string(p.Data) {
			t.Errorf("packet %d is not at %d", p.ID, p.Ref)
		}
	}
	if got := withoutRefs(c.packets); !reflect.DeepEqual(got, packets) {
		t.Errorf("packets\n%+v\nwant\n%+v", got, packets)
	}
	if !reflect.DeepEqual(c.metas, metas) {
		t.Errorf("metas\n%+v\nwant\n%+v", c.metas, metas)
	}
}

func TestPcapKinds(t *testing.T) {
	for _, o := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		for _, tt := range []struct {
			magic, minor uint32
			more         int // bytes of a record header beyond 16
			format       string
			nsec         int
		}{
			{0xa1b2c3d4, 4, 0, "pcap", 5000}, {0xa1b23c4d, 4, 0, "pcap (nanoseconds)", 5},
			{0xa1b2cd34, 4, 8, "pcap (modified)", 5000}, {0xa1b2c3d4, 2, 0, "pcap", 5000}, {0xa1b2c3d4, 3, 0, "pcap", 5000},
		} {
			lengths := words(o, 4, 90)
			if tt.minor < 4 {
				lengths = words(o, 90, 4) // swapped, as they were then
			}
			head := join(words(o, tt.magic), o.AppendUint16(o.AppendUint16(nil, 2), uint16(tt.minor)), words(o, 0, 0, 65535, 276))
			record := join(words(o, 1<<31, 5), lengths, make([]byte, tt.more), []byte("abcd"))
			b := join(head, record, record)
			r, err := New(bytes.NewReader(b), int64(len(b)))
			if err != nil {
				t.Fatal(err)
			}
			var c collector
			if err := r.Run(context.Background(), &c); err != nil || len(c.packets) != 2 || r.Format() != tt.format {
				t.Fatalf("%v, %v, %s", err, c.order, r.Format())
			}
			p := c.packets[1]
			if p.At != time.Unix(1<<31, int64(tt.nsec)).UTC() || string(p.Data) != "abcd" || p.Length != 90 || p.Link != capture.LinkSLL2 {
				t.Errorf("%s: %+v", tt.format, p)
			}
		}
	}
}

// step is a sink that tells of each packet and meta over a channel.
type step struct{ told chan string }

func (s step) Packet(capture.Packet) error { s.told <- "packet"; return nil }
func (s step) Meta(m capture.Meta) error {
	if _, ok := m.(capture.Tap); ok {
		s.told <- "tap"
	}
	return nil
}

// TestPacketsComeAtOnce writes a pipe record by record: each must be out before
// the next is written, also if compressed.
func TestPacketsComeAtOnce(t *testing.T) {
	parts := [][]byte{join(ngHead, ngIface), ngPacket, ngPacket}
	for _, packed := range []bool{false, true} {
		pr, pw := io.Pipe()
		var w interface {
			io.Writer
			Flush() error
		} = nopFlush{pw}
		if packed {
			w = gzip.NewWriter(pw)
		}
		r, err := New(pr, 0)
		if err != nil || r.ReaderAt() != nil {
			t.Fatal(err)
		}
		s := step{make(chan string)}
		ended := make(chan error)
		go func() { ended <- r.Run(context.Background(), s) }()
		for i, part := range parts {
			if _, err := w.Write(part); err != nil || w.Flush() != nil {
				t.Fatal(err)
			}
			if got, want := <-s.told, []string{"tap", "packet", "packet"}[i]; got != want {
				t.Fatalf("told %s, want %s", got, want)
			}
		}
		_ = pw.Close()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	}
}

type nopFlush struct{ io.Writer }

func (nopFlush) Flush() error { return nil }

// TestCancelledWhileWaiting ends a reader that waits for a silent pipe.
func TestCancelledWhileWaiting(t *testing.T) {
	pr, pw := io.Pipe()
	defer pw.Close()
	r, err := New(pr, 0)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := step{make(chan string)}
	ended := make(chan error)
	go func() { ended <- r.Run(ctx, s) }()
	if _, err := pw.Write(join(ngHead, ngIface)); err != nil {
		t.Fatal(err)
	}
	<-s.told
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if err := r.Run(context.Background(), s); err == nil || !strings.Contains(err.Error(), "has been read already") {
		t.Errorf("second run: %v", err)
	}
}

type refusing struct{ step }

var errFull = errors.New("full")

func (refusing) Packet(capture.Packet) error { return errFull }

func TestSinkErrorEndsRun(t *testing.T) {
	b := join(pcapHead, le(1, 2, 4, 4), []byte("abcd"))
	r, err := New(onlyReader{bytes.NewReader(b)}, 0)
	if err != nil {
		t.Fatal(err)
	}
	s := refusing{step{make(chan string, 9)}}
	if err := r.Run(context.Background(), s); err != errFull {
		t.Errorf("%v", err)
	}
}

// progress keeps what it is told of progress.
type progress struct {
	counter
	told []capture.Progress
}

func (p *progress) Meta(m capture.Meta) error {
	if x, ok := m.(capture.Progress); ok {
		p.told = append(p.told, x)
	}
	return nil
}

func TestProgress(t *testing.T) {
	small := join(pcapHead, bytes.Repeat(join(le(1, 2, 4, 4), []byte("abcd")), 3*progressPackets))
	large := join(pcapHead, bytes.Repeat(join(le(1, 2, 1<<18, 1<<18), make([]byte, 1<<18)), 12))
	for _, b := range [][]byte{small, large, gz(small)} {
		path := filepath.Join(t.TempDir(), "a")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		var p progress
		if err := errors.Join(r.Run(context.Background(), &p), r.Close()); err != nil {
			t.Fatal(err)
		}
		last := p.told[len(p.told)-1]
		if len(p.told) < 3 || len(p.told) > 5 || last.Done != int64(len(b)) || last.Total != r.Size() || r.Size() != int64(len(b)) {
			t.Errorf("%d bytes: %v", len(b), p.told)
		}
	}
}

func TestOpenFailures(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]string{
		dir:           dir + " is a directory; name a capture file in it",
		dir + "/none": "cannot open " + dir + "/none: no such file or directory",
	} {
		if _, err := Open(path); err == nil || err.Error() != want {
			t.Errorf("%v", err)
		}
	}
}
