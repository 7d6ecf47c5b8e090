package bittorrent_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"netscope/capture/file"
	"netscope/decoders"
	"netscope/decoders/all"
	"netscope/decoders/timeline"
)

func corpus(t testing.TB) string {
	dir := os.Getenv("NETSCOPE_CAPTURES")
	if dir == "" {
		t.Skip("NETSCOPE_CAPTURES does not name a folder of captures")
	}
	return filepath.Join(dir, "bittorrent")
}

func load(t testing.TB, path string) *timeline.Snapshot {
	t.Helper()
	r, err := file.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	o := timeline.Options{Decoders: all.List()}
	if at := r.ReaderAt(); at != nil {
		o.File = at
	}
	b := timeline.NewBuilder(o)
	b.Finish(r.Run(context.Background(), b))
	return b.Snapshot()
}

func rows(t testing.TB, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out [][]string
	for sc := bufio.NewScanner(f); sc.Scan(); {
		if !strings.HasPrefix(sc.Text(), "#") {
			out = append(out, strings.Split(sc.Text(), "\t"))
		}
	}
	return out
}

func field(m *timeline.Message, name string) string {
	kv, ok := decoders.Lookup(m.Fields, name)
	switch {
	case !ok:
		return ""
	case kv.Kind == decoders.StrValue:
		return kv.Str
	}
	return strconv.FormatInt(kv.Int, 10)
}

// oracleLine writes a message as the oracle does.
func oracleLine(s *timeline.Snapshot, m *timeline.Message) string {
	packet := m.Last
	if sp := s.StreamSpans(m.Source, m.Dir, m.Off+m.Total-1, 1); len(sp) > 0 { // not by whose arrival it was in order
		packet = sp[0].Packet
	}
	line := []string{strconv.FormatUint(uint64(packet)+1, 10)}
	switch {
	case m.Name == "handshake":
		return strings.Join(append(line, "HANDSHAKE", "", "info_hash="+field(m, "bittorrent.info_hash")+" peer_id="+
			field(m, "bittorrent.peer_id")+" reserved="+field(m, "bittorrent.reserved")), "\t")
	case m.Name == "keep-alive":
		return strings.Join(append(line, "keepalive", "0", ""), "\t")
	}
	var d []string
	for _, n := range []string{"port", "piece.index", "piece.begin", "piece.length", "extended.id"} {
		if v := field(m, "bittorrent."+n); v != "" && (m.Name != "piece" || n != "piece.length") {
			d = append(d, n+"="+v)
		}
	}
	if m.Name == "piece" {
		d = append(d, "data_len="+field(m, "bittorrent.piece.length"))
	}
	return strings.Join(append(line, field(m, "bittorrent.msg.type"), field(m, "bittorrent.msg.length"), strings.Join(d, " ")), "\t")
}

// TestPeerWireAgainstOracle compares every peer wire message with what tshark
// found: packet, type, length, piece index, begin and length.
func TestPeerWireAgainstOracle(t *testing.T) {
	dir := corpus(t)
	for _, name := range []string{"local-transmission-aria2-opentracker.pcap", "ndpi-bittorrent.pcap", "ndpi-bittorrent_utp.pcap"} {
		t.Run(name, func(t *testing.T) {
			s := load(t, filepath.Join(dir, name))
			have := map[string]int{}
			n := 0
			ids, _ := s.Completions(0)
			for _, id := range ids {
				m := s.Message(id)
				if m.Proto != "BitTorrent" {
					continue
				}
				if m.Err != "" || m.Name == "continuation" || m.Name == "encrypted" {
					t.Logf("packet %d: %s %d %d bytes: %s", m.Last+1, m.Name, m.Dir, m.Total, m.Err)
					continue
				}
				n++
				have[oracleLine(s, &m)]++
			}
			missing, want := 0, 0
			again := repeated(t, filepath.Join(dir, name+".oracle", "bt_utp.tsv"))
			table := rows(t, filepath.Join(dir, name+".oracle", "bittorrent.tsv"))
			alive := map[string]int{}
			for _, r := range table {
				if r[1] == "keepalive" {
					alive[r[0]]++
				}
			}
			for _, r := range table {
				if alive[r[0]] > 2 { // zeros in a block whose head the capture lacks
					continue
				}
				// tshark counts what uTP sends again, and over uTP sees no
				// piece that spans packets as a whole.
				if r[1] == "CONTINUATION" || again[r[0]] || r[1] == "7" && len(r) > 3 && !strings.Contains(r[3], "data_len") {
					continue
				}
				want++
				for len(r) < 4 {
					r = append(r, "")
				}
				line := strings.Join(r, "\t")
				if have[line] == 0 {
					if missing++; missing < 12 {
						t.Logf("not found: %s", line)
					}
					continue
				}
				have[line]--
			}
			extra := 0
			for line, k := range have {
				if k > 0 {
					if extra++; extra < 12 {
						t.Logf("only here: %s (%d)", line, k)
					}
				}
			}
			t.Logf("%d of tshark's %d messages found, %d in all", want-missing, want, n)
			if missing > 0 {
				t.Errorf("%d of %d messages of tshark's are not found", missing, want)
			}
		})
	}
}

// repeated are the frames that carry again what an earlier one did.
func repeated(t testing.TB, path string) map[string]bool {
	out, seen := map[string]bool{}, map[string]bool{}
	if _, err := os.Stat(path); err != nil {
		return out
	}
	for _, r := range rows(t, path) {
		if key := r[2] + r[3] + "/" + r[8]; r[2] == "0" {
			out[r[0]], seen[key] = seen[key], true
		}
	}
	return out
}

// TestDatagramsAgainstOracle compares UDP trackers, the DHT and uTP.
func TestDatagramsAgainstOracle(t *testing.T) {
	dir := corpus(t)
	for _, name := range []string{"local-transmission-aria2-opentracker.pcap", "ndpi-bittorrent_utp.pcap", "arkime-bt-udp.pcap"} {
		s := load(t, filepath.Join(dir, name))
		have := map[string]*timeline.Message{}
		ids, _ := s.Completions(0)
		for _, id := range ids {
			m := s.Message(id)
			have[fmt.Sprint(m.Proto, m.Last+1)] = &m
		}
		n := 0
		check := func(proto, frame, what, got, want string) {
			if n++; got != want {
				t.Errorf("%s, packet %s, %s: %s is %q, not %q", name, frame, proto, what, got, want)
			}
		}
		for table, proto := range map[string]string{"bt_utp.tsv": "uTP", "bt_dht.tsv": "BT-DHT", "bt_tracker.tsv": "BT-Tracker"} {
			path := filepath.Join(dir, name+".oracle", table)
			if _, err := os.Stat(path); err != nil {
				continue
			}
			for _, r := range rows(t, path) {
				m := have[proto+r[0]]
				if proto == "BT-Tracker" && strings.HasSuffix(r[1], "Transaction Id: 0") {
					continue // a scrape's answer, which tshark takes for an announce
				}
				if m == nil {
					t.Errorf("%s: packet %s is no %s", name, r[0], proto)
					continue
				}
				switch proto {
				case "uTP":
					for i, f := range []string{"type", "connection_id", "next_extension_type", "timestamp_us", "timestamp_diff_us", "wnd_size", "seq_nr", "ack_nr", "len"} {
						if f != "timestamp_diff_us" { // tshark's is signed
							check(proto, r[0], f, field(m, "bt-utp."+f), r[2+i])
						}
					}
				case "BT-DHT":
					for _, e := range strings.Split(r[1], " ; ") {
						k, v, _ := strings.Cut(e, ": ")
						switch k {
						case "Transaction ID":
							check(proto, r[0], k, field(m, "bt-dht.transaction_id"), v)
						case "id":
							check(proto, r[0], k, field(m, "bt-dht.id"), v)
						case "Request type":
							check(proto, r[0], k, m.Name, v)
						case "nodes":
							check(proto, r[0], k, field(m, "bt-dht.nodes"), v)
						}
					}
				default:
					for _, e := range strings.Split(r[1], "|") {
						k, v, _ := strings.Cut(e, ": ")
						if f, ok := map[string]string{"Transaction Id": "transaction_id", "Downloaded": "downloaded", "Left": "left", "Uploaded": "uploaded",
							"Port": "port", "Interval": "interval", "Leechers": "leechers", "Seeders": "seeders"}[k]; ok {
							check(proto, r[0], k, field(m, "bt-tracker."+f), v)
						}
					}
				}
			}
		}
		t.Logf("%s: %d values compared", name, n)
	}
}

// TestTrackerOverHTTP looks at a captured announce and its answer, which is
// compressed.
func TestTrackerOverHTTP(t *testing.T) {
	s := load(t, filepath.Join(corpus(t), "zeek-tracker.pcap"))
	ids, _ := s.Completions(0)
	seen := 0
	for _, id := range ids {
		m := s.Message(id)
		tree := s.Explain(id)
		last := tree.Children[len(tree.Children)-1]
		switch m.Kind {
		case decoders.Request:
			if field(&m, "bittorrent.info_hash") != "e4be9e4db876e3e3179778b03e906297be5c8dbe" || field(&m, "bt-tracker.left") != "1921843200" || last.Name != "bt-tracker" {
				t.Errorf("%s: %v, %s", m.Summary, m.Fields, last.Label)
			}
			seen++
		case decoders.Response:
			if field(&m, "bt-tracker.peer_count") != "50" || field(&m, "bt-tracker.seeders") != "4499" || last.Label != "Tracker's answer" {
				t.Errorf("%s: %v, %s", m.Summary, m.Fields, last.Label)
			}
			seen++
		}
	}
	if seen != 2 {
		t.Errorf("%d messages", seen)
	}
}

// TestTakesNothingElse loads every capture of other protocols: no message may
// be taken for BitTorrent's.
func TestTakesNothingElse(t *testing.T) {
	top := filepath.Dir(corpus(t))
	files := 0
	_ = filepath.WalkDir(top, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if d != nil && d.IsDir() && (d.Name() == "bittorrent" || strings.HasSuffix(d.Name(), ".oracle")) {
				return filepath.SkipDir
			}
			return nil
		}
		if st, err := d.Info(); err != nil || st.Size() > 4<<20 || strings.HasSuffix(path, ".keys") || strings.HasSuffix(path, ".key") || strings.HasSuffix(path, ".md") || strings.HasSuffix(path, ".tsv") {
			return nil
		}
		r, err := file.Open(path)
		if err != nil {
			return nil
		}
		defer r.Close()
		o := timeline.Options{Decoders: all.List()}
		if at := r.ReaderAt(); at != nil {
			o.File = at
		}
		b := timeline.NewBuilder(o)
		b.Finish(r.Run(context.Background(), b))
		s := b.Snapshot()
		files++
		told := map[timeline.ConvID]bool{}
		for id, end := s.MessageRange(); id < end; id++ {
			m := s.Message(id)
			switch m.Proto {
			case "BitTorrent", "uTP", "BT-DHT", "BT-Tracker", "BT-LSD":
				if !told[m.Conv] {
					told[m.Conv] = true
					c := s.Conversation(m.Conv)
					t.Errorf("%s, packet %d, %s to %s: %s %s", strings.TrimPrefix(path, top), m.First+1, c.A, c.B, m.Proto, m.Summary)
				}
			}
		}
		return nil
	})
	if t.Log(files, "captures"); files < 50 {
		t.Errorf("only %d captures were read", files)
	}
}
