package http2

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"netscope/capture"
	"netscope/capture/file"
	"netscope/decoders"
	"netscope/decoders/decodertest"
)

// compared are the fields of frames that tshark and netscope call the same. The
// first is there once in every frame.
var compared = []string{"http2.type", "http2.streamid", "http2.flags", "http2.length", "http2.header.name", "http2.header.value",
	"http2.pad_length", "http2.stream_dependency", "http2.headers.weight", "http2.rst_stream.error", "http2.settings.id",
	"http2.settings.initial_window_size", "http2.settings.max_frame_size", "http2.settings.extended_connect", "http2.goaway.last_stream_id",
	"http2.goaway.error", "http2.window_update.window_size_increment", "http2.push_promise.promised_stream_id", "http2.ping", "http2.pong",
	"http2.priority_update_stream_id", "http2.priority_update_field_value", "http2.altsvc.origin", "http2.altsvc.field_value", "http2.origin.origin",
	"http2.header_table_size_update.header_table_size"}

// TestAgainstTshark writes connections to a capture and compares what tshark
// says of each direction, field by field.
func TestAgainstTshark(t *testing.T) {
	bin, err := exec.LookPath("tshark")
	if err != nil {
		if os.Getenv("NETSCOPE_REQUIRE_PEERS") != "" {
			t.Fatal("tshark is not installed")
		}
		t.Skip("tshark is not installed")
	}
	all := dialogues()
	for _, name := range []string{"wrong", "server of HTTP/1"} { // tshark says other things of what is malformed
		delete(all, name)
	}
	r := rand.New(rand.NewPCG(9113, 7541))
	for i := range 20 {
		all[fmt.Sprintf("random %d", i)] = random(r)
	}
	var names []string
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	path := filepath.Join(t.TempDir(), "h2.pcap")
	writeCapture(t, path, names, all)
	var got []string
	for i, name := range names {
		res := decodertest.Drive(Decoder{}, decoders.Hint{Transport: decoders.TCP}, all[name], func(n int) int { return 1 + r.IntN(n) })
		for _, d := range []decoders.Dir{decoders.AtoB, decoders.BtoA} {
			for _, f := range compared {
				got = append(got, fmt.Sprintf("%d %s %d %s", i, name, d, f)+": "+ours(res.Messages, d, f))
			}
		}
	}
	args := []string{"-r", path, "-d", "tcp.port==7540,http2", "-T", "fields", "-E", "aggregator=~", "-e", "tcp.stream", "-e", "tcp.srcport"}
	for _, f := range compared {
		args = append(args, "-e", f)
	}
	out, err := exec.Command(bin, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	theirs := map[string][]string{}
	for l := range strings.Lines(string(out)) {
		cols := strings.Split(strings.TrimSuffix(l, "\n"), "\t")
		for i, f := range compared {
			dir := decoders.AtoB
			if cols[1] == "7540" {
				dir = decoders.BtoA
			}
			if v := cols[i+2]; v != "" {
				k := fmt.Sprintf("%s %d %s", cols[0], dir, f)
				theirs[k] = append(theirs[k], strings.Split(v, "~")...)
			}
		}
	}
	var want []string
	for i, name := range names {
		for _, d := range []decoders.Dir{decoders.AtoB, decoders.BtoA} {
			for _, f := range compared {
				vs := theirs[fmt.Sprintf("%d %d %s", i, d, f)]
				if f == "http2.pad_length" { // tshark says 0 of frames that cannot be padded
					vs = slices.DeleteFunc(vs, func(v string) bool { return v == "0" })
				}
				for j := range vs { // tshark writes flags in hex
					var n int64
					if _, err := fmt.Sscanf(vs[j], "0x%x", &n); err == nil && f == "http2.flags" {
						vs[j] = fmt.Sprint(n)
					}
				}
				want = append(want, fmt.Sprintf("%d %s %d %s", i, name, d, f)+": "+strings.Join(vs, "~"))
			}
		}
	}
	n := 0
	for i := range want {
		n += strings.Count(want[i], "~")
		if got[i] != want[i] {
			t.Errorf("netscope %s\ntshark   %s", got[i], want[i])
		}
	}
	t.Logf("%d values are equal", n)
}

// ours are the values of a field in all frames of a direction.
func ours(ms []decodertest.Message, d decoders.Dir, field string) string {
	var vs []string
	for _, m := range ms {
		if m.Dir != d || m.Level != decoders.UnitLevel || m.Proto != proto {
			continue
		}
		for _, kv := range m.Fields {
			switch {
			case kv.Name != field:
			case kv.Kind == decoders.IntValue && (kv.Int > 0 || field != "http2.pad_length"):
				vs = append(vs, fmt.Sprint(kv.Int))
			case kv.Kind == decoders.StrValue && (kv.Str != "" || field != "http2.altsvc.origin"): // tshark leaves out an empty one
				vs = append(vs, kv.Str)
			}
		}
	}
	return strings.Join(vs, "~")
}

// writeCapture writes each dialogue as a TCP connection to port 7540. Segments
// end where turns end: tshark 4.0 loses frames whose header is cut.
func writeCapture(t *testing.T, path string, names []string, all map[string][]turn) {
	t.Helper()
	var out bytes.Buffer
	w := file.NewWriter(&out, file.PCAP, file.Options{})
	at := time.Unix(1_000_000, 0)
	for i, name := range names {
		next := [2]uint32{1000, 5000}
		put := func(d decoders.Dir, flags byte, data string) {
			b := make([]byte, 40+len(data))
			b[0], b[8], b[9] = 0x45, 64, 6
			binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
			copy(b[12:], []byte{10, 0, 0, 1 + byte(d), 10, 0, 0, 2 - byte(d)})
			ports := [2]uint16{uint16(20000 + i), 7540}
			binary.BigEndian.PutUint16(b[20:], ports[d])
			binary.BigEndian.PutUint16(b[22:], ports[1-d])
			binary.BigEndian.PutUint32(b[24:], next[d])
			binary.BigEndian.PutUint32(b[28:], next[1-d])
			b[32], b[33], b[34] = 5<<4, flags, 0xff
			copy(b[40:], data)
			next[d] += uint32(len(data))
			if flags&3 != 0 {
				next[d]++
			}
			at = at.Add(time.Millisecond)
			if err := w.Packet(capture.Packet{At: at, Arrived: at, Link: capture.LinkRaw, Length: len(b), Data: b, Ref: -1}); err != nil {
				t.Fatal(err)
			}
		}
		put(0, 2, "")
		put(1, 18, "")
		put(0, 16, "")
		for _, u := range all[name] {
			for u.Data != "" {
				n := min(len(u.Data), 1400)
				put(u.Dir, 24, u.Data[:n])
				u.Data = u.Data[n:]
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// random is a connection that obeys the rules and uses all frames there are.
func random(r *rand.Rand) []turn {
	c, s := pair2()
	out := append([]turn{{Data: http2.ClientPreface}},
		c.settings(http2.Setting{ID: 4, Val: 1 << 20}, http2.Setting{ID: 5, Val: 1 << 15}, http2.Setting{ID: 0x99, Val: 7}),
		s.settings(http2.Setting{ID: 8, Val: 1}, http2.Setting{ID: 9, Val: 1}), s.ack(), c.ack())
	pad := func() uint8 { return uint8(r.IntN(200) * r.IntN(2)) }
	head := func(p *peer, id uint32, end bool, lines ...string) turn {
		for i := range r.IntN(6) {
			lines = append(lines, fmt.Sprintf("x-%d: %s", r.IntN(5)+i, strings.Repeat("v", r.IntN(60))))
		}
		if r.IntN(4) == 0 {
			p.enc.SetMaxDynamicTableSize(uint32(r.IntN(4097)))
		}
		b := p.block(lines...)
		return p.says(func(f *http2.Framer) {
			n := min(20+r.IntN(len(b)), len(b)) // tshark stumbles over short fragments
			if r.IntN(2) == 0 {
				n = len(b)
			}
			h := http2.HeadersFrameParam{StreamID: id, BlockFragment: b[:n], EndStream: end, EndHeaders: n == len(b), PadLength: pad()}
			if p.dir == decoders.AtoB && r.IntN(2) == 0 {
				h.Priority = http2.PriorityParam{StreamDep: uint32(r.IntN(3)) * 2, Weight: uint8(r.IntN(256)), Exclusive: r.IntN(2) == 0}
			}
			_ = f.WriteHeaders(h)
			for b = b[n:]; len(b) > 0 || !h.EndHeaders; b = b[n:] {
				n = min(len(b), 20+r.IntN(50))
				h.EndHeaders = n == len(b)
				_ = f.WriteContinuation(id, h.EndHeaders, b[:n])
			}
		})
	}
	body := func(p *peer, id uint32, end bool) turn {
		return p.says(func(f *http2.Framer) {
			for range r.IntN(3) {
				_ = f.WriteDataPadded(id, false, bytes.Repeat([]byte("d"), r.IntN(3000)), make([]byte, pad()))
			}
			if end {
				_ = f.WriteData(id, true, nil)
			}
		})
	}
	other := func(p *peer, id uint32) turn {
		return p.says(func(f *http2.Framer) {
			switch r.IntN(7) {
			case 0:
				_ = f.WritePing(r.IntN(2) == 0, [8]byte{byte(r.IntN(256)), 7: 9})
			case 1:
				_ = f.WriteWindowUpdate(id*uint32(r.IntN(2)), 1+uint32(r.IntN(1000)))
			case 2:
				_ = f.WriteRawFrame(http2.FrameType(0x20+r.IntN(200)), http2.Flags(r.IntN(256)), uint32(r.IntN(9)), make([]byte, r.IntN(40)))
			case 3:
				_ = f.WritePriority(id, http2.PriorityParam{StreamDep: id + 2, Weight: uint8(r.IntN(256))})
			case 4:
				_ = f.WriteRawFrame(0x10, 0, 0, append(binary.BigEndian.AppendUint32(nil, id), "u=5"...))
			case 5:
				_ = f.WriteRawFrame(0x0a, 0, id, []byte("\x00\x00h3=\":443\"; ma=60"))
			case 6:
				_ = f.WriteRawFrame(0x0c, 0, 0, []byte("\x00\x10https://a.example\x00\x05b:443"[:18]))
			}
		})
	}
	promised := uint32(0)
	for id := uint32(1); id < 30; id += 2 {
		post := r.IntN(3) == 0
		out = append(out, head(c, id, !post, ":method: "+map[bool]string{true: "POST", false: "GET"}[post], ":scheme: http", ":authority: a.example", fmt.Sprintf(":path: /%d", r.IntN(20))), other(c, id))
		if post {
			out = append(out, body(c, id, false), head(c, id, true, "trailer-sum: 1"))
		}
		if r.IntN(3) == 0 {
			out = append(out, s.headers(id, false, ":status: 103", "link: </a.css>; rel=preload"))
		}
		if r.IntN(4) == 0 {
			promised += 2
			b := s.block(get("/pushed")...)
			out = append(out, s.says(func(f *http2.Framer) {
				_ = f.WritePushPromise(http2.PushPromiseParam{StreamID: id, PromiseID: promised, BlockFragment: b, EndHeaders: true, PadLength: pad()})
			}), head(s, promised, false, ":status: 200"), body(s, promised, true))
		}
		trailers := r.IntN(3) == 0
		out = append(out, other(s, id), head(s, id, false, ":status: 200"), body(s, id, !trailers))
		if trailers {
			out = append(out, head(s, id, true, "grpc-status: 0"))
		}
		if r.IntN(5) == 0 {
			out = append(out, c.says(func(f *http2.Framer) { _ = f.WriteRSTStream(id, http2.ErrCode(r.IntN(14))) }))
		}
	}
	return append(out, s.says(func(f *http2.Framer) { _ = f.WriteGoAway(29, http2.ErrCodeEnhanceYourCalm, []byte("too many")) }), endA, endB)
}
