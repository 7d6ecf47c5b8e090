package file

import (
	"bytes"
	"context"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"netscope/capture"
)

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 123456789, time.UTC)

// udp is an Ethernet frame with an empty UDP datagram, so that tshark has
// something to read.
var udp = []byte{
	2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0,
	0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0x66, 0xcf, 10, 0, 0, 1, 10, 0, 0, 2,
	0x30, 0x39, 0x30, 0x39, 0, 8, 0, 0,
}

// labLike is everything that a writer can be told.
func labLike() []any {
	at := func(ms int) time.Time { return epoch.Add(time.Duration(ms) * time.Millisecond) }
	return []any{
		capture.Comment("HTTP: connections, seed 1"),
		capture.Tap{ID: 0, Name: "client–server", Description: "RTT 100 ms", Link: capture.LinkEthernet, SnapLen: 65535},
		capture.Tap{ID: 1, Name: "router", Link: capture.LinkRaw},
		capture.Name{Addr: netip.MustParseAddr("10.0.0.1"), Host: "client"},
		capture.Name{Addr: netip.MustParseAddr("fd00::2"), Host: "server"},
		capture.Secrets{Type: 0x544c534b, Data: []byte("CLIENT_RANDOM 00 11\n")},
		capture.Packet{ID: 0, At: at(0), Arrived: at(50), Link: capture.LinkEthernet, Length: len(udp), Data: udp, Comment: "first\nof all"},
		capture.Clock{At: at(70)},
		capture.Note{At: at(80), Host: "alice", Proto: "bittorrent", Name: "choke-round", Summary: "unchokes bob", Data: []byte(`{"slots":4}`)},
		capture.Packet{ID: 1, At: at(90), Loss: capture.LostQueue, Link: capture.LinkEthernet, Length: 1500, Data: udp[:41]},
		capture.Packet{ID: 2, At: at(85), Arrived: at(85), Link: capture.LinkRaw, Tap: 1, Length: 28, Data: udp[14:]},
		Private{Kind: "end", JSON: []byte(`{"err":""}`)},
		capture.Drops{Kernel: 7, Spool: 2},
		capture.Note{At: at(99), Host: "bob", Summary: "has the file"},
	}
}

func writeAll(t testing.TB, w *Writer, items []any) {
	t.Helper()
	for _, it := range items {
		var err error
		switch it := it.(type) {
		case capture.Packet:
			err = w.Packet(it)
		case capture.Meta:
			err = w.Meta(it)
		case Private:
			err = w.WritePrivate(it)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// readAll runs a reader over b, private records included.
func readAll(t testing.TB, b []byte) (*collector, []Private) {
	t.Helper()
	r, err := New(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var private []Private
	r.OnPrivate = func(p Private) error { private = append(private, p); return nil }
	var c collector
	if err := r.Run(context.Background(), &c); err != nil {
		t.Fatal(err)
	}
	return &c, private
}

// withoutRefs makes packets comparable that stood in different places.
func withoutRefs(packets []capture.Packet) []capture.Packet {
	for i := range packets {
		packets[i].Ref = 0
	}
	return packets
}

func TestPrivateStreamComesBack(t *testing.T) {
	var out bytes.Buffer
	items := labLike()
	writeAll(t, NewWriter(&out, PCAPNG, Options{Application: "netscope test", Private: true}), items)
	c, private := readAll(t, out.Bytes())

	var packets []capture.Packet
	for _, it := range items {
		if p, ok := it.(capture.Packet); ok {
			packets = append(packets, p)
		}
	}
	if !reflect.DeepEqual(withoutRefs(c.packets), packets) {
		t.Errorf("packets\n%+v\nwant\n%+v", c.packets, packets)
	}
	wantPrivate := []Private{{Kind: "end", JSON: []byte(`{"err":""}`)}}
	if !reflect.DeepEqual(private, wantPrivate) {
		t.Errorf("private records %v", private)
	}
	// Drops come last: they stand in the statistics at the end.
	items[len(items)-1], items[len(items)-2] = items[len(items)-2], items[len(items)-1]
	var metas []capture.Meta
	for _, it := range items {
		if m, ok := it.(capture.Meta); ok {
			metas = append(metas, m)
		}
	}
	for i := range metas {
		if i >= len(c.metas) || !reflect.DeepEqual(c.metas[i], metas[i]) {
			t.Fatalf("meta %d of\n%+v\nwant\n%+v", i, c.metas, metas)
		}
	}
	want := "Comment Tap Tap Name Name Secrets packet Clock Note packet packet Note Drops"
	if got := strings.Join(c.order, " "); got != want {
		t.Errorf("order\n%s\nwant\n%s", got, want)
	}
}

func TestPublicFileHasNotesAsComments(t *testing.T) {
	var out bytes.Buffer
	writeAll(t, NewWriter(&out, PCAPNG, Options{}), labLike())
	c, private := readAll(t, out.Bytes())
	if private != nil || metasOf[capture.Note](c) != nil || metasOf[capture.Clock](c) != nil {
		t.Errorf("private records in a public file: %v %v", private, c.metas)
	}
	if got := c.packets[1].Comment; got != "note alice: unchokes bob" {
		t.Errorf("comment of the packet after the note: %q", got)
	}
	comments := metasOf[capture.Comment](c)
	want := []capture.Comment{"HTTP: connections, seed 1", "note bob: has the file"}
	if !reflect.DeepEqual(comments, want) {
		t.Errorf("comments %q", comments)
	}
	if c.packets[0].Arrived.Sub(c.packets[0].At) != 50*time.Millisecond || c.packets[1].Loss != capture.LostQueue {
		t.Error("flight time or loss are not kept")
	}
}

func TestLateCommentsAndUnannouncedTaps(t *testing.T) {
	var out bytes.Buffer
	p := capture.Packet{At: epoch, Arrived: epoch, Link: capture.LinkSLL2, Tap: 3, Length: 4, Data: []byte("abcd")}
	writeAll(t, NewWriter(&out, PCAPNG, Options{}), []any{p, capture.Comment("late"), p})
	c, _ := readAll(t, out.Bytes())
	if got := strings.Join(c.order, " "); got != "Tap packet Comment packet" {
		t.Error(got)
	}
	if c.packets[1].Link != capture.LinkSLL2 {
		t.Errorf("link %v", c.packets[1].Link)
	}
}

func TestPcapComesBack(t *testing.T) {
	var out bytes.Buffer
	p := capture.Packet{At: epoch, Arrived: epoch, Link: capture.LinkSLL2, Length: 99, Data: []byte("abcd")}
	writeAll(t, NewWriter(&out, PCAP, Options{}), []any{capture.Tap{Link: capture.LinkSLL2}, capture.Comment("x"), p})
	c, _ := readAll(t, out.Bytes())
	if len(c.packets) != 1 || !reflect.DeepEqual(withoutRefs(c.packets)[0], p) {
		t.Errorf("%+v", c.packets)
	}
}

func TestPcapHoldsOneLinkType(t *testing.T) {
	w := NewWriter(&bytes.Buffer{}, PCAP, Options{})
	if err := w.Packet(capture.Packet{Link: capture.LinkEthernet}); err != nil {
		t.Fatal(err)
	}
	err := w.Packet(capture.Packet{Link: capture.LinkSLL2})
	want := "a pcap file holds one link type, and this capture has ethernet and linux-sll2; write pcapng instead, to a name that ends in .pcapng"
	if err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}

func TestNoteWithBadDataIsAnError(t *testing.T) {
	w := NewWriter(&bytes.Buffer{}, PCAPNG, Options{Private: true})
	if err := w.Meta(capture.Note{Name: "x", Data: []byte("{")}); err == nil {
		t.Error("no error")
	}
}

// TestEveryFlushIsAFile reads what has been written after each flush.
func TestEveryFlushIsAFile(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out, PCAPNG, Options{})
	for i := range 5 {
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		c, _ := readAll(t, out.Bytes())
		if len(c.packets) != i || metasOf[capture.Truncated](c) != nil {
			t.Fatalf("after %d packets: %v", i, c.order)
		}
		if err := w.Packet(capture.Packet{At: epoch, Link: 1, Length: 60, Data: udp}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRewritten writes every given capture again and compares.
func TestRewritten(t *testing.T) {
	for _, path := range corpus(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			r, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			var first collector
			if err := r.Run(context.Background(), &first); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			w := NewWriter(&out, PCAPNG, Options{})
			p, m := 0, 0
			var items []any
			for _, kind := range first.order {
				if kind == "packet" {
					items = append(items, first.packets[p])
					p++
				} else {
					items = append(items, first.metas[m])
					m++
				}
			}
			writeAll(t, w, items)
			second, _ := readAll(t, out.Bytes())
			if !reflect.DeepEqual(withoutRefs(first.packets), withoutRefs(second.packets)) {
				t.Error("packets differ")
			}
			if !reflect.DeepEqual(first.metas, second.metas) && metasOf[capture.Drops](&first) == nil {
				t.Errorf("metas\n%.2000v\nwant\n%.2000v", second.metas, first.metas)
			}
		})
	}
}

// tshark gives the path of Wireshark's command-line program, or skips the test.
func tshark(t *testing.T) string {
	path, err := exec.LookPath("tshark")
	if err != nil {
		if os.Getenv("NETSCOPE_REQUIRE_PEERS") != "" {
			t.Fatal("tshark is not installed, and NETSCOPE_REQUIRE_PEERS is set")
		}
		t.Skip("tshark is not installed")
	}
	return path
}

func TestTsharkReadsWhatWeWrite(t *testing.T) {
	bin := tshark(t)
	tests := []struct {
		name string
		f    Format
		opt  Options
		want string
	}{
		{"public.pcapng", PCAPNG, Options{Hardware: "amd64", OS: "Linux", Application: "netscope test"},
			"1|1767323045.123456789|42|client–server|first\\nof all|client;" +
				"2|1767323045.213456789|1500|client–server|note alice: unchokes bob|client;" +
				"3|1767323045.208456789|28|router||client;"},
		{"private.pcapng", PCAPNG, Options{Private: true},
			"1|1767323045.123456789|42|client–server|first\\nof all|client;" +
				"2|1767323045.213456789|1500|client–server||client;" +
				"3|1767323045.208456789|28|router||client;"},
		{"plain.pcap", PCAP, Options{}, "1|1767323045.123456789|42|||10.0.0.1;2|1767323045.213456789|1500|||10.0.0.1;"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			items := labLike()
			if tt.f == PCAP {
				items = append(items[:10:10], items[11:]...) // without the packet of another link type
			}
			writeAll(t, NewWriter(&out, tt.f, tt.opt), items)
			path := filepath.Join(t.TempDir(), tt.name)
			if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(bin, "-r", path, "-N", "n", "-T", "fields", "-E", "separator=|", "-E", "occurrence=a",
				"-e", "frame.number", "-e", "frame.time_epoch", "-e", "frame.len", "-e", "frame.interface_name", "-e", "frame.comment", "-e", "_ws.col.Source")
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			err := cmd.Run()
			warn := strings.ReplaceAll(stderr.String(), "Running as user \"root\" and group \"root\". This could be dangerous.\n", "")
			if err != nil || strings.TrimSpace(warn) != "" {
				t.Errorf("tshark: %v %s", err, stderr.String())
			}
			got := strings.ReplaceAll(strings.ReplaceAll(stdout.String(), "\r", ""), "|client\n", "|client;")
			got = strings.ReplaceAll(got, "|10.0.0.1\n", "|10.0.0.1;")
			if got != tt.want {
				t.Errorf("got\n%q\nwant\n%q", got, tt.want)
			}
		})
	}
}
