package stream

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"netscope/capture"
	"netscope/capture/file"
)

// checker feeds an assembler with anything and checks what must always hold.
type checker struct {
	t   testing.TB
	a   *Assembler
	res Result
	id  capture.PacketID
	at  int64
	pos map[*Flow]*[2]int64 // next offset by direction, -1 after the end
}

func newChecker(t testing.TB, o Options) *checker {
	return &checker{t: t, a: New(o), pos: map[*Flow]*[2]int64{}}
}

func (c *checker) add(link capture.LinkType, data []byte, wire int) {
	c.at += 1e5
	c.a.Add(PacketIn{ID: c.id, At: c.at, Arrived: c.at, Link: link, Data: data, WireLen: wire}, &c.res)
	c.id++
	c.check()
}

func (c *checker) flush() {
	c.a.Flush(&c.res)
	c.check()
	for _, p := range c.pos {
		if p[0] != -1 || p[1] != -1 {
			c.t.Fatalf("a direction is without end: %v", *p)
		}
	}
	c.a.begin(&c.res)
	if c.a.buf.used != 0 || c.a.table.count != 0 || c.a.frags.bytes != 0 {
		c.t.Fatalf("not empty after Flush: %d bytes, %d flows, %d bytes of fragments", c.a.buf.used, c.a.table.count, c.a.frags.bytes)
	}
}

func (c *checker) check() {
	a := c.a
	if f := c.res.Flow; c.res.NewFlow && f.tcp != nil {
		c.pos[f] = new([2]int64)
	}
	for _, d := range c.res.Delivered {
		p := &c.pos[d.Flow][d.Dir]
		if *p < 0 || d.Gap < 0 || d.Off != *p+d.Gap {
			c.t.Fatalf("packet %d: delivery at %d with gap %d, at %d", c.id, d.Off, d.Gap, *p)
		}
		if *p = d.Off + int64(len(d.Data)); d.End {
			*p = -1
		}
	}
	for _, f := range c.res.Ended {
		if f.tcp != nil && *c.pos[f] != [2]int64{-1, -1} {
			c.t.Fatalf("packet %d: conversation %d ended at %v", c.id, f.Index, *c.pos[f])
		}
		delete(c.pos, f)
	}
	if a.buf.used > a.opt.MaxTotal || a.table.count > a.opt.MaxFlows || a.frags.bytes > a.opt.MaxFragBytes || len(a.frags.byKey) > a.opt.MaxDatagrams {
		c.t.Fatalf("beyond the bounds: %d bytes, %d flows, %d bytes in %d datagrams", a.buf.used, a.table.count, a.frags.bytes, len(a.frags.byKey))
	}
	if a.buf.idle > maxIdle {
		c.t.Fatalf("%d idle bytes", a.buf.idle)
	}
}

// small bounds are reached soon.
var small = Options{MaxFlows: 20, MaxDirBytes: 4096, MaxTotal: 16384, MaxDatagrams: 5, MaxFragBytes: 100000, FragTimeout: 1e9, IdleTCP: 1e9, IdleUDP: 1e9}

// hostile builds a packet from a few bytes: a segment or a fragment with small
// numbers, so that they meet.
func hostile(b []byte) []byte {
	var p [80]byte
	p[0], p[8], p[9] = 0x45, 64, 6
	at := func(i int) byte {
		if i < len(b) {
			return b[i]
		}
		return 0
	}
	n := 40 + int(at(0)%40)
	p[3] = byte(n)
	p[15], p[19] = at(1)&1, 1-at(1)&1 // either way
	p[20], p[21], p[22], p[23] = at(1)>>1&1, at(1)>>2&15, at(1)>>1&1, at(1)>>2&15
	p[25+int(at(2)>>7)*2] = at(3) // sequence number, near or far
	p[27] += at(4)
	p[31] = at(5)
	p[32], p[33], p[34] = 0x50, at(2)&0x1f, at(6)
	if at(2)&0x60 == 0x60 { // a fragment
		p[5], p[6], p[7] = at(5)&7, at(6)&0x20, at(4)&7
	}
	for i := 40; i < n; i++ {
		p[i] = at(7)
	}
	return p[:n]
}

func TestBoundsHold(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	c := newChecker(t, small)
	for range 200000 {
		var b [8]byte
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		p := hostile(b[:])
		c.add(capture.LinkRaw, p, len(p)+int(b[7]&1)*100)
	}
	c.flush()
}

func TestManyTinySegmentsStayBounded(t *testing.T) {
	c := newChecker(t, Options{})
	p := hostile([]byte{1, 0, byte(ACK)})
	c.add(capture.LinkRaw, p, len(p))
	for i := range 400000 { // one byte each, never adjacent
		p[24], p[25], p[26], p[27] = byte(i>>22), byte(i>>14), byte(i>>6), byte(i<<2)+2
		c.add(capture.LinkRaw, p, len(p))
	}
	if c.a.buf.used < c.a.opt.MaxDirBytes/2 {
		t.Errorf("only %d bytes are buffered", c.a.buf.used)
	}
	c.flush()
}

// Conversations with holes that nobody fills must not keep others from
// reordering.
func TestSilentHolesYield(t *testing.T) {
	c := newChecker(t, Options{MaxTotal: 40 * 192})
	p := hostile([]byte{39, 0, byte(ACK)})
	send := func(port byte, seq byte) {
		p[20], p[21], p[27] = 9, port, seq
		c.add(capture.LinkRaw, p, len(p))
	}
	for i := range byte(60) {
		send(i, 0)
		send(i, 50)
	}
	send(61, 0)
	send(61, 78)
	if send(61, 39); len(c.res.Delivered) != 2 || c.res.Delivered[1].Gap != 0 {
		t.Errorf("%+v", c.res.Delivered)
	}
	c.flush()
}

// links are the link types that the fuzzer chooses from.
var links = [...]capture.LinkType{0, 1, 9, 50, 101, 108, 113, 276}

// seeds is a capture.Sink that writes the first short packets of a capture as
// the fuzzer reads them.
type seeds struct{ b []byte }

func (s *seeds) Meta(capture.Meta) error { return nil }

func (s *seeds) Packet(p capture.Packet) error {
	if i := slices.Index(links[:], p.Link); i >= 0 && len(p.Data) < 254 {
		s.b = append(append(s.b, byte(128+i), byte(len(p.Data))), p.Data...)
	}
	if len(s.b) > 1500 {
		return errors.New("enough")
	}
	return nil
}

// captured are seeds from the given captures, if they are there.
func captured(f *testing.F) (out [][]byte) {
	paths, _ := filepath.Glob(filepath.Join(os.Getenv("NETSCOPE_CAPTURES"), "*", "*.pcap"))
	for _, p := range paths {
		r, err := file.Open(p)
		if err != nil {
			continue
		}
		var s seeds
		_ = r.Run(context.Background(), &s)
		_ = r.Close()
		out = append(out, s.b)
	}
	return out
}

func FuzzAssembler(f *testing.F) {
	f.Add([]byte("\x001234567\x00abcdefg"))
	f.Add([]byte("\x01\x30E\x00\x00\x30\x00\x01\x00\x00\x40\x06\x00\x00\x0a\x00\x00\x01\x0a\x00\x00\x02"))
	for _, seed := range captured(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c := newChecker(t, small)
		for len(b) >= 2 {
			if b[0] < 128 { // a packet made of 8 bytes
				n := min(9, len(b))
				p := hostile(b[1:n])
				c.add(capture.LinkRaw, p, len(p)+int(b[0]&7))
				b = b[n:]
			} else { // anything at all
				n := min(2+int(b[1]), len(b))
				c.add(links[b[0]%8], b[2:n], n+int(b[0]>>3&7))
				b = b[n:]
			}
		}
		c.flush()
	})
}
