package stream_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/stream"
)

const (
	fin = stream.FIN | stream.ACK
	ack = stream.ACK
)

// line writes deliveries as one line: direction, offset, gap, bytes, end.
func line(ds []stream.Delivery) string {
	var b strings.Builder
	for _, d := range ds {
		fmt.Fprintf(&b, "%s%d", [...]string{">", "<"}[d.Dir], d.Off)
		if d.Gap > 0 {
			fmt.Fprintf(&b, " gap %d", d.Gap)
		}
		if len(d.Data) > 0 {
			fmt.Fprintf(&b, " %s", d.Data)
		}
		if d.End {
			b.WriteString(" end")
		}
		b.WriteString("; ")
	}
	return strings.TrimSuffix(b.String(), "; ")
}

// step is a segment and what must come of it.
type step struct {
	c2s      bool
	flags    stream.TCPFlags
	seq, ack uint32
	data     string
	want     string
	marks    stream.Analysis
}

func TestDialogues(t *testing.T) {
	const c, s = true, false
	tests := []struct {
		name  string
		steps []step
		flush string
		state stream.State
	}{
		{"in order, both close", []step{
			{c, stream.SYN, 99, 0, "", "", stream.Handshake},
			{s, stream.SYN | ack, 499, 100, "", "", stream.Handshake},
			{c, ack, 100, 500, "", "", stream.Handshake},
			{c, ack, 100, 500, "ab", ">0 ab", 0},
			{s, ack, 500, 102, "xyz", "<0 xyz", 0},
			{c, fin, 102, 503, "", ">2 end", 0},
			{s, fin, 503, 103, "!", "<3 !; <4 end", 0},
			{c, ack, 103, 505, "", "", 0},
		}, "", stream.Closed},
		{"hole filled, overlap: first copy wins", []step{
			{c, stream.SYN, 99, 0, "", "", stream.Handshake},
			{c, ack, 104, 500, "EF", "", stream.LostSegment},
			{c, ack, 108, 500, "I", "", stream.LostSegment},
			{c, ack, 100, 500, "abcdefgh", ">0 abcd; >4 EF; >6 gh; >8 I", stream.OutOfOrder},
			{c, ack, 100, 500, "abcdefgh", "", stream.Retransmission},
		}, ">9 end; <0 end", stream.Open},
		{"hole acknowledged, so not captured", []step{
			{c, stream.SYN, 99, 0, "", "", stream.Handshake},
			{s, stream.SYN | ack, 499, 100, "", "", stream.Handshake},
			{c, ack, 103, 500, "d", "", stream.LostSegment},
			{s, ack, 500, 104, "", ">3 gap 3 d", stream.AckedUnseen},
			{c, ack, 100, 500, "abc", "", stream.SpuriousRetrans | stream.Retransmission},
		}, ">4 end; <0 end", stream.Open},
		{"hole before FIN at the end of the capture", []step{
			{c, stream.SYN, 99, 0, "", "", stream.Handshake},
			{c, ack, 102, 500, "c", "", stream.LostSegment},
			{c, fin, 105, 500, "", "", stream.LostSegment},
		}, ">2 gap 2 c; >5 gap 2 end; <0 end", stream.Half},
		{"midway", []step{
			{c, ack, 1000, 2000, "in the middle", ">0 in the middle", 0},
			{s, ack, 2000, 1013, "answer", "<0 answer", 0},
			{c, ack, 990, 2006, "earlier", "", stream.SpuriousRetrans | stream.Retransmission},
		}, ">13 end; <6 end", stream.Open},
		{"midway, a keep-alive first", []step{
			{c, ack, 999, 2000, "", "", 0},
			{s, ack, 2000, 1000, "", "", stream.AckedUnseen},
			{c, ack, 1000, 2000, "a", ">0 a", stream.LostSegment},
		}, ">1 end; <0 end", stream.Open},
		{"sequence numbers wrap around", []step{
			{c, stream.SYN, 0xfffffffd, 0, "", "", stream.Handshake},
			{c, ack, 0xfffffffe, 0, "abcd", ">0 abcd", 0},
			{c, ack, 4, 0, "gh", "", stream.LostSegment},
			{c, ack, 2, 0, "ef", ">4 ef; >6 gh", stream.OutOfOrder},
		}, ">8 end; <0 end", stream.Open},
		{"data in SYN, after FIN", []step{
			{c, stream.SYN, 99, 0, "ab", ">0 ab", stream.Handshake},
			{c, fin, 102, 0, "c", ">2 c; >3 end", 0},
			{c, ack, 104, 0, "no", "", 0},
		}, "<0 end", stream.Half},
		{"reset", []step{
			{c, stream.SYN, 99, 0, "", "", stream.Handshake},
			{s, stream.RST | ack, 0, 100, "", ">0 end; <0 end", 0},
		}, "", stream.Reset},
		{"stray reset", []step{
			{c, stream.SYN, 99, 0, "", "", stream.Handshake},
			{s, stream.SYN | ack, 499, 100, "", "", stream.Handshake},
			{s, stream.RST, 900000000, 0, "", "", 0},
			{c, ack, 100, 500, "a", ">0 a", stream.Handshake},
		}, ">1 end; <0 end", stream.Open},
		{"keep-alive and answer, window", []step{
			{c, stream.SYN, 99, 0, "", "", stream.Handshake},
			{s, stream.SYN | ack, 499, 100, "", "", stream.Handshake},
			{c, ack, 100, 500, "a", ">0 a", stream.Handshake},
			{s, ack, 500, 101, "", "", 0},
			{c, ack, 100, 500, "", "", stream.KeepAlive},
			{s, ack, 500, 101, "", "", stream.KeepAliveAck},
			{s, ack, 500, 101, "", "", stream.KeepAliveAck},
		}, ">1 end; <0 end", stream.Open},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := newTalk(stream.Options{})
			var f *stream.Flow
			for i, st := range tt.steps {
				r := k.send(st.c2s, st.flags, st.seq, st.ack, st.data)
				if got := line(r.Delivered); got != st.want || r.Analysis != st.marks {
					t.Errorf("step %d: %q, marks %b; want %q, %b", i+1, got, r.Analysis, st.want, st.marks)
				}
				if f != nil && r.Flow != f {
					t.Errorf("step %d begins a new conversation", i+1)
				}
				f = r.Flow
			}
			if f.A != client || f.B != server {
				t.Errorf("opened by %v", f.A)
			}
			k.Flush(&k.res)
			if got := line(k.res.Delivered); got != tt.flush || len(k.res.Ended) != 1 {
				t.Errorf("flush: %q, want %q", got, tt.flush)
			}
			if f.State != tt.state {
				t.Errorf("state %d, want %d", f.State, tt.state)
			}
		})
	}
}

func TestHandshakeTime(t *testing.T) {
	k := newTalk(stream.Options{})
	k.open(100, 500)
	if f := k.res.Flow; f.HandshakeRTT != 2e6 || f.Midway || k.res.RelSeq != 1 || k.res.RelAck != 1 {
		t.Errorf("%+v %d %d", f, k.res.RelSeq, k.res.RelAck)
	}
}

func TestOrientation(t *testing.T) {
	for _, tt := range []struct {
		name   string
		c2s    bool
		flags  stream.TCPFlags
		midway bool
	}{
		{"SYN", true, stream.SYN, false},
		{"SYN ACK first", false, stream.SYN | ack, false},
		{"midway, client first", true, ack, true},
		{"midway, server first", false, ack, true},
	} {
		k := newTalk(stream.Options{})
		r := k.send(tt.c2s, tt.flags, 1, 1, "x")
		if r.Flow.A != client || r.Flow.Midway != tt.midway || (r.Dir == decoders.AtoB) != tt.c2s {
			t.Errorf("%s: A is %v, midway %v, direction %d", tt.name, r.Flow.A, r.Flow.Midway, r.Dir)
		}
	}
}

func TestPortReuse(t *testing.T) {
	k := newTalk(stream.Options{})
	k.open(100, 500)
	first := k.res.Flow
	k.send(true, ack, 105, 500, "late")
	r := k.send(true, stream.SYN, 7777, 0, "")
	if !r.NewFlow || r.Flow == first || r.Flow.Index != 1 || !r.Analysis.Has(stream.PortReused) {
		t.Fatalf("%+v", r)
	}
	if len(r.Ended) != 1 || r.Ended[0] != first || line(r.Delivered) != ">5 gap 5 late; >9 end; <0 end" || r.Delivered[0].Flow != first {
		t.Errorf("ended %v, %s", r.Ended, line(r.Delivered))
	}
	if r = k.send(true, stream.SYN, 7777, 0, ""); r.NewFlow || !r.Analysis.Has(stream.Retransmission) {
		t.Errorf("a repeated SYN begins a conversation: %+v", r)
	}
}

func TestLostPacketsAreNotDelivered(t *testing.T) {
	k := newTalk(stream.Options{})
	k.open(100, 500)
	s := seg{from: client, to: server, flags: ack, seq: 100, ack: 500, data: []byte("abc")}
	b := s.packet()
	r := k.in(stream.PacketIn{Link: capture.LinkRaw, Data: b, WireLen: len(b), Lost: true})
	if len(r.Delivered) != 0 || r.RelSeq != 1 {
		t.Fatalf("%+v", r)
	}
	r = k.send(true, ack, 103, 500, "def")
	if len(r.Delivered) != 0 || r.Analysis != 0 {
		t.Errorf("%s %b: the segment before was sent", line(r.Delivered), r.Analysis)
	}
	if r = k.send(true, ack, 100, 500, "abc"); line(r.Delivered) != ">0 abc; >3 def" || r.Analysis != stream.Retransmission {
		t.Errorf("%s %b", line(r.Delivered), r.Analysis)
	}
}

func TestSnapLength(t *testing.T) {
	k := newTalk(stream.Options{})
	k.open(100, 500)
	s := seg{from: client, to: server, flags: ack, seq: 100, ack: 500, data: []byte("abcdef")}
	cut := func(seq uint32, n int) *stream.Result {
		s.seq = seq
		b := s.packet()
		return k.in(stream.PacketIn{Link: capture.LinkRaw, Data: b[:len(b)-n], WireLen: len(b)})
	}
	if got := line(cut(100, 4).Delivered); got != ">0 ab; >6 gap 4" {
		t.Error(got)
	}
	if got := line(cut(112, 3).Delivered); got != "" {
		t.Error(got)
	}
	if got := line(cut(106, 6).Delivered); got != ">12 gap 6; >12 abc; >18 gap 3" {
		t.Error(got)
	}
}

// A stream that is cut, repeated, overlapped and shuffled at random comes out
// as it was.
func TestRandomOrder(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 7))
		want := make([]byte, 1+rng.IntN(5000))
		for i := range want {
			want[i] = byte(rng.Uint32())
		}
		isn := uint32(0) - uint32(rng.IntN(6000))
		type piece struct{ from, to int }
		var pieces []piece
		for at := 0; at < len(want); {
			n := min(1+rng.IntN(200), len(want)-at)
			for range 1 + rng.IntN(2) {
				pieces = append(pieces, piece{max(0, at-rng.IntN(50)), min(len(want), at+n+rng.IntN(50))})
			}
			at += n
		}
		rng.Shuffle(len(pieces), func(i, j int) { pieces[i], pieces[j] = pieces[j], pieces[i] })
		k := newTalk(stream.Options{})
		k.open(isn, 500)
		var got []byte
		ends := 0
		take := func(r *stream.Result) {
			for _, d := range r.Delivered {
				if d.Gap != 0 || d.Off != int64(len(got)) && d.Dir == decoders.AtoB {
					t.Fatalf("seed %d: at %d with gap %d after %d bytes", seed, d.Off, d.Gap, len(got))
				}
				got = append(got, d.Data...)
				if d.End && d.Dir == decoders.AtoB {
					ends++
				}
			}
		}
		k.send(true, fin, isn+uint32(len(want)), 500, "")
		for _, p := range pieces {
			take(k.send(true, ack, isn+uint32(p.from), 500, string(want[p.from:p.to])))
		}
		if !bytes.Equal(got, want) || ends != 1 {
			t.Fatalf("seed %d: %d bytes of %d, %d ends", seed, len(got), len(want), ends)
		}
	}
}

// Segments in descending order must not cost the square of their number.
func TestDescending(t *testing.T) {
	const n, size = 40000, 100
	k := newTalk(stream.Options{})
	k.open(0, 500)
	data := strings.Repeat("x", size)
	start := time.Now()
	total := 0
	for i := n - 1; i >= 0; i-- {
		for _, d := range k.send(true, ack, uint32(i*size), 500, data).Delivered {
			total += len(d.Data)
		}
	}
	if total != n*size {
		t.Errorf("%d bytes of %d", total, n*size)
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("took %v", d)
	} else {
		t.Logf("%d descending segments in %v", n, d)
	}
}
