package quic

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"netscope/decoders"
)

// TestFramesAgainstOracle compares the HTTP/3 frames, stream types and header
// lists of the given captures with tshark's.
func TestFramesAgainstOracle(t *testing.T) {
	for _, path := range captures(t, "http3") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			r := read(t, path)
			rows := table(t, path+".oracle/http3.tsv")
			var got, headers []string
			hits := slices.Clone(r.hits) // tshark lists a frame where it is complete
			slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.close, b.close) })
			for _, h := range hits {
				m := r.msg(h)
				h.frame = h.close
				if m.Proto != "HTTP/3" || m.Level != decoders.UnitLevel {
					continue
				}
				if v := value(m, "http3.stream_type"); v != "" {
					got = append(got, fmt.Sprintf("%d stream %d STREAM_TYPE %s len []", h.frame, m.Stream, v))
				}
				if v := value(m, "http3.frame_type"); v != "" {
					name := m.Name
					if name == "reserved" || strings.HasPrefix(name, "frame 0x") {
						name = v
					}
					stream := strconv.FormatInt(m.Stream, 10)
					if len(got) < len(rows) && rows[len(got)]["stream"] == "?" {
						stream = "?" // tshark loses it in frames of several packets
					}
					got = append(got, fmt.Sprintf("%d stream %s %s len%s [%s]", h.frame, stream, name, value(m, "http3.frame_length"), settings(m)))
				}
				for i, kv := range m.Fields {
					if kv.Name == "http3.header.name" {
						headers = append(headers, fmt.Sprintf("%d stream %d %s: %s", h.frame, m.Stream, kv.Str, m.Fields[i+1].Str))
					}
				}
			}
			var want, wantHeaders []string
			for _, w := range rows {
				want = append(want, fmt.Sprintf("%s stream %s %s len%s [%s]", w["frame"], w["stream"], w["type"], w["length"], w["detail"]))
			}
			for _, w := range table(t, path+".oracle/http3_headers.tsv") {
				wantHeaders = append(wantHeaders, fmt.Sprintf("%s stream %s %s", w["frame"], w["stream"], w["header"]))
			}
			same(t, got, want)
			same(t, headers, wantHeaders)
		})
	}
}

// settings are the settings of a frame as the oracle writes them.
func settings(m message) string {
	var out []string
	for i, kv := range m.Fields {
		if kv.Name == "http3.settings.id" {
			out = append(out, strconv.FormatInt(kv.Int, 10)+"="+strconv.FormatInt(m.Fields[i+1].Int, 10))
		}
	}
	return strings.Join(out, " ")
}
