package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"testing/iotest"
)

var table = []struct {
	m    Message
	wire string
}{
	{Message{Type: KeepAlive}, "\x00\x00\x00\x00"},
	{Message{Type: Choke}, "\x00\x00\x00\x01\x00"},
	{Message{Type: Unchoke}, "\x00\x00\x00\x01\x01"},
	{Message{Type: Interested}, "\x00\x00\x00\x01\x02"},
	{Message{Type: NotInterested}, "\x00\x00\x00\x01\x03"},
	{Message{Type: Have, Index: 0x01020304}, "\x00\x00\x00\x05\x04\x01\x02\x03\x04"},
	{Message{Type: Bitfield, Data: []byte{0xf0, 0x80}}, "\x00\x00\x00\x03\x05\xf0\x80"},
	{Message{Type: Request, Index: 1, Begin: 0x4000, Length: 0x4000}, "\x00\x00\x00\x0d\x06\x00\x00\x00\x01\x00\x00\x40\x00\x00\x00\x40\x00"},
	{Message{Type: Piece, Index: 1, Begin: 2, Data: []byte("abc")}, "\x00\x00\x00\x0c\x07\x00\x00\x00\x01\x00\x00\x00\x02abc"},
	{Message{Type: Cancel, Index: 1, Begin: 2, Length: 3}, "\x00\x00\x00\x0d\x08\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03"},
	{Message{Type: Port, Port: 6881}, "\x00\x00\x00\x03\x09\x1a\xe1"},
	{Message{Type: Suggest, Index: 9}, "\x00\x00\x00\x05\x0d\x00\x00\x00\x09"},
	{Message{Type: HaveAll}, "\x00\x00\x00\x01\x0e"},
	{Message{Type: HaveNone}, "\x00\x00\x00\x01\x0f"},
	{Message{Type: Reject, Index: 1, Begin: 2, Length: 3}, "\x00\x00\x00\x0d\x10\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03"},
	{Message{Type: AllowedFast, Index: 9}, "\x00\x00\x00\x05\x11\x00\x00\x00\x09"},
	{Message{Type: Extension, Ext: 0, Data: []byte("de")}, "\x00\x00\x00\x04\x14\x00de"},
	{Message{Type: 77, Data: []byte("?")}, "\x00\x00\x00\x02\x4d?"},
}

func TestMessages(t *testing.T) {
	var all []byte
	for _, c := range table {
		got := c.m.Append(nil)
		if string(got) != c.wire || c.m.Len() != len(got) {
			t.Errorf("%v: %x, want %x", c.m.Type, got, c.wire)
		}
		for i := range len(got) {
			if _, n, err := Next(got[:i], Limits{}); err != ErrShort || n != 0 {
				t.Errorf("%v cut at %d: %v", c.m.Type, i, err)
			}
		}
		m, n, err := Next(append(got, 1, 2, 3), Limits{})
		if err != nil || n != len(got) || !reflect.DeepEqual(m, c.m) {
			t.Errorf("%v: read %+v, %d bytes, %v", c.m.Type, m, n, err)
		}
		all = append(all, got...)
	}
	r := NewReader(iotest.OneByteReader(bytes.NewReader(all)), Limits{})
	for _, c := range table {
		if m, err := r.Read(); err != nil || !reflect.DeepEqual(m, c.m) {
			t.Errorf("%v: read %+v, %v", c.m.Type, m, err)
		}
	}
	if _, err := r.Read(); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
	r = NewReader(bytes.NewReader(all[:len(all)-1]), Limits{})
	err := error(nil)
	for err == nil {
		_, err = r.Read()
	}
	if err != io.ErrUnexpectedEOF {
		t.Errorf("within a message: %v", err)
	}
}

func TestWrongLengths(t *testing.T) {
	for ty, n := range map[Type]int{Choke: 2, HaveAll: 3, Have: 4, Request: 12, Piece: 8, Port: 4, Extension: 1, AllowedFast: 6} {
		b := binary.BigEndian.AppendUint32(nil, uint32(n))
		b = append(b, byte(ty))
		b = append(b, make([]byte, n-1)...)
		m, got, err := Next(b, Limits{})
		var le LengthError
		if !errors.As(err, &le) || got != len(b) || m.Type != ty {
			t.Errorf("%v of %d bytes: %d, %v", ty, n, got, err)
		}
	}
}

func TestHugeLengthsAreErrorsAtOnce(t *testing.T) {
	for _, ty := range []byte{0, 4, 5, 6, 7, 9, 20, 99, 255} {
		b := []byte{0xff, 0xff, 0xff, 0xff, ty}
		var tl TooLong
		if _, n, err := Next(b, Limits{}); !errors.As(err, &tl) || n != 0 {
			t.Errorf("type %d: %v", ty, err)
		}
		r := NewReader(bytes.NewReader(b), Limits{})
		if _, err := r.Read(); !errors.As(err, &tl) || r.buf != nil {
			t.Errorf("type %d: %v, %d bytes allocated", ty, err, cap(r.buf))
		}
	}
	b := []byte{0, 0, 0, 4, 5}
	if _, _, err := Next(b, Limits{Bitfield: 3}); err == nil || err == ErrShort {
		t.Errorf("a bitfield beyond its limit: %v", err)
	}
}

func TestHandshake(t *testing.T) {
	var h Handshake
	copy(h.InfoHash[:], "aaaaaaaaaaaaaaaaaaaa")
	copy(h.PeerID[:], "-NS0001-bbbbbbbbbbbb")
	h.Set(Fast)
	h.Set(Extended)
	h.Set(DHT)
	b := h.Append(nil)
	want := "\x13BitTorrent protocol\x00\x00\x00\x00\x00\x10\x00\x05aaaaaaaaaaaaaaaaaaaa-NS0001-bbbbbbbbbbbb"
	if string(b) != want || len(b) != HandshakeLen {
		t.Errorf("%q", b)
	}
	for i := range b {
		if _, err := ParseHandshake(b[:i]); err != ErrShort {
			t.Errorf("cut at %d: %v", i, err)
		}
	}
	got, err := NewReader(iotest.HalfReader(bytes.NewReader(b)), Limits{}).ReadHandshake()
	if err != nil || got != h || !got.Has(Fast) || !got.Has(Extended) || !got.Has(DHT) || got.Has(V2) {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := ParseHandshake([]byte("\x13BitTorrenT")); err != ErrProtocol {
		t.Errorf("wrong: %v", err)
	}
}

// The example of BEP 6.
func TestAllowedFastSet(t *testing.T) {
	var hash [20]byte
	for i := range hash {
		hash[i] = 0xaa
	}
	want := []uint32{1059, 431, 808, 1217, 287, 376, 1188, 353, 508}
	for _, ip := range []string{"80.4.4.200", "80.4.4.1", "::ffff:80.4.4.200"} {
		if got := AllowedFastSet(netip.MustParseAddr(ip), hash, 1313, 9); !slices.Equal(got, want) {
			t.Errorf("%s: %v", ip, got)
		}
	}
	if got := AllowedFastSet(netip.MustParseAddr("80.4.4.200"), hash, 3, 10); len(got) != 3 {
		t.Errorf("of three pieces: %v", got)
	}
	if got := AllowedFastSet(netip.MustParseAddr("::1"), hash, 3, 10); got != nil {
		t.Errorf("IPv6: %v", got)
	}
}

// What can be read is written the same way, and the two readers agree.
func FuzzNext(f *testing.F) {
	for _, c := range table {
		f.Add([]byte(c.wire))
	}
	f.Add([]byte("\xff\xff\xff\xff\x07"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, n, err := Next(b, Limits{})
		if err == nil && !bytes.Equal(m.Append(nil), b[:n]) {
			t.Errorf("%x became %+v and %x", b[:n], m, m.Append(nil))
		}
		if n > len(b) {
			t.Errorf("%d of %d bytes", n, len(b))
		}
		r, rerr := NewReader(bytes.NewReader(b), Limits{}).Read()
		if (err == nil) != (rerr == nil) || err == nil && !reflect.DeepEqual(r, m) && len(m.Data)+len(r.Data) > 0 {
			t.Errorf("Next gives %+v, %v, Read %+v, %v", m, err, r, rerr)
		}
		if h, err := ParseHandshake(b); err == nil && !bytes.Equal(h.Append(nil), b[:HandshakeLen]) {
			t.Errorf("handshake %+v of %x", h, b)
		}
	})
}
