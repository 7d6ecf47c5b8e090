package all_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"netscope/capture/file"
	"netscope/decoders"
	"netscope/decoders/all"
	"netscope/decoders/keylog"
	"netscope/decoders/timeline"
)

func corpus(t testing.TB) string {
	dir := os.Getenv("NETSCOPE_CAPTURES")
	if dir == "" {
		t.Skip("NETSCOPE_CAPTURES does not name a folder of captures")
	}
	return dir
}

func load(t testing.TB, path string) *timeline.Snapshot {
	t.Helper()
	r, err := file.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	o := timeline.Options{Decoders: all.List(), Secrets: secrets(t, path)}
	if at := r.ReaderAt(); at != nil {
		o.File = at
	}
	b := timeline.NewBuilder(o)
	b.Finish(r.Run(context.Background(), b))
	return b.Snapshot()
}

// secrets reads the key log that lies beside a capture; nil if there is none.
func secrets(t testing.TB, path string) decoders.SecretSource {
	t.Helper()
	data, err := os.ReadFile(path + ".keys")
	if err != nil {
		return nil
	}
	log := &keylog.Log{}
	log.Add(data)
	return log
}

// table reads an oracle's table as maps by column.
func table(t testing.TB, path string) []map[string]string {
	t.Helper()
	f, err := os.Open(path)
	var in io.Reader = f
	if err != nil {
		if f, err = os.Open(path + ".gz"); err != nil {
			return nil
		}
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		in = z
	}
	defer f.Close()
	sc := bufio.NewScanner(in)
	sc.Buffer(nil, 16<<20)
	var head []string
	var rows []map[string]string
	for sc.Scan() {
		cols := strings.Split(strings.TrimPrefix(sc.Text(), "#"), "\t")
		if head == nil {
			head = cols
			continue
		}
		m := map[string]string{}
		for i, c := range cols {
			if i < len(head) {
				m[head[i]] = unescape(c)
			}
		}
		rows = append(rows, m)
	}
	if err := sc.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch s[i] {
		case 't':
			b.WriteByte('\t')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 'x':
			if i+2 < len(s) {
				n, _ := strconv.ParseUint(s[i+1:i+3], 16, 8)
				b.WriteByte(byte(n))
				i += 2
			}
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

func str(m timeline.Message, name string) string {
	kv, ok := decoders.Lookup(m.Fields, name)
	if ok && kv.Kind == decoders.IntValue {
		return strconv.FormatInt(kv.Int, 10)
	}
	return kv.Str
}

// describe is what is compared of an HTTP message: first what tshark says it
// is, then its body, decoded, and its chunks.
func describe(t *testing.T, s *timeline.Snapshot, m timeline.Message) string {
	body, err := s.Body(m.ID)
	sum, n := sha256.New(), int64(0)
	if err == nil {
		n, _ = io.Copy(sum, body)
	}
	text := ""
	if n > 0 {
		text = fmt.Sprintf(" body %d %s", n, hex.EncodeToString(sum.Sum(nil))[:16])
	}
	if m.Kind == decoders.Request {
		return fmt.Sprintf("req %s %s %s host %q", str(m, "http.request.method"), str(m, "http.request.uri"), str(m, "http.request.version"), str(m, "http.host")) + text
	}
	return fmt.Sprintf("resp %s %s %q %s", str(m, "http.response.version"), str(m, "http.response.code"), str(m, "http.response.phrase"), str(m, "http.content_type")) + text + chunks(s, m)
}

// chunks are the sizes of a message's chunks.
func chunks(s *timeline.Snapshot, m timeline.Message) string {
	if str(m, "http.transfer_encoding") == "" {
		return ""
	}
	var sizes []string
	for _, id := range s.ConvMessages(m.Conv) {
		if u := s.Message(id); u.Level == decoders.UnitLevel && u.PartOf == m.ID {
			sizes = append(sizes, str(u, "http.chunk_size"))
		}
	}
	if sizes == nil {
		return ""
	}
	return " chunks " + strings.Join(sizes, "|")
}

func wanted(r map[string]string) string {
	text := ""
	if n := r["body_len_decoded"]; n != "" && n != "0" {
		text = fmt.Sprintf(" body %s %s", n, r["body_sha256_16"])
	}
	if r["kind"] == "req" {
		return fmt.Sprintf("req %s %s %s host %q", r["method"], r["uri"], r["version"], r["host"]) + text
	}
	if c := r["chunks"]; c != "" {
		text += " chunks " + c
	}
	return fmt.Sprintf("resp %s %s %q %s", r["version"], r["status"], r["phrase"], r["content_type"]) + text
}

// TestHTTPAgainstOracle compares every HTTP/1 message of the given captures
// with what tshark found: start line, host, decoded body, and order within each
// direction of each conversation.
func TestHTTPAgainstOracle(t *testing.T) {
	tables, _ := filepath.Glob(filepath.Join(corpus(t), "*/*.oracle/http.tsv*"))
	if len(tables) == 0 {
		t.Fatal("no oracle tables")
	}
	for _, tab := range tables {
		path := strings.TrimSuffix(filepath.Dir(tab), ".oracle")
		if why := notCompared(path); why != "" {
			t.Logf("%s is not compared: %s", path, why)
			continue
		}
		t.Run(strings.ReplaceAll(path[len(corpus(t))+1:], "/", "-"), func(t *testing.T) {
			t.Parallel()
			s := load(t, path)
			var want []string
			for _, r := range table(t, strings.TrimSuffix(tab, ".gz")) {
				if r["kind"] != "other" { // data without a head, after a hole
					want = append(want, wanted(r))
				}
			}
			var got []string
			var cut []bool
			ids, _ := s.Completions(0)
			for _, id := range ids {
				if m := s.Message(id); m.Level == decoders.MessageLevel && strings.HasPrefix(m.Proto, "HTTP/") && m.Proto != "HTTP/2" && m.Kind != decoders.EventKind {
					got = append(got, describe(t, s, m))
					cut = append(cut, strings.Contains(m.Err, "missing in the capture") || strings.Contains(m.Err, "the stream ends"))
				}
			}
			if filepath.Base(path) == "wireshark-tls12-chacha20poly1305.pcap" {
				// tshark shows none of the responses, which end with the
				// connection inside TLS.
				got, cut = requests(got), nil
			}
			diff(t, without(got, cut, want), want)
		})
	}
}

// notCompared says why a capture's table cannot be compared, "" if it can.
func notCompared(path string) string {
	switch name := filepath.Base(path); {
	case name == "wireshark-rsasnakeoil2.pcap":
		return "it needs an RSA private key, which is not supported"
	case name == "zeek-nflog-http.pcap":
		return "the link type nflog is not decoded"
	case name == "wireshark-tcp-badsegments.pcap":
		return "tshark gives up on this file's overlapping segments"
	}
	return ""
}

// requests leaves out everything else.
func requests(got []string) []string {
	var out []string
	for _, g := range got {
		if strings.HasPrefix(g, "req ") {
			out = append(out, g)
		}
	}
	return out
}

// without leaves out messages that are not whole in the capture and that tshark
// therefore does not list; netscope shows them with an error.
func without(got []string, cut []bool, want []string) []string {
	var out []string
	for i, g := range got {
		if n := len(out); cut != nil && cut[i] && (n >= len(want) || want[n] != g) {
			continue
		}
		out = append(out, g)
	}
	return out
}

func diff(t *testing.T, got, want []string) {
	for i := range max(len(got), len(want)) {
		g, w := "nothing", "nothing"
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			t.Errorf("message %d of %d (want %d):\n got %s\nwant %s", i+1, len(got), len(want), g, w)
			return
		}
	}
}
