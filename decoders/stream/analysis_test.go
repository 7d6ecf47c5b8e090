package stream_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/stream"
)

// oracleMarks are the marks that the oracle's table has columns for.
var oracleMarks = []struct {
	mark stream.Analysis
	name string
}{
	{stream.Retransmission, "retrans"},
	{stream.FastRetransmit, "fast_retrans"},
	{stream.SpuriousRetrans, "spurious"},
	{stream.OutOfOrder, "out_of_order"},
	{stream.LostSegment, "lost_segment"},
	{stream.DupAck, "dup_ack"},
	{stream.ZeroWindow, "zero_window"},
	{stream.WindowUpdate, "window_update"},
	{stream.KeepAlive, "keepalive"},
	{stream.KeepAliveAck, "keepalive_ack"},
	{stream.ZeroWindowProbe, "zero_window_probe"},
}

// fullWindows are the frames that tshark marks as filling the window; the
// tables have no column for it.
var fullWindows = map[string][]capture.PacketID{
	"local-transmission-aria2-opentracker.pcap": {281, 305},
	"zeek-smtp.pcap": {25},
}

func TestSegmentsEqualOracle(t *testing.T) {
	type count struct{ both, ours, theirs int }
	total := map[string]*count{}
	for _, m := range oracleMarks {
		total[m.name] = &count{}
	}
	segments := 0
	for _, path := range captureFiles(t, "tcp") {
		if strings.Contains(path, "nflog") || strings.Contains(path, "radiotap") {
			continue // link types that are not decoded
		}
		rows := map[capture.PacketID]map[string]string{}
		for _, row := range table(t, path, "tcp") {
			n, _ := strconv.Atoi(row["frame"])
			if row["seq_raw"] != "" { // else a segment quoted by ICMP
				rows[capture.PacketID(n-1)] = row
			}
		}
		base := filepath.Base(path)
		var full []capture.PacketID
		err := run(t, path, stream.Options{}, func(p capture.Packet, r *stream.Result) {
			if p.Data == nil || r.Header.Transport != decoders.TCP {
				return
			}
			row := rows[p.ID]
			if row == nil {
				t.Errorf("%s, frame %d is TCP here, not to the oracle", base, p.ID+1)
				return
			}
			delete(rows, p.ID)
			segments++
			h := &r.Header
			got := fmt.Sprint(h.Src.Port(), h.Dst.Port(), h.Seq, h.Ack, h.PayloadLen+h.PayloadMissing, h.Window)
			if want := strings.Join([]string{row["sport"], row["dport"], row["seq_raw"], row["ack_raw"], row["len"], row["win"]}, " "); got != want {
				t.Errorf("%s, frame %d is %s, want %s", base, p.ID+1, got, want)
			}
			if r.Analysis.Has(stream.WindowFull) {
				full = append(full, p.ID+1)
			}
			theirs := strings.FieldsFunc(row["analysis"], func(c rune) bool { return c == ',' || c == '|' })
			for _, m := range oracleMarks {
				o, h := slices.Contains(theirs, m.name), r.Analysis&m.mark != 0
				c := total[m.name]
				switch {
				case o && h:
					c.both++
				case o:
					c.theirs++
					t.Logf("%s, frame %d: %s to the oracle only (%v here)", base, p.ID+1, m.name, names(r.Analysis))
				case h:
					c.ours++
					t.Logf("%s, frame %d: %s here only (%v to the oracle)", base, p.ID+1, m.name, theirs)
				}
			}
		})
		if err != nil {
			t.Error(err)
		}
		if !slices.Equal(full, fullWindows[base]) {
			t.Errorf("%s: the window is full at %d, want %d", base, full, fullWindows[base])
		}
		for id := range rows {
			t.Errorf("%s, frame %d is TCP to the oracle, not here", base, id+1)
		}
	}
	all := count{}
	for _, m := range oracleMarks {
		c := total[m.name]
		t.Logf("%-18s %4d agree, %3d here only, %3d oracle only", m.name, c.both, c.ours, c.theirs)
		all.both, all.ours, all.theirs = all.both+c.both, all.ours+c.ours, all.theirs+c.theirs
	}
	agree := float64(all.both) / float64(all.both+all.ours+all.theirs)
	t.Logf("%d segments; %.1f %% of the marks agree", segments, 100*agree)
	if agree < 0.95 {
		t.Error("fewer than 95 % of the marks agree with the oracle's")
	}
}

// names are the marks that an analysis has.
func names(a stream.Analysis) (out []string) {
	for _, m := range oracleMarks {
		if a&m.mark != 0 {
			out = append(out, m.name)
		}
	}
	return out
}
