package timeline_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"netscope/capture"
	"netscope/capture/file"
	"netscope/decoders"
	"netscope/decoders/all"
	"netscope/decoders/timeline"
)

// cutCaptures are cut at many places: one of each format, protocol and oddity
// that the reader or the decoders treat in their own way. tcpdump and Wireshark
// made none of the cuts.
var cutCaptures = []string{
	"http/zeek-1000-requests-one-dropped-response.pcap.gz",
	"http/*chunked*", "http/*gzip*", "http/*.pcapng", "http2/*.pcap*", "dns/*.pcap", "ip/*frag*", "tcp/*.pcap*", "tls/*.pcap*",
	"link/*sll*", "link/*pppoe*", "link/*be*", "websocket/*.pcap*", "smtp/*.pcap*",
}

// TestMalformed reads every malformed capture, whole and cut (at every byte if it
// is small).
func TestMalformed(t *testing.T) {
	paths, _ := filepath.Glob(filepath.Join(corpus(t), "malformed/*.pcap*"))
	if len(paths) == 0 {
		t.Fatal("no malformed captures")
	}
	for _, path := range paths {
		if filepath.Ext(path) != ".oracle" {
			cutUp(t, path)
		}
	}
}

// TestTruncated reads captures that end at any place.
func TestTruncated(t *testing.T) {
	for _, pattern := range cutCaptures {
		paths, _ := filepath.Glob(filepath.Join(corpus(t), pattern))
		for _, path := range paths {
			if st, err := os.Stat(path); err == nil && st.Mode().IsRegular() {
				cutUp(t, path)
				break // one of each
			}
		}
	}
}

// cutUp reads a capture cut at every byte if it is small, else at places all
// over it.
func cutUp(t *testing.T, path string) {
	t.Run(strings.ReplaceAll(path[len(corpus(t))+1:], "/", "-"), func(t *testing.T) {
		t.Parallel()
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		// The beginning at every byte, and then so many places that about 1 MB
		// is read in all.
		const budget = 1 << 20
		step := max(1, len(data)*len(data)/2/budget)
		for n := 0; n < len(data); n++ {
			if n > 300 {
				n += step - 1
			}
			readHostile(t, data[:min(n, len(data))])
		}
		readHostile(t, data)
		for _, at := range []int{24, 41, 60, 99, 150, 400} { // and with a byte that is wrong
			if at < len(data) {
				bad := bytes.Clone(data[:min(len(data), 64<<10)])
				bad[at%len(bad)] ^= 0xff
				readHostile(t, bad)
			}
		}
	})
}

// readHostile reads a capture from memory into a timeline and asks it
// everything. It may fail, with one sentence.
func readHostile(t testing.TB, data []byte) {
	r, err := file.New(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		oneSentence(t, err)
		return
	}
	defer r.Close()
	o := timeline.Options{Decoders: all.List()}
	if at := r.ReaderAt(); at != nil {
		o.File = at
	}
	b := timeline.NewBuilder(o)
	err = r.Run(context.Background(), b)
	if err != nil {
		oneSentence(t, err)
	}
	b.Finish(err)
	ask(t, b.Snapshot())
}

func oneSentence(t testing.TB, err error) {
	if s := err.Error(); strings.ContainsAny(s, "\r\n") || len(s) > 300 || s == "" {
		t.Errorf("the error is not one sentence: %q", s)
	}
}

// ask asks a timeline everything that a view may ask, of some packets and
// messages.
func ask(t testing.TB, s *timeline.Snapshot) {
	t.Helper()
	first, end := s.PacketRange()
	for id := first; id < end; id += 1 + (end-first)/50 {
		s.PacketData(id)
		s.PacketMessages(id)
		s.PacketComment(id)
		s.LinkType(id)
		if p := s.ArrivalPosition(id); s.PacketAt(id, p) == timeline.NotYet {
			t.Errorf("packet %d is not there when it has arrived", id)
		}
	}
	mf, me := s.MessageRange()
	for id := mf; id < me; id += 1 + (me-mf)/50 {
		m := s.Message(id)
		if !m.Closed || m.Total < 0 || m.Off < 0 || m.HeadLen < 0 {
			t.Errorf("message %d %q: closed %v, %d bytes at %d, head %d", id, m.Summary, m.Closed, m.Total, m.Off, m.HeadLen)
		}
		if begun, open, closed := s.MessagePosition(id); begun > open || open > closed || closed > s.End() {
			t.Errorf("message %d: begun %d, open %d, closed %d of %d", id, begun, open, closed, s.End())
		}
		s.MessagePackets(id)
		s.Explain(id)
		if body, err := s.Body(id); err == nil {
			io.Copy(io.Discard, io.LimitReader(body, 1<<16))
		}
	}
	convs := timeline.ConvID(s.Conversations())
	for id := timeline.ConvID(0); id < convs; id += 1 + convs/20 {
		c := s.Conversation(id)
		if got := len(s.ConvPackets(id)); got != int(c.Packets[0]+c.Packets[1]) {
			t.Errorf("conversation %d: %d packets, counted %v", id, got, c.Packets)
		}
		if got := len(s.ConvMessages(id)); got != int(c.Messages) {
			t.Errorf("conversation %d: %d messages, counted %d", id, got, c.Messages)
		}
		for d := decoders.AtoB; d <= decoders.BtoA; d++ {
			s.StreamBytes(id, d, 0, 1000)
			if s.Sent(id, d, s.End()) > c.Bytes[d]+1<<32 {
				t.Errorf("conversation %d has sent more than it has", id)
			}
			s.Delivered(id, d, s.End()/2)
		}
		f := timeline.Folder[counts]{Fold: counting{}, Conv: id}
		at := f.At(s, s.End()/2)
		f.At(s, s.End())
		if f.At(s, s.End()/2) != at {
			t.Errorf("conversation %d: back is not forth", id)
		}
	}
	for g := timeline.ByPacket; g <= timeline.ByExchange; g++ {
		p, n := timeline.Position(0), 0
		for st, ok := s.Step(p, g, 1, nil); ok && n < 50; st, ok = s.Step(p, g, 1, nil) {
			s.Latest(st.Pos, g)
			p, n = st.Pos, n+1
		}
		if _, ok := s.Step(p, g, -1, nil); n > 1 && !ok {
			t.Errorf("by %v: no way back from %d", g, p)
		}
	}
	s.Taps()
	s.Notes()
	s.Comments()
	s.Completions(0)
}

// FuzzPackets makes packets of random bytes: each record is link type, times,
// loss and length, and what follows of it.
func FuzzPackets(f *testing.F) {
	f.Add([]byte("\x0c\x00\x1c\x00" + string(datagram(true, "q"))))
	f.Add([]byte("\x01\x80\x40\x01" + string(make([]byte, 64))))
	var web bytes.Buffer
	m := newMaker(sinkFunc(func(p capture.Packet) error {
		if web.Len() < 4000 && len(p.Data) < 256 {
			web.Write([]byte{1, byte(web.Len()), byte(len(p.Data)), 0})
			web.Write(p.Data)
		}
		return nil
	}))
	m.web(200_000)
	f.Add(web.Bytes())
	links := []capture.LinkType{0, 1, 9, 12, 50, 101, 108, 113, 228, 229, 276, 147}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, o := range []timeline.Options{{}, {Lab: true}, {MaxPackets: 3}} {
			o.Decoders = all.List()
			b := timeline.NewBuilder(o)
			rest, at := data, epoch
			for len(rest) >= 4 {
				h := rest[:4]
				rest = rest[4:]
				n := min(int(h[2]), len(rest))
				at = at.Add(ms(int(int8(h[1]))).Sub(epoch))
				p := capture.Packet{At: at, Arrived: at.Add(ms(int(h[3] >> 2)).Sub(epoch)), Link: links[int(h[0])%len(links)],
					Loss: capture.Loss(h[3] & 3 % 3), Tap: capture.TapID(h[0] >> 4), Length: n + int(h[3]), Data: rest[:n:n], Ref: -1}
				rest = rest[n:]
				if err := b.Packet(p); err != nil {
					t.Fatal(err)
				}
				if h[3] == 77 {
					b.Meta(capture.Note{At: at, Host: "a", Summary: "b"})
					b.Meta(capture.Tap{ID: capture.TapID(binary.LittleEndian.Uint32(h))})
				}
			}
			if o.MaxPackets == 0 {
				b.Finish(nil)
				ask(t, b.Snapshot())
			}
		}
	})
}

// sinkFunc is a sink for packets only.
type sinkFunc func(capture.Packet) error

func (f sinkFunc) Packet(p capture.Packet) error { return f(p) }
func (sinkFunc) Meta(capture.Meta) error         { return nil }
