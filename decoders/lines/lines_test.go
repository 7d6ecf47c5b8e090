package lines_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"netscope/capture"
	"netscope/capture/file"
	"netscope/decoders/all"
	"netscope/decoders/lines"
	"netscope/decoders/timeline"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what was written; run with -update and look at the difference\n%s", name, got)
	}
}

// recorded is a page of a base and two objects over one persistent connection,
// recorded by our own lab.
func recorded(t *testing.T) lines.Source {
	t.Helper()
	r, err := file.Open("testdata/persistent.pcapng")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	b := timeline.NewBuilder(timeline.Options{Decoders: all.List(), File: r.ReaderAt()})
	b.Finish(r.Run(context.Background(), b))
	return lines.Source{Snap: b.Snapshot()}
}

// write gives everything as JSON lines.
func write(t *testing.T, s lines.Source) []byte {
	t.Helper()
	var out bytes.Buffer
	enc := lines.NewEncoder(&out)
	check := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	check(enc.Epoch(s.Snap.Epoch()))
	first, end := s.Snap.PacketRange()
	for id := first; id < end; id++ {
		check(enc.Packet(s, id))
	}
	check(enc.Messages(s))
	return out.Bytes()
}

func TestGoldenFile(t *testing.T) { golden(t, "persistent.json", write(t, recorded(t))) }

func TestGoldenText(t *testing.T) {
	s := recorded(t)
	var out bytes.Buffer
	text := lines.NewText(&out)
	for _, id := range s.Ordered() {
		if err := text.Message(s, id); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range s.Ordered() {
		if err := text.Fields(s, id, []string{"http.request.uri", "http.response.code", "http.response.line"}); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "persistent.txt", out.Bytes())
}

var start = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func ms(n float64) time.Time { return start.Add(time.Duration(n * float64(time.Millisecond))) }

// datagram is a raw IPv4 packet between 10.1.0.1:1000 and 10.1.0.2:2000, a port that no decoder knows.
func datagram(toB bool, text string) []byte {
	b := make([]byte, 28+len(text))
	b[0], b[8], b[9] = 0x45, 64, 17
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	copy(b[12:], []byte{10, 1, 0, 1, 10, 1, 0, 2, 1000 >> 8, 1000 & 255, 2000 >> 8, 2000 & 255})
	if !toB {
		copy(b[12:], []byte{10, 1, 0, 2, 10, 1, 0, 1, 2000 >> 8, 2000 & 255, 1000 >> 8, 1000 & 255})
	}
	binary.BigEndian.PutUint16(b[24:], uint16(8+len(text)))
	copy(b[28:], text)
	return b
}

// segment is a raw IPv4 packet with a TCP segment from 10.1.0.1:1000 to
// 10.1.0.2:80, or back.
func segment(toB bool, flags byte, seq, ack uint32, text string) []byte {
	b := make([]byte, 40+len(text))
	b[0], b[8], b[9] = 0x45, 64, 6
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	copy(b[12:], []byte{10, 1, 0, 1, 10, 1, 0, 2, 1000 >> 8, 1000 & 255, 0, 80})
	if !toB {
		copy(b[12:], []byte{10, 1, 0, 2, 10, 1, 0, 1, 0, 80, 1000 >> 8, 1000 & 255})
	}
	binary.BigEndian.PutUint32(b[24:], seq)
	binary.BigEndian.PutUint32(b[28:], ack)
	b[32], b[33], b[34] = 5<<4, flags, 0xff
	copy(b[40:], text)
	return b
}

// lab is a run with a lost packet, one that overtakes another, a note, a chunked
// and compressed response, and bytes that are not text.
func lab(t *testing.T) lines.Source {
	t.Helper()
	b := timeline.NewBuilder(timeline.Options{Decoders: all.List(), Lab: true})
	meta := func(m capture.Meta) {
		if err := b.Meta(m); err != nil {
			t.Fatal(err)
		}
	}
	send := func(at, arrived float64, data []byte, comment string) {
		p := capture.Packet{At: ms(at), Arrived: ms(arrived), Link: capture.LinkRaw, Length: len(data), Data: data, Ref: -1, Comment: comment}
		if arrived < 0 {
			p.Arrived, p.Loss = time.Time{}, capture.LostQueue
		}
		if err := b.Packet(p); err != nil {
			t.Fatal(err)
		}
	}
	meta(capture.Tap{Name: "alice–bob", Link: capture.LinkRaw})
	meta(capture.Name{Addr: netip.MustParseAddr("10.1.0.2"), Host: "bob"})
	meta(capture.Clock{At: start})
	send(0, 50, datagram(true, "to be lost?\n"), "")
	send(1, -1, datagram(true, "lost\n"), "dropped on purpose")
	send(2, 40, datagram(true, "\x00\x01\xfe\xff"), "")
	meta(capture.Note{At: ms(45), Host: "bob", Proto: "test", Name: "decision", Summary: "answers late", Data: []byte(`{"why":"thinking"}`)})
	meta(capture.Note{At: ms(46), Host: "bob", Proto: "test", Name: "broken", Summary: "no JSON", Data: []byte(`{`)})
	send(60, 110, datagram(false, "tab\t, quote \" and bell \a\n"), "")

	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	fmt.Fprint(z, strings.Repeat("hello ", 100))
	z.Close()
	const ask = "GET /?q=<a>&b HTTP/1.1\r\nHost: bob\r\n\r\n"
	head := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n", zipped.Len())
	answer := head + zipped.String() + "\r\n0\r\n\r\n"
	send(200, 210, segment(true, 2, 0, 0, ""), "")
	send(210, 220, segment(false, 18, 0, 1, ""), "")
	send(220, 230, segment(true, 24, 1, 1, ask), "")
	send(230, 240, segment(false, 24, 1, uint32(1+len(ask)), answer), "")
	b.Finish(nil)
	return lines.Source{Snap: b.Snapshot(), Variant: "late", Base: 100, PktBase: 1000, Epoch: start.Add(-time.Second)}
}

func TestGoldenLab(t *testing.T) { golden(t, "lab.json", write(t, lab(t))) }

// TestSchema: the keys of each line are those that were promised, and all are
// valid JSON. More keys are allowed when they are listed here.
func TestSchema(t *testing.T) {
	promised := map[string]string{
		"timeline": "type schema epoch",
		"packet":   "type n t arrived lost src dst len proto info",
		"message": "type level n part_of t end conv stream exchange packets src dst from to proto kind name summary reply_to " +
			"len fields error",
		"note": "type t host proto name summary data",
	}
	beside := strings.Fields("variant conv interface reason analysis comment wire_len")
	seen := map[string]bool{}
	last := -1e9
	for _, line := range bytes.Split(bytes.TrimSpace(write(t, lab(t))), []byte("\n")) {
		var obj map[string]any
		if err := json.Unmarshal(line, &obj); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		kind, _ := obj["type"].(string)
		seen[kind] = true
		want := strings.Fields(promised[kind])
		for _, k := range want {
			if _, ok := obj[k]; !ok {
				t.Errorf("%s: %q is missing: %s", kind, k, line)
			}
		}
		for k := range obj {
			if !slices.Contains(want, k) && !slices.Contains(beside, k) {
				t.Errorf("%s: %q is new: %s", kind, k, line)
			}
		}
		if kind == "message" {
			end := obj["end"].(float64)
			if end < last {
				t.Errorf("%v after %v: %s", end, last, line)
			}
			last = end
			if _, ok := obj["packets"].([]any); !ok {
				t.Errorf("packets is no array: %s", line)
			}
		}
	}
	for kind := range promised {
		if !seen[kind] {
			t.Errorf("no line of type %s", kind)
		}
	}
}

// TestOrder: ends are in order even where time stamps are not.
func TestOrder(t *testing.T) {
	b := timeline.NewBuilder(timeline.Options{Decoders: all.List()})
	for _, at := range []float64{10, 5, 30, 20, 0, 1} {
		data := datagram(true, "x")
		if err := b.Packet(capture.Packet{At: ms(at), Link: capture.LinkRaw, Length: len(data), Data: data, Ref: -1}); err != nil {
			t.Fatal(err)
		}
	}
	b.Finish(nil)
	s := lines.Source{Snap: b.Snapshot()}
	if got, want := s.Ordered(), []timeline.MessageID{4, 5, 1, 0, 3, 2}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	s.Keep = func(id timeline.MessageID) bool { return id%2 == 1 }
	if got, want := s.Ordered(), []timeline.MessageID{5, 1, 3}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestSeconds(t *testing.T) {
	for v, want := range map[lines.Seconds]string{
		0: "0.0", 1: "0.000000001", -1: "-0.000000001", 1_500_000_000: "1.5", -2_000_000_000: "-2.0", 3_600_000_000_001: "3600.000000001",
	} {
		if got, err := json.Marshal(v); err != nil || string(got) != want {
			t.Errorf("%d ns is %s, want %s", v, got, want)
		}
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain":               "plain",
		"Grüße, 世界":           "Grüße, 世界",
		"\x1b[2Jgone\r\n":     "·[2Jgone··",
		"a\u202egnp.exe":      "a·gnp.exe",
		"zero\u200bwidth":     "zero·width",
		"bad \xff byte":       "bad · byte",
		"line\u2028separator": "line·separator",
	} {
		if got := lines.Clean(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}
