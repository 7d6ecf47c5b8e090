package layers_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"netscope/capture"
	"netscope/capture/file"
	"netscope/capture/layers"
)

// frame is a row of the oracle's frames table.
type frame struct{ proto, src, dst, stack, info, malformed string }

// captures lists the given capture files, or skips the test.
func captures(t testing.TB) []string {
	dir := os.Getenv("NETSCOPE_CAPTURES")
	if dir == "" {
		t.Skip("NETSCOPE_CAPTURES is not set")
	}
	var paths []string
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasSuffix(p, ".oracle") {
			if _, err := os.Stat(strings.TrimSuffix(p, ".oracle")); err == nil {
				paths = append(paths, strings.TrimSuffix(p, ".oracle"))
			}
			return filepath.SkipDir
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// sink calls a function for each packet.
type sink func(capture.Packet) error

func (s sink) Packet(p capture.Packet) error { return s(p) }
func (s sink) Meta(capture.Meta) error       { return nil }

func eachPacket(t testing.TB, path string, do func(capture.Packet)) {
	t.Helper()
	r, err := file.Open(path)
	if err != nil {
		t.Logf("%s: %v", path, err)
		return
	}
	defer r.Close()
	if err := r.Run(context.Background(), sink(func(p capture.Packet) error { do(p); return nil })); err != nil {
		t.Logf("%s: %v", path, err)
	}
}

func frames(t *testing.T, path string) []frame {
	t.Helper()
	var r io.Reader
	f, err := os.Open(path + ".oracle/frames.tsv")
	if err == nil {
		r = f
	} else {
		if f, err = os.Open(path + ".oracle/frames.tsv.gz"); err != nil {
			t.Fatal(err)
		}
		if r, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	defer f.Close()
	var rows []frame
	for s := bufio.NewScanner(r); s.Scan(); {
		c := strings.Split(s.Text(), "\t")
		if strings.HasPrefix(c[0], "#") || len(c) < 10 {
			continue
		}
		rows = append(rows, frame{proto: c[4], src: c[5], dst: c[6], stack: c[7], malformed: c[8], info: c[9]})
	}
	return rows
}

// lower are the layers up to the transport whose order is compared.
var lower = map[string]bool{"eth": true, "sll": true, "null": true, "ppp": true, "pppoes": true, "vlan": true,
	"ip": true, "ipv6": true, "ipv6.hopopts": true, "ipv6.fraghdr": true, "arp": true, "llc": true, "stp": true,
	"tcp": true, "udp": true, "icmp": true, "icmpv6": true, "igmp": true, "vxlan": true, "gre": true}

// oracleStack keeps of tshark's protocol stack what a tree must show: an ICMP
// error's quoted packet is inside its layer, and IGMP is named twice.
func oracleStack(stack string) string {
	var out []string
	for _, p := range strings.Split(stack, "/") {
		if p == "raw" || p == "ethertype" || p == "teredo" {
			continue
		}
		if !lower[p] {
			break
		}
		out = append(out, p)
		if p == "icmp" || p == "icmpv6" || p == "igmp" || p == "tcp" {
			break
		}
	}
	return strings.Join(out, "/")
}

func treeStack(tree layers.Tree) string {
	var out []string
	for _, n := range tree.Layers {
		if lower[n.Name] {
			out = append(out, n.Name)
		}
	}
	return strings.Join(out, "/")
}

// TestCapturesEqualOracle compares every frame with tshark's: the layers, the
// addresses, and the line of frames whose protocol ends at the transport.
//
// Left out: fragments (tshark shows the packet put together), link types that
// are shown as bytes, and frames that tshark calls malformed.
func TestCapturesEqualOracle(t *testing.T) {
	var total, wrong int
	for _, path := range captures(t) {
		want := frames(t, path)
		n := -1
		eachPacket(t, path, func(p capture.Packet) {
			n++
			if n >= len(want) || int(p.ID) != n {
				return
			}
			w := want[n]
			stack := "/" + w.stack + "/"
			ip := strings.Contains(stack, "/ip/") || strings.Contains(stack, "/ipv6/") || strings.Contains(w.stack, "arp")
			if !ip || w.malformed == "1" || strings.HasPrefix(w.stack, "radiotap") || strings.HasPrefix(w.stack, "nflog") {
				return
			}
			sum := layers.Summarize(p.Link, p.Data, p.Length)
			if strings.HasPrefix(sum.Info, "Fragmented") || strings.HasPrefix(sum.Info, "IPv6 fragment") {
				return
			}
			total++
			tree := layers.Decode(p.Link, p.Data, p.Length)
			switch {
			case treeStack(tree) != oracleStack(w.stack):
				t.Errorf("%s frame %d: layers %s, want %s (%s) %s", path, n+1, treeStack(tree), oracleStack(w.stack), w.stack, tree.Err)
			case sum.Src != w.src || sum.Dst != w.dst:
				t.Errorf("%s frame %d: %s → %s, want %s → %s", path, n+1, sum.Src, sum.Dst, w.src, w.dst)
			case !infoAgrees(sum, w):
				t.Errorf("%s frame %d: %s %q, want %s %q", path, n+1, sum.Proto, sum.Info, w.proto, w.info)
			default:
				return
			}
			wrong++
		})
	}
	t.Logf("%d of %d frames differ", wrong, total)
}

// infoAgrees compares the line where the oracle's protocol is one of ours.
// tshark knows the connection: relative numbers, scaled windows and what it
// found out stay out of the comparison.
func infoAgrees(got layers.Summary, want frame) bool {
	switch want.proto {
	case "ARP", "ICMP", "ICMPv6", "IGMPv2", "IGMPv3":
		w, _, _ := strings.Cut(want.info, " (request in")
		w, _, _ = strings.Cut(w, " (reply in")
		w, _, _ = strings.Cut(w, " (no response")
		w, _, _ = strings.Cut(w, " (duplicate")
		return got.Proto == want.proto && strings.TrimSpace(w) == strings.TrimSpace(got.Info)
	case "UDP":
		return got.Proto == "UDP" && cutShort(got.Info) == cutShort(want.info)
	case "TCP":
		if !strings.Contains(want.info, "→") {
			return got.Proto == "TCP" // a line about what the segment carries
		}
		return got.Proto == "TCP" && comparable(cutShort(got.Info)) == comparable(cutShort(want.info))
	}
	return true
}

// cutShort takes off the note that a packet was cut by the capture.
func cutShort(info string) string {
	info, _, _ = strings.Cut(info, " [the capture")
	info, _, _ = strings.Cut(info, "[Packet size limited")
	return strings.TrimSpace(info)
}

// comparable leaves ports, flags, length and options of a TCP line.
func comparable(info string) string {
	for strings.HasPrefix(info, "[") { // "[TCP Retransmission] "
		_, rest, ok := strings.Cut(info, "] ")
		if !ok {
			break
		}
		info = rest
	}
	var keep []string
	for _, w := range strings.Fields(info) {
		name, _, _ := strings.Cut(w, "=")
		switch name {
		case "Seq", "Ack", "Win", "SLE", "SRE":
			continue
		case "[TCP":
			return strings.Join(keep, " ")
		}
		keep = append(keep, w)
	}
	return strings.Join(keep, " ")
}
