package dns_test

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
	"netscope/decoders/data"
	"netscope/decoders/dns"
	"netscope/decoders/timeline"
	"netscope/decoders/tls"
)

// table reads an oracle's table as maps by column.
func table(t *testing.T, path string) (rows []map[string]string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
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

func load(t testing.TB, path string) *timeline.Snapshot {
	t.Helper()
	r, err := file.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	o := timeline.Options{Decoders: []decoders.Decoder{tls.Decoder{}, dns.Decoder{}, data.Decoder{}}}
	if at := r.ReaderAt(); at != nil {
		o.File = at
	}
	b := timeline.NewBuilder(o)
	b.Finish(r.Run(context.Background(), b))
	return b.Snapshot()
}

// values are all values of a field, as tshark prints them.
func values(m timeline.Message, name string) (out []string) {
	for _, kv := range m.Fields {
		if kv.Name != name {
			continue
		}
		if kv.Kind == decoders.StrValue {
			out = append(out, kv.Str)
		} else {
			out = append(out, strconv.FormatInt(kv.Int, 10))
		}
	}
	return out
}

func first(m timeline.Message, name string) string {
	if v := values(m, name); len(v) > 0 {
		return v[0]
	}
	return ""
}

// columns are the oracle's columns and the fields they come from.
var columns = [][2]string{{"id", "dns.id"}, {"qr", "dns.flags.response"}, {"opcode", "dns.flags.opcode"}, {"aa", "dns.flags.authoritative"},
	{"tc", "dns.flags.truncated"}, {"rd", "dns.flags.recdesired"}, {"ra", "dns.flags.recavail"}, {"ad", "dns.flags.authenticated"},
	{"cd", "dns.flags.checkdisable"}, {"rcode", "dns.flags.rcode"}, {"qd", "dns.count.queries"}, {"an", "dns.count.answers"},
	{"ns", "dns.count.auth_rr"}, {"ar", "dns.count.add_rr"}, {"tcp_len", "dns.length"}}

// TestAgainstOracle compares every message and record of the given captures
// with what tshark found.
func TestAgainstOracle(t *testing.T) {
	dir := os.Getenv("NETSCOPE_CAPTURES")
	if dir == "" {
		t.Skip("NETSCOPE_CAPTURES does not name a folder of captures")
	}
	tables, _ := filepath.Glob(filepath.Join(dir, "*/*.oracle/dns.tsv"))
	if len(tables) == 0 {
		t.Fatal("no oracle tables")
	}
	for _, tab := range tables {
		path := strings.TrimSuffix(filepath.Dir(tab), ".oracle")
		t.Run(filepath.Base(path), func(t *testing.T) {
			if filepath.Base(path) == "zeek-radiotap.pcap" {
				t.Skip("the link type radiotap is not decoded")
			}
			s := load(t, path)
			quoted := map[string]bool{} // inside ICMP errors: not messages that were sent
			for _, f := range table(t, filepath.Join(path+".oracle", "frames.tsv")) {
				quoted[f["frame"]] = strings.Contains(f["stack"], "/icmp")
			}
			records := map[string][]map[string]string{}
			for _, r := range table(t, filepath.Join(path+".oracle", "dns_rr.tsv")) {
				records[r["frame"]] = append(records[r["frame"]], r)
			}
			var got, want []string
			for _, r := range table(t, tab) {
				if quoted[r["frame"]] {
					continue
				}
				line := r["frame"] + " " + r["proto"]
				for _, c := range columns {
					line += " " + c[0] + "=" + r[c[0]]
				}
				want = append(want, line+" "+r["questions(name/type/class)"])
				for _, rr := range records[r["frame"]] {
					want = append(want, fmt.Sprintf("  %s %s %s %s %s", rr["name"], rr["type"], rr["class_or_udpsize"], rr["ttl"], value(rr["text"])))
				}
			}
			ids, _ := s.Completions(0)
			for _, id := range ids {
				m := s.Message(id)
				if p := strings.ToLower(m.Proto); p != "dns" && p != "mdns" && p != "llmnr" || first(m, "dns.id") == "" {
					continue
				}
				got = append(got, messageLines(m)...)
			}
			compare(t, got, want)
		})
	}
}

func messageLines(m timeline.Message) (out []string) {
	line := fmt.Sprintf("%d %s", m.Last+1, strings.ToLower(m.Proto))
	for _, c := range columns {
		line += " " + c[0] + "=" + first(m, c[1])
	}
	var qs []string
	types, classes := values(m, "dns.qry.type"), values(m, "dns.qry.class")
	for i, n := range values(m, "dns.qry.name") {
		qs = append(qs, n+"/"+types[i]+"/"+classes[i])
	}
	out = append(out, line+" "+strings.Join(qs, "|"))
	var rr, val string
	flush := func() {
		if rr != "" {
			out = append(out, rr+val)
		}
		rr, val = "", ""
	}
	opts := ""
	for _, kv := range m.Fields {
		text := kv.Str
		if kv.Kind != decoders.StrValue {
			text = strconv.FormatInt(kv.Int, 10)
		}
		switch kv.Name {
		case "dns.resp.name":
			flush()
			rr, opts = "  "+text, ""
		case "dns.resp.type", "dns.resp.class", "dns.resp.ttl":
			rr += " " + text
		case "dns.rr.udp_payload_size":
			rr += " " + text + " "
		case "dns.a", "dns.aaaa", "dns.cname", "dns.ns", "dns.ptr.domain_name", "dns.soa.mname", "dns.mx.preference":
			if val == "" {
				val = " " + text
			}
		case "dns.mx.mail_exchange":
			val += " " + text
		case "dns.opt.code":
			if opts != "" {
				opts += "|"
			}
			opts += text
			val = " opts=" + opts
		case "dns.resp.z.do":
			val = " opts="
		}
	}
	flush()
	return out
}

// value is what the oracle's text says after the class.
func value(text string) string {
	if _, v, ok := strings.Cut(text, " opts="); ok {
		return "opts=" + v
	}
	for _, word := range []string{", addr ", ", cname ", ", ns ", ", mname "} {
		if _, v, ok := strings.Cut(text, word); ok {
			return strings.Fields(v)[0]
		}
	}
	if _, v, ok := strings.Cut(text, ", preference "); ok {
		return strings.Replace(v, ", mx", "", 1)
	}
	if strings.Contains(text, "type PTR") {
		_, v, _ := strings.Cut(text, ", class IN, ")
		return strings.TrimPrefix(v, "cache flush, ")
	}
	return ""
}

func compare(t *testing.T, got, want []string) {
	t.Helper()
	bad := 0
	for i := range max(len(got), len(want)) {
		g, w := "nothing", "nothing"
		if i < len(got) {
			g = strings.TrimRight(got[i], " ")
		}
		if i < len(want) {
			w = strings.TrimRight(want[i], " ")
		}
		if g != w {
			t.Errorf("%d of %d (want %d):\n got %s\nwant %s", i+1, len(got), len(want), g, w)
			if bad++; bad > 8 {
				return
			}
		}
	}
}
