package bittorrent

import (
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"netscope/decoders"
	"netscope/decoders/decodertest"
)

// FuzzPeers mutates a dialogue between peers: cuts change nothing, gaps and
// nonsense are safe.
func FuzzPeers(f *testing.F) {
	var a, b string
	for _, t := range peers() {
		if t.Dir == decoders.AtoB {
			a += t.Data
		} else {
			b += t.Data
		}
	}
	f.Add(a, b, uint64(3), false)
	f.Add(a[68:], b[68:], uint64(4), true)
	f.Fuzz(func(t *testing.T, a, b string, seed uint64, mid bool) {
		h := decoders.Hint{Transport: decoders.TCP, Midway: mid}
		cut := int(seed % uint64(len(a)+1))
		decodertest.Quick(t, Decoder{}, h, []decodertest.Turn{decodertest.A(a[:cut]), decodertest.B(b), decodertest.A(a[cut:]), decodertest.EndA(), decodertest.EndB()}, seed)
		decodertest.Verdicts(t, Unopened{}, []decodertest.Turn{decodertest.A(a), decodertest.B(b)})
	})
}

// TestMutations damages a dialogue in a few hundred fixed ways.
func TestMutations(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := range 300 {
		dialogue := peers()
		for i := range dialogue {
			if d := []byte(dialogue[i].Data); len(d) > 0 && rng.IntN(3) == 0 {
				d[rng.IntN(min(len(d), 40))] = byte(rng.IntN(256))
				dialogue[i].Data = string(d)
			}
		}
		decodertest.Quick(t, Decoder{}, decoders.Hint{Transport: decoders.TCP, Midway: n%2 == 0}, dialogue, uint64(n))
	}
}

// TestDatagramMutations gives damaged datagrams to the parser: every one is
// used up and explained, whatever stands in it.
func TestDatagramMutations(t *testing.T) {
	seeds := []string{
		"\x00\x00\x04\x17\x27\x10\x19\x80\x00\x00\x00\x00\x00\x00\x00\x07",
		"\x00\x00\x00\x00\x00\x00\x00\x07abcdefgh",
		"abcdefgh\x00\x00\x00\x01\x00\x00\x00\x09" + strings.Repeat("h", 20) + "-TR4100-abcdefghijkl" + strings.Repeat("\x00", 42),
		"\x00\x00\x00\x01\x00\x00\x00\x09\x00\x00\x00\x1e\x00\x00\x00\x01\x00\x00\x00\x02\x0a\x00\x00\x01\x1a\xe1",
		"d1:ad2:id20:aaaaaaaaaaaaaaaaaaaae1:q4:ping1:t2:xx1:y1:qe",
		"d1:rd2:id20:aaaaaaaaaaaaaaaaaaaa5:nodes26:bbbbbbbbbbbbbbbbbbbb123456e1:t2:xx1:y1:re",
		"d1:eli201e5:oopsee1:t2:xx1:y1:ee",
		"\x41\x00\x53\x02" + strings.Repeat("\x00", 16),
		"\x21\x01\x53\x02" + strings.Repeat("\x00", 16) + "\x00\x04\x01\x02\x03\x04",
		"\x01\x00\x53\x03" + strings.Repeat("\x00", 12) + "\x00\x01\x00\x00" + header,
		lsdStart + "Host: 239.192.152.143:6771\r\nPort: 6881\r\nInfohash: " + strings.Repeat("a", 40) + "\r\n\r\n",
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for range 400 {
		p := Datagrams{}.NewParser(decoders.Hint{Transport: decoders.UDP}, decoders.Env{MaxUnit: 1 << 20})
		off := [2]int64{}
		for i, s := range seeds {
			b := []byte(s)
			for range rng.IntN(4) {
				b[rng.IntN(len(b))] = byte(rng.IntN(256))
			}
			b = b[:len(b)-rng.IntN(3)]
			d := decoders.Dir(i % 2)
			st, err := p.Next(decoders.Chunk{Dir: d, Off: off[d], Buf: b})
			if err != nil || st.Advance != len(b) || len(st.Events) != 2 {
				t.Fatalf("%q: %d of %d bytes, %d events, %v", b, st.Advance, len(b), len(st.Events), err)
			}
			e := st.Events[0]
			Datagrams{}.Explain(decoders.Exposed{Kind: e.Kind, Proto: e.Proto, Name: e.Name, Fields: e.Fields, HeadLen: e.HeadLen, Raw: b, Total: int64(len(b))})
			off[d] += int64(len(b))
		}
	}
}

// A bencoded answer is added to a tracker's response, whatever its framing.
func TestTrackerAnswer(t *testing.T) {
	query := "GET /announce?info_hash=" + strings.Repeat("%aa", 20) + "&peer_id=-TR4100-abcdefghijkl&port=6881&uploaded=1&downloaded=2&left=3&event=started HTTP/1.1\r\nHost: t\r\n\r\n"
	body := "d8:completei5e10:incompletei7e8:intervali1800e5:peers12:\x0a\x00\x00\x01\x1a\xe1\x0a\x00\x00\x02\x1a\xe2e"
	for name, answer := range map[string]string{
		"length":  "HTTP/1.1 200 OK\r\nContent-Length: 69\r\n\r\n" + body,
		"chunked": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n" + body[:32] + "\r\n25\r\n" + body[32:] + "\r\n0\r\n\r\n",
		"close":   "HTTP/1.0 200 OK\r\n\r\n" + body,
	} {
		found := false
		for _, m := range decodertest.Run(overTest(), decodertest.A(query), decodertest.B(answer), decodertest.EndB(), decodertest.EndA()) {
			if kv, ok := decoders.Lookup(m.Fields, "bt-tracker.peers"); ok {
				found = kv.Str == "10.0.0.1:6881 10.0.0.2:6882"
			}
			x := decodertest.Expose(&m, decoders.Hint{}, query)
			if m.Kind == decoders.Request {
				if _, err := overTest().(decoders.Bodier).Body(x, strings.NewReader(query)); err != nil && err != io.EOF {
					t.Error(err)
				}
			}
		}
		if !found {
			t.Errorf("%s (%d bytes): no peers", name, len(body))
		}
	}
}

func TestClients(t *testing.T) {
	for id, want := range map[string]string{
		"-TR4100-x81oca6f7ah":              "Transmission 4.1.0",
		"-UM1860-abcdefghijk":              "µTorrent for Mac 1.8.6",
		"-qB4250-abcdefghijkl":             "qBittorrent 4.2.5",
		"A2-1-37-0-abcdefghij":             "aria2 1.37.0",
		"M7-10-5--abcdefghijk":             "BitTorrent 7.10.5",
		"-lt0D80-abcdefghijkl":             "libTorrent 0.13.8",
		"-ZZ1234-abcdefghijkl":             "client ZZ 1.2.3.4",
		"\x00\x01\x02\x03\x04\x05\x06\x07": "unknown client",
		"":                                 "unknown client",
	} {
		if got := Client(id); got != want {
			t.Errorf("%q is %q, not %q", id, got, want)
		}
	}
}
