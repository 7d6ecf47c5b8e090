package quic

import (
	"bytes"
	"math/rand/v2"
	"net/netip"
	"path/filepath"
	"testing"

	"netscope/decoders"
)

// turn is a datagram of a dialogue.
type turn struct {
	d decoders.Dir
	b []byte
}

// dialogue is a connection with streams, frames of all kinds and HTTP/3.
func dialogue() (out []turn) {
	p := newPeers()
	add := func(d int, b []byte) { out = append(out, turn{decoders.Dir(d), b}) }
	add(0, vectors[0].clientInitial())
	add(1, unhex(vectors[0].server))
	for _, f := range []string{"0214050203020100030100", "040407060504070600", "070354657f104400", "110444001504440018010005112233445561616161616161616161616161616161",
		"1a01020304050607081b0102030405060708", "31024142", "1e", "40ff"} {
		add(1, p.packet(1, string(unhex(f))))
		add(0, p.packet(0, string(unhex(f))))
	}
	add(0, p.packet(0, data(2, 0, "\x00\x04\x04\x01\x40\x64\x07", false), data(6, 0, "\x02\x3f\x41", false)))
	add(0, p.packet(0, data(0, 0, "\x01\x04\x02\x00\x80\xc1\x00\x05hello", true)))
	add(1, p.packet(1, data(3, 0, "\x00\x04\x02\x01\x40\x64", false)))
	add(1, p.packet(1, data(0, 5, "\xd9\x00\x05hello", true)))
	add(1, p.packet(1, data(0, 0, "\x01\x03\x00\x00", false)))
	add(0, p.packet(0, "\x1d\x41\x00\x03bye"))
	return out
}

func play(t testing.TB, h decoders.Hint, turns []turn) []message {
	r := newRecord(t, Decoder{}.NewParser(h, decoders.Env{Secrets: secrets{}}))
	for _, x := range turns {
		if len(x.b) > 0 {
			r.feed(x.d, x.b, false)
		}
	}
	r.finish()
	explainAll(t, r.list, turns)
	return r.list
}

// explainAll checks that what Explain says lies within the bytes.
func explainAll(t testing.TB, list []message, turns []turn) {
	var stream [2][]byte
	for _, x := range turns {
		stream[x.d] = append(stream[x.d], x.b...)
	}
	var spans func(f decoders.Field, n int)
	spans = func(f decoders.Field, n int) {
		if f.Off < 0 || f.Len < 0 || f.Off+f.Len > n {
			t.Errorf("%s has the span %d+%d of %d bytes", f.Label, f.Off, f.Len, n)
		}
		for _, c := range f.Children {
			spans(c, n)
		}
	}
	for _, m := range list {
		raw := stream[m.Dir][m.Off:m.End]
		x := decoders.Exposed{Hint: testHint, Dir: m.Dir, Kind: m.Kind, Proto: m.Proto, Name: m.Name, Fields: m.Fields, Off: m.Off, Raw: raw, Total: int64(len(raw))}
		spans(Decoder{}.Explain(x), len(raw))
		x.Raw = raw[:len(raw)/2]
		spans(Decoder{}.Explain(x), len(raw))
	}
}

// TestBattery loses, repeats, exchanges, cuts and damages datagrams: the
// contract of decoders holds whatever comes.
func TestBattery(t *testing.T) {
	base := dialogue()
	whole := play(t, testHint, base)
	if n := len(whole); n < 60 {
		t.Errorf("only %d messages", n)
	}
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 7))
		var turns []turn
		for _, x := range base {
			b := bytes.Clone(x.b)
			switch rng.IntN(12) {
			case 0:
				continue
			case 1:
				turns = append(turns, x)
			case 2:
				b = b[:rng.IntN(len(b)+1)]
			case 3:
				b[rng.IntN(len(b))] ^= byte(1 << rng.IntN(8))
			case 4:
				b = append(b, base[rng.IntN(len(base))].b...)
			case 5:
				x.d = x.d.Other()
			}
			turns = append(turns, turn{x.d, b})
			if n := len(turns); n > 1 && rng.IntN(6) == 0 {
				turns[n-1], turns[n-2] = turns[n-2], turns[n-1]
			}
		}
		play(t, testHint, turns)
	}
}

// TestProbe: verdicts do not change as a datagram grows, and other protocols
// are refused.
func TestProbe(t *testing.T) {
	h := testHint
	for _, c := range []struct {
		b    []byte
		port uint16
		want decoders.Verdict
	}{
		{vectors[0].clientInitial(), 443, decoders.Accept}, {vectors[1].clientInitial(), 4433, decoders.Accept},
		{unhex(vectors[0].server), 4433, decoders.Accept}, {unhex(vectors[0].chacha), 443, decoders.Accept}, {unhex(vectors[0].chacha), 4433, decoders.Reject},
		{unhex("12340100000100000000000003777777"), 53, decoders.Reject}, {unhex("8000000000000401020304" + "00000001"), 4433, decoders.Accept},
		{unhex("80e0000000000000000000000000000000"), 5004, decoders.Reject}, {[]byte("hello"), 443, decoders.Reject},
	} {
		last := decoders.NeedMore
		for n := 1; n <= len(c.b); n++ {
			h.B = testHint.B
			if c.port != 443 {
				h.B = netip.AddrPortFrom(h.B.Addr(), c.port)
			}
			v := Decoder{}.Probe(h, 0, c.b[:n], n == len(c.b))
			if last != decoders.NeedMore && v != last {
				t.Errorf("%x: the verdict changes to %d after %d bytes", c.b, v, n)
				break
			}
			last = v
		}
		if last != c.want {
			t.Errorf("%x on port %d: verdict %d, want %d", c.b, c.port, last, c.want)
		}
	}
}

// TestGivenCaptures holds the contract on everything that is given.
func TestGivenCaptures(t *testing.T) {
	for _, path := range captures(t, "quic") {
		r := read(t, path)
		t.Logf("%s: %d messages", filepath.Base(path), len(r.hits))
	}
}

// FuzzDatagrams gives arbitrary datagrams, and arbitrary frames under known
// keys.
func FuzzDatagrams(f *testing.F) {
	for _, x := range dialogue() {
		f.Add(x.b, []byte(data(0, 0, "\x01\x04\x02\x00\x80\xc1\x00\x05hello", true)), uint8(x.d))
	}
	f.Add([]byte{}, unhex("0214050203020100030100"), uint8(0))
	f.Fuzz(func(t *testing.T, b, payload []byte, d uint8) {
		p := newPeers()
		turns := []turn{{0, vectors[0].clientInitial()}, {1, unhex(vectors[0].server)}}
		cut := min(int(d>>1), len(payload))
		turns = append(turns, turn{decoders.Dir(d & 1), p.packet(int(d&1), string(payload[cut:]))}, turn{decoders.Dir(d & 1), b},
			turn{decoders.Dir(d & 1), p.packet(int(d&1), string(payload[:cut]))}, turn{1 - decoders.Dir(d&1), b})
		play(t, testHint, turns)
	})
}
