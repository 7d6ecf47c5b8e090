package file

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"netscope/capture"
)

// counter counts and keeps nothing.
type counter struct {
	packets, bytes int
	cut            *capture.Truncated
}

func (c *counter) Packet(p capture.Packet) error {
	c.packets++
	c.bytes += len(p.Data)
	return nil
}

func (c *counter) Meta(m capture.Meta) error {
	if t, ok := m.(capture.Truncated); ok {
		c.cut = &t
	}
	return nil
}

// survey reads b to its end or its error, from a file or from a pipe.
func survey(t testing.TB, b []byte, pipe bool) (*counter, error) {
	t.Helper()
	var src io.Reader = bytes.NewReader(b)
	if pipe {
		src = onlyReader{src}
	}
	c := &counter{}
	r, err := New(src, int64(len(b)))
	if err == nil {
		err = r.Run(context.Background(), c)
	}
	var fe *FormatError
	if err != nil && !errors.As(err, &fe) {
		t.Fatalf("neither read nor refused: %v", err)
	}
	if err != nil && (c.packets > 0 || strings.Contains(err.Error(), "\n")) {
		t.Fatalf("after %d packets: %v", c.packets, err)
	}
	return c, err
}

type onlyReader struct{ io.Reader }

// TestEveryTruncation cuts small captures at every byte: packets never get
// more, none is lost before the cut, and the cut is reported.
func TestEveryTruncation(t *testing.T) {
	done := 0
	for _, path := range corpus(t) {
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(whole) > 4000 || done == 16 {
			continue
		}
		done++
		t.Run(filepath.Base(path), func(t *testing.T) {
			all, _ := readAll(t, whole)
			for n := range whole {
				c, _ := survey(t, whole[:n], n%64 == 0)
				// A packet is there if the next has begun, not if it lacks a byte.
				least, most := 0, 0
				for i, p := range all.packets {
					if p.Ref+int64(len(p.Data)) <= int64(n) {
						most++
						if i > 0 && p.Ref <= int64(n) {
							least = i
						}
					}
				}
				if all.packets[0].Ref >= 0 && (c.packets < least || c.packets > most) {
					t.Fatalf("cut at %d: %d packets, not %d to %d", n, c.packets, least, most)
				}
			}
		})
	}
	if done < 10 {
		t.Errorf("only %d small captures", done)
	}
}

func le(v ...uint32) []byte {
	var b []byte
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, x)
	}
	return b
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

var (
	pcapHead = le(0xa1b2c3d4, 2|4<<16, 0, 0, 65535, 1)
	ngHead   = le(blockSHB, 28, byteOrder, 1, 1<<32-1, 1<<32-1, 28)
	ngIface  = le(blockIDB, 20, 1, 0, 20)
	ngPacket = le(blockEPB, 36, 0, 0, 1, 4, 4, 0x64636261, 36)
)

func TestBrokenFiles(t *testing.T) {
	tests := []struct {
		name    string
		b       []byte
		packets int
		offset  int64
		reason  string
	}{
		{"pcap, huge packet", join(pcapHead, le(1, 2, 1<<31, 60)), 0, 24, "packet 1 claims to have 2147483648 captured bytes, which no packet has"},
		{"pcap, large packet that is not there", join(pcapHead, le(1, 2, 16<<20, 16<<20)), 0, 24, "the capture ends in the middle of a packet"},
		{"pcap, half a header", join(pcapHead, le(1, 2, 4, 4, 0), le(1)), 1, 44, "the capture ends in the middle of a packet header"},
		{"block too short", join(ngHead, le(blockEPB, 8, 0)), 0, 28, "a block of type 0x6 claims to be 8 bytes long, which no block is"},
		{"block too long", join(ngHead, le(99, 1<<31, 0)), 0, 28, "a block of type 0x63 claims to be 2147483648 bytes long, which no block is"},
		{"block swallows the next", join(ngHead, ngIface, ngPacket, le(blockEPB, 72, 0, 0, 1, 4, 4, 0, 36), ngPacket), 1, 84, "a block of type 0x6 says at its start that it is 72 bytes long and at its end 36"},
		{"unknown block swallows the next", join(ngHead, ngIface, le(99, 48, 12), ngPacket), 0, 48, "a block of type 0x63 says at its start that it is 48 bytes long and at its end 36"},
		{"unknown block cut off", join(ngHead, ngIface, ngPacket, le(99, 48, 12)), 1, 84, "the capture ends in the middle of a block"},
		{"no interface", join(ngHead, ngPacket), 0, 28, "packet 1 was seen on interface 0, but only 0 are described"},
		{"simple packet, no interface", join(ngHead, le(blockSPB, 20, 4, 0, 20)), 0, 28, "packet 1 stands before any interface description"},
		{"packet longer than its block", join(ngHead, ngIface, le(blockEPB, 36, 0, 0, 1, 5, 5, 0, 36)), 0, 48, "packet 1 claims to have 5 captured bytes in a block that has room for 4"},
		{"short packet block", join(ngHead, ngIface, le(blockEPB, 16, 0, 16)), 0, 48, "packet 1 has a header of 4 bytes instead of 20"},
		{"secrets longer than their block", join(ngHead, le(blockDSB, 20, 0, 1<<31, 20)), 0, 28, "a secrets block claims to hold 2147483648 bytes in a block that has room for 0"},
		{"second section of version 2", join(ngHead, ngIface, ngPacket, le(blockSHB, 28, byteOrder, 2, 0, 0, 28)), 1, 84, "a section is of version 2.0, and only version 1 is known"},
		{"second section without byte order", join(ngHead, le(blockSHB, 28, 7, 2, 0, 0, 28)), 0, 28, "a section header has no byte-order magic"},
	}
	for _, tt := range tests {
		for _, pipe := range []bool{false, true} {
			c, err := survey(t, tt.b, pipe)
			if err != nil || c.cut == nil {
				t.Errorf("%s: %v, not cut", tt.name, err)
				continue
			}
			if c.packets != tt.packets || c.cut.Offset != tt.offset || c.cut.Reason != tt.reason {
				t.Errorf("%s: %d packets, %+v", tt.name, c.packets, *c.cut)
			}
		}
	}
}

func TestNotACapture(t *testing.T) {
	tests := []struct {
		name, b, looks string
	}{
		{"empty", "", "an empty file"},
		{"text", "hello, wörld\n", "text"},
		{"png", "\x89PNG\r\n\x1a\n", "a PNG image"},
		{"zstd", "\x28\xb5\x2f\xfd....", "a zstd archive; unpack it first with zstd -d"},
		{"binary", "\x00\x01\x02\x03", "binary data of another kind"},
		{"half a pcap header", string(pcapHead[:20]), "the first bytes of a pcap file that has been cut off"},
		{"half a pcapng header", string(ngHead[:20]), "the first bytes of a pcapng file that has been cut off"},
		{"half a snoop header", "snoop\x00\x00\x00\x00", "the first bytes of a snoop file that has been cut off"},
		{"damaged gzip", "\x1f\x8b\x08", "a damaged gzip file"},
		{"gzip without a trailer", string(gz(pcapHead[:20])[:30]), "a damaged gzip file"},
		{"gzip of text", string(gz([]byte("hello"))), "text (gzip-compressed)"},
		{"pcapng 2", string(le(blockSHB, 28, byteOrder, 2, 0, 0, 28)), "pcapng, but a section is of version 2.0, and only version 1 is known"},
	}
	for _, tt := range tests {
		for _, pipe := range []bool{false, true} {
			_, err := survey(t, []byte(tt.b), pipe)
			var fe *FormatError
			if !errors.As(err, &fe) || fe.Looks != tt.looks || fe.Name != "the input" {
				t.Errorf("%s: %v", tt.name, err)
			}
		}
	}
}

func gz(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(b)
	_ = z.Close()
	return out.Bytes()
}

func TestGzip(t *testing.T) {
	one, two := join(ngHead, ngIface), join(ngPacket, ngPacket)
	if c, err := survey(t, join(gz(one), gz(two)), false); err != nil || c.packets != 2 || c.cut != nil {
		t.Errorf("two members: %d packets, %v", c.packets, err)
	}
	whole := gz(join(one, two))
	c, err := survey(t, whole[:len(whole)-9], true)
	if err != nil || c.cut == nil || c.cut.Reason != "the compressed data end early or are damaged (unexpected EOF)" {
		t.Errorf("cut: %+v, %v", c, err)
	}
	c, err = survey(t, append(bytes.Clone(whole), "garbage"...), false)
	if err != nil || c.packets != 2 || c.cut == nil {
		t.Errorf("garbage behind: %+v, %v", c, err)
	}
}

// TestMemory reads files that claim much and files that unpack to much.
func TestMemory(t *testing.T) {
	large := join(pcapHead, le(1, 2, 16<<20, 16<<20), make([]byte, 16<<20))
	tests := map[string][]byte{
		"bomb":            gz(join(large, large[24:], large[24:], large[24:])),
		"skipped block":   gz(join(ngHead, le(99, 64<<20), make([]byte, 64<<20-12), le(64<<20))),
		"claims":          join(ngHead, ngIface, le(blockEPB, 20<<20, 0, 0, 1, 16<<20, 16<<20)),
		"many interfaces": gz(join(ngHead, bytes.Repeat(ngIface, 1<<20))),
	}
	for name, b := range tests {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		_, _ = survey(t, b, false)
		runtime.ReadMemStats(&after)
		got := (after.TotalAlloc - before.TotalAlloc) >> 20
		limit := uint64(80)
		if name == "claims" || name == "skipped block" {
			limit = 2
		}
		if got > limit {
			t.Errorf("%s: %d MiB allocated", name, got)
		}
	}
}
