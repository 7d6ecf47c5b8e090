package stream_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
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

// captureFiles are the captures with a given oracle table ("" for all files).
func captureFiles(t testing.TB, name string) []string {
	all, err := filepath.Glob(filepath.Join(corpus(t), "*", "*.oracle"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, o := range all {
		p := strings.TrimSuffix(o, ".oracle")
		if name == "" || len(table(t, p, name)) > 0 {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	if len(out) == 0 {
		t.Fatal("NETSCOPE_CAPTURES holds no captures")
	}
	return out
}

// feeder is a capture.Sink that gives packets to an assembler.
type feeder struct {
	a   *stream.Assembler
	res stream.Result
	on  func(capture.Packet, *stream.Result)
}

func (f *feeder) Meta(capture.Meta) error { return nil }

func (f *feeder) Packet(p capture.Packet) error {
	f.a.Add(stream.PacketIn{
		ID: p.ID, At: p.At.UnixNano(), Arrived: p.Arrived.UnixNano(), Lost: p.Loss != capture.NotLost,
		Link: p.Link, Data: p.Data, WireLen: p.Length,
	}, &f.res)
	f.on(p, &f.res)
	return nil
}

// run gives a capture to an assembler; on is called for every packet and once
// at the end with a zero packet.
func run(t testing.TB, path string, o stream.Options, on func(capture.Packet, *stream.Result)) error {
	t.Helper()
	r, err := file.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	f := &feeder{a: stream.New(o), on: on}
	err = r.Run(context.Background(), f)
	f.a.Flush(&f.res)
	on(capture.Packet{}, &f.res)
	return err
}

// side is what came out of one direction.
type side struct {
	n, gaps int64
	sum     hash.Hash
	ended   int
	upTo    string // bytes and hash before the first gap, if there is one
}

func (s *side) String() string { return fmt.Sprintf("%d %x", s.n, s.sum.Sum(nil)) }

type both struct {
	flow *stream.Flow
	dir  [2]side
}

// collector gathers TCP conversations and checks every delivery.
type collector struct {
	t       testing.TB
	flows   []*both
	packets map[capture.PacketID][]byte
}

func (c *collector) on(p capture.Packet, res *stream.Result) {
	if c.packets != nil && p.Data != nil {
		c.packets[p.ID] = bytes.Clone(p.Data)
	}
	if res.NewFlow && res.Flow.Transport == decoders.TCP {
		b := &both{flow: res.Flow}
		b.dir[0].sum, b.dir[1].sum = sha256.New(), sha256.New()
		res.Flow.User = b
		c.flows = append(c.flows, b)
	}
	for _, d := range res.Delivered {
		s := &d.Flow.User.(*both).dir[d.Dir]
		if d.Off != s.n+s.gaps+d.Gap || s.ended > 0 {
			c.t.Errorf("packet %d: delivery at %d with gap %d after %d bytes, end %d", p.ID+1, d.Off, d.Gap, s.n+s.gaps, s.ended)
		}
		if d.PacketOff >= 0 && len(d.Data) > 0 && c.packets != nil {
			if from := c.packets[d.Packet]; !bytes.Equal(from[d.PacketOff:d.PacketOff+len(d.Data)], d.Data) {
				c.t.Errorf("packet %d does not hold the bytes that it is said to hold", d.Packet+1)
			}
		}
		if d.Gap > 0 && s.upTo == "" {
			s.upTo = s.String()
		}
		s.n += int64(len(d.Data))
		s.gaps += d.Gap
		s.sum.Write(d.Data)
		if d.End {
			s.ended++
		}
	}
}

func TestStreamsEqualOracle(t *testing.T) {
	streams := 0
	for _, path := range captureFiles(t, "tcp_streams") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			c := &collector{t: t, packets: map[capture.PacketID][]byte{}}
			if err := run(t, path, stream.Options{}, c.on); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(path, "nflog") {
				t.Skip("NFLOG is not decoded")
			}
			rows := table(t, path, "tcp_streams")
			if len(c.flows) != len(rows) {
				t.Errorf("%d conversations, want %d", len(c.flows), len(rows))
			}
			for _, row := range rows {
				i, _ := strconv.Atoi(row["stream"])
				if i >= len(c.flows) {
					t.Errorf("stream %d of %s and %s is missing", i, row["node0"], row["node1"])
					continue
				}
				compare(t, i, c.flows[i], row)
				streams++
			}
		})
	}
	t.Logf("%d streams compared", streams)
}

// compare compares one conversation with the oracle's row.
func compare(t *testing.T, i int, b *both, row map[string]string) {
	t.Helper()
	first := decoders.AtoB
	if b.flow.A.String() != row["node0"] {
		first = decoders.BtoA
	}
	if row["node0"] == ":0" {
		return // the oracle names no addresses for a packet that was cut short
	}
	ends := [2]string{b.flow.A.String(), b.flow.B.String()}
	if ends[first] != row["node0"] || ends[first.Other()] != row["node1"] {
		t.Errorf("stream %d is between %v, want %s and %s", i, ends, row["node0"], row["node1"])
		return
	}
	for j, name := range []string{"0to1", "1to0"} {
		s := &b.dir[first^decoders.Dir(j)]
		got := s.String()
		want := row["bytes_"+name] + " " + row["sha256_"+name]
		if s.ended != 1 {
			t.Errorf("stream %d, %s ended %d times", i, name, s.ended)
		}
		switch {
		case row["gap"] == "1":
			t.Logf("stream %d, %s has gaps: %s bytes to the oracle, %d and %d missing here", i, name, row["bytes_"+name], s.n, s.gaps)
		case s.upTo == want: // a hole at the end, which the oracle does not jump
		case got != want:
			t.Errorf("stream %d %v, %s: %s (and %d missing), want %s", i, ends, name, got, s.gaps, want)
		}
	}
}
