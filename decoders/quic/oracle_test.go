package quic

import (
	"bufio"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"netscope/capture"
	"netscope/capture/file"
	"netscope/decoders"
	"netscope/decoders/keylog"
	assembly "netscope/decoders/stream"
)

// reading is a capture decoded datagram by datagram.
type reading struct {
	t     testing.TB
	keys  *keylog.Log
	asm   *assembly.Assembler
	out   assembly.Result
	frame int
	convs []*record
	hits  []hit
}

// hit is a message with the frames of the capture that opened and closed it.
type hit struct {
	conv, index  int
	frame, close int
}

func (r *reading) Packet(p capture.Packet) error {
	r.frame++
	at := p.At.UnixNano()
	r.asm.Add(assembly.PacketIn{ID: capture.PacketID(r.frame), At: at, Arrived: at, Link: p.Link, Data: p.Data, WireLen: p.Length}, &r.out)
	f := r.out.Flow
	if f == nil || f.Transport != decoders.UDP || len(r.out.Payload) == 0 {
		return nil
	}
	h := decoders.Hint{Transport: decoders.UDP, A: f.A, B: f.B}
	if f.User == nil {
		if (Decoder{}).Probe(h, r.out.Dir, r.out.Payload, true) != decoders.Accept {
			return nil
		}
		rec := newRecord(r.t, Decoder{}.NewParser(h, decoders.Env{Secrets: r.keys}))
		f.User = len(r.convs)
		r.convs = append(r.convs, rec)
	}
	i := f.User.(int)
	rec := r.convs[i]
	before := len(rec.list)
	open := map[int]bool{}
	for j := range rec.list {
		if !rec.list[j].closed {
			open[j] = true
		}
	}
	rec.feed(r.out.Dir, slices.Clone(r.out.Payload), false)
	for j := range rec.list {
		switch {
		case j >= before:
			n := hit{conv: i, index: j, frame: r.frame}
			if rec.list[j].closed {
				n.close = r.frame
			}
			r.hits = append(r.hits, n)
		case open[j] && rec.list[j].closed:
			for k := range r.hits {
				if r.hits[k].conv == i && r.hits[k].index == j {
					r.hits[k].close = r.frame
				}
			}
		}
	}
	return nil
}

func (r *reading) Meta(m capture.Meta) error {
	if s, ok := m.(capture.Secrets); ok {
		r.keys.Add(s.Data)
	}
	return nil
}

func (r *reading) msg(h hit) message { return r.convs[h.conv].list[h.index] }

// read decodes a capture with its key log, if there is one.
func read(t testing.TB, path string) *reading {
	t.Helper()
	f, err := file.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := &reading{t: t, keys: &keylog.Log{}, asm: assembly.New(assembly.Options{})}
	if text, err := os.ReadFile(path + ".keys"); err == nil {
		r.keys.Add(text)
	}
	if err := f.Run(context.Background(), r); err != nil {
		t.Logf("%s: %v", path, err)
	}
	for _, c := range r.convs {
		c.finish()
	}
	return r
}

// captures are the given captures with an oracle's table of this name.
func captures(t testing.TB, name string) []string {
	dir := os.Getenv("NETSCOPE_CAPTURES")
	if dir == "" {
		t.Skip("NETSCOPE_CAPTURES does not name a folder of captures")
	}
	tables, _ := filepath.Glob(filepath.Join(dir, "*/*.oracle/"+name+".tsv*"))
	if len(tables) == 0 {
		t.Fatal("no oracle tables")
	}
	var out []string
	for _, tab := range tables {
		out = append(out, strings.TrimSuffix(filepath.Dir(tab), ".oracle"))
	}
	return out
}

// table reads an oracle's table as maps by column.
func table(t testing.TB, path string) (rows []map[string]string) {
	t.Helper()
	var in io.Reader
	f, err := os.Open(path)
	if in = f; err != nil {
		if f, err = os.Open(path + ".gz"); err != nil {
			t.Fatal(err)
		}
		if in, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	defer f.Close()
	sc := bufio.NewScanner(in)
	sc.Buffer(nil, 16<<20)
	var head []string
	for sc.Scan() {
		cols := strings.Split(strings.TrimPrefix(sc.Text(), "#"), "\t")
		if head == nil {
			head = cols
			continue
		}
		m := map[string]string{}
		for i, c := range cols {
			if i < len(head) {
				m[head[i]] = c
			}
		}
		rows = append(rows, m)
	}
	return rows
}

func value(m message, name string) string {
	kv, ok := decoders.Lookup(m.Fields, name)
	if ok && kv.Kind != decoders.StrValue {
		return strconv.FormatInt(kv.Int, 10)
	}
	return kv.Str
}

func values(m message, name, sep string) string {
	var out []string
	for _, kv := range m.Fields {
		if kv.Name == name {
			out = append(out, strconv.FormatInt(kv.Int, 10))
		}
	}
	return strings.Join(out, sep)
}

// TestPacketsAgainstOracle compares every QUIC packet of the given captures with
// what tshark found.
func TestPacketsAgainstOracle(t *testing.T) {
	for _, path := range captures(t, "quic") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			r := read(t, path)
			var rows []map[string]string
			for _, w := range table(t, path+".oracle/quic.tsv") {
				if w["packet"] != "" { // else padding after the last packet
					rows = append(rows, w)
				}
			}
			var got []string
			for _, h := range r.hits {
				m := r.msg(h)
				if _, ok := decoders.Lookup(m.Fields, "quic.header_form"); ok {
					if value(m, "quic.packet_number") != "" && len(got) < len(rows) && rows[len(got)]["frame_types"] == "" {
						m.Fields = slices.DeleteFunc(slices.Clone(m.Fields), func(kv decoders.KV) bool {
							return kv.Name == "quic.frame_type" || kv.Name == "quic.stream.stream_id" || kv.Name == "quic.packet_number" && rows[len(got)]["pn"] == ""
						}) // we could, tshark could not
					}
					v := value(m, "quic.version")
					if n, err := strconv.Atoi(v); err == nil {
						v = fmt.Sprintf("0x%08x", n)
					}
					got = append(got, fmt.Sprintf("%d %s v%s d%s s%s pn%s len%s [%s] {%s}", h.frame, m.Name, v, value(m, "quic.dcid"), value(m, "quic.scid"),
						value(m, "quic.packet_number"), value(m, "quic.packet_length"), values(m, "quic.frame_type", ","), values(m, "quic.stream.stream_id", ",")))
				}
			}
			var want []string
			for _, w := range rows {
				want = append(want, fmt.Sprintf("%s %s v%s d%s s%s pn%s len%s [%s] {%s}", w["frame"], w["packet"], w["version"], w["dcid"], w["scid"], w["pn"], w["length"], w["frame_types"], w["stream_ids"]))
			}
			same(t, slices.DeleteFunc(got, func(s string) bool { return better[s] == "-" }), want)
		})
	}
}

// better are the packets of which netscope and tshark say different things, with
// what tshark says; - if nothing.
var better = map[string]string{
	// A packet number that tshark reads with keys of another connection.
	"79 Initial v0x00000001 d3ec82f67 s pn1 len1157 [] {}": "79 Initial v0x00000001 d3ec82f67 s pn9612292 len1157 [] {}",
	// A coalesced packet that tshark takes for random padding.
	"79 1-RTT v d s pn len25 [] {}": "-",
	// Cut short by the capture: how long it was on the wire is not told.
	"10 1-RTT v d s pn len204 [] {}": "10 1-RTT v d s pn len242 [] {}",
}

func same(t *testing.T, got, want []string) {
	t.Helper()
	bad := 0
	for i := range max(len(got), len(want)) {
		g, w := "nothing", "nothing"
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if cut, ok := strings.CutSuffix(w, "…"); ok && strings.HasPrefix(g, cut) {
			continue // tshark cuts long values
		}
		if g != w && better[g] != w {
			t.Errorf("%d of %d (want %d):\n got %s\nwant %s", i+1, len(got), len(want), g, w)
			if bad++; bad > 12 {
				return
			}
		}
	}
}
