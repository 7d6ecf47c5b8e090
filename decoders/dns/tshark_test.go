package dns

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	lib "github.com/miekg/dns"

	"netscope/decoders"
	dt "netscope/decoders/decodertest"
)

// tshark finds tshark, or skips.
func tshark(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("tshark")
	if err != nil {
		if os.Getenv("NETSCOPE_REQUIRE_PEERS") != "" {
			t.Fatal("tshark is not installed")
		}
		t.Skip("tshark is not installed")
	}
	return path
}

// pcap writes datagrams to a file, all from one port to another.
func pcap(t *testing.T, port int, msgs []string) string {
	t.Helper()
	var b bytes.Buffer
	b.Write([]byte{0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 101, 0, 0, 0})
	for i, m := range msgs {
		n := 28 + len(m)
		head := []uint32{uint32(i), 0, uint32(n), uint32(n)}
		_ = binary.Write(&b, binary.LittleEndian, head)
		b.Write([]byte{0x45, 0, byte(n >> 8), byte(n), 0, byte(i), 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2})
		b.Write([]byte{byte(port >> 8), byte(port), byte(port >> 8), byte(port), byte((n - 20) >> 8), byte(n - 20), 0, 0})
		b.WriteString(m)
	}
	path := filepath.Join(t.TempDir(), "dns.pcap")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// apart are fields that are not compared: tshark writes them in words, or gives
// them by other means.
var apart = []string{"dns.time", "dns.unsolicited", "dns.retransmission", "dns.rrsig.signature_expiration", "dns.rrsig.signature_inception",
	"dns.tsig.time_signed", "dns.loc.latitude", "dns.loc.longitude", "dns.loc.altitude", "dns.loc.size", "dns.loc.horizontal_precision", "dns.loc.vertical_precision",
	"dns.tkey.signature_inception", "dns.tkey.signature_expiration",
	"dns.openpgpkey", // bytes as text
	"dns.data",       // of types that tshark does not know and netscope does
}

// better are fields of which netscope keeps one for each record, and tshark not.
var better = map[string]string{
	"dns.resp.type": ";",                   // tshark adds the types of NSEC's bitmaps
	"dns.resp.name": "_sip._udp.umass.edu", // tshark gives only the parts
}

// TestAgainstTshark compares all fields of messages with a record of every type,
// options, and names that are unusual or broken.
func TestAgainstTshark(t *testing.T) {
	bin := tshark(t)
	var msgs []string
	for _, l := range zone {
		msgs = append(msgs, pack(t, answer(t, query("umass.edu", 255, uint16(len(msgs))), l)))
	}
	for _, o := range options() {
		m := query("a.example", lib.TypeA, uint16(len(msgs)))
		opt := &lib.OPT{Hdr: lib.RR_Header{Name: ".", Rrtype: lib.TypeOPT}, Option: []lib.EDNS0{o}}
		opt.SetUDPSize(1232)
		opt.SetDo()
		m.Extra = append(m.Extra, opt)
		msgs = append(msgs, pack(t, m))
	}
	up := new(lib.Msg)
	up.SetUpdate("networkutopia.com.")
	rr, _ := lib.NewRR("www.networkutopia.com. 60 IN A 212.212.212.1")
	up.Insert([]lib.RR{rr})
	up.RemoveName([]lib.RR{rr})
	up.NameUsed([]lib.RR{rr})
	note := query("umass.edu", lib.TypeSOA, 77)
	note.Opcode = lib.OpcodeNotify
	msgs = append(msgs, pack(t, up), pack(t, note))
	q := func(name string) string {
		return "\x01\x02\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + name + "\x00\x01\x00\x01"
	}
	msgs = append(msgs, q("\x00"), q("\x04a.bc\x03com\x00"), q("\x05a b-c\x00"), q("\x06Gr\xc3\xbcn1\x00"), q("\xc0\x0c"), q("\x01a\xc0\x0c"),
		q("\x3f"+strings.Repeat("x", 63)+"\x00"))
	for _, port := range []int{53, 5353, 5355} {
		path := pcap(t, port, msgs)
		known := fieldsOf(t, bin)
		var ours []map[string][]string
		names := map[string]bool{}
		h := decoders.Hint{}
		h.A = hostPort(port)
		for _, m := range msgs {
			f := map[string][]string{}
			for _, x := range datagrams(t, h, dt.A(m)) {
				for _, kv := range x.Fields {
					if !known[kv.Name] || slices.Contains(apart, kv.Name) {
						continue
					}
					v := kv.Str
					if kv.Kind != decoders.StrValue {
						v = fmt.Sprint(kv.Int)
					}
					f[kv.Name] = append(f[kv.Name], v)
					names[kv.Name] = true
				}
			}
			ours = append(ours, f)
		}
		var order []string
		args := []string{"-r", path, "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=;", "-E", "separator=/t"}
		for n := range names {
			order = append(order, n)
		}
		slices.Sort(order)
		for _, n := range order {
			args = append(args, "-e", n)
		}
		out, err := exec.Command(bin, args...).Output()
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(strings.TrimSuffix(string(out), "\n"), "\n") {
			for j, v := range strings.Split(line, "\t") {
				got := strings.Join(ours[i][order[j]], ";")
				if b := better[order[j]]; b != "" && (strings.Contains(v, b) || got == b) {
					continue
				}
				if !alike(got, v) {
					t.Errorf("port %d message %d: %s is %q, tshark says %q", port, i+1, order[j], got, v)
				}
			}
		}
	}
}

// alike compares values but for letter case in hexadecimal and numbers.
func alike(a, b string) bool {
	x, y := strings.Split(a, ";"), strings.Split(b, ";")
	if len(x) != len(y) {
		return a == "" && b == ""
	}
	for i := range x {
		p, q := x[i], y[i]
		var n, m int64
		if _, err := fmt.Sscan(p, &n); err == nil {
			if _, err := fmt.Sscan(q, &m); err == nil && n == m && !strings.Contains(p, ".") {
				continue
			}
		}
		q = strings.NewReplacer("True", "1", "False", "0").Replace(q)
		if !strings.EqualFold(p, q) && !strings.EqualFold(p, strings.ReplaceAll(q, ":", "")) {
			return false
		}
	}
	return true
}

func fieldsOf(t *testing.T, bin string) map[string]bool {
	t.Helper()
	out, err := exec.Command(bin, "-G", "fields").Output()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, l := range strings.Split(string(out), "\n") {
		if c := strings.Split(l, "\t"); len(c) > 2 && strings.HasPrefix(c[2], "dns.") {
			known[c[2]] = true
		}
	}
	return known
}
