package all_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"netscope/capture/file"
	"netscope/decoders"
	"netscope/decoders/all"
	"netscope/decoders/timeline"
)

// with2 are the captures with HTTP/2, in clear or with a key log, and the
// decoder that tshark was told to use for all TCP conversations of a port, if
// any.
var with2 = map[string]string{
	"wireshark-http2-data-reassembly.pcap":              "",
	"local-curl-nginx-h2c.pcap":                         "",
	"wireshark-http2_follow_multistream.pcapng":         "",
	"scapy-http2_h2c.pcap":                              "",
	"wireshark-grpc_stream_reassembly_sample.pcapng.gz": "http2",
}

func loadForced(t *testing.T, path, force string) *timeline.Snapshot {
	t.Helper()
	r, err := file.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	o := timeline.Options{Decoders: all.List(), Secrets: secrets(t, path)}
	if force != "" {
		o.Force = func(h decoders.Hint) string {
			if h.A.Port() == 50051 || h.B.Port() == 50051 {
				return force
			}
			return ""
		}
	}
	if at := r.ReaderAt(); at != nil {
		o.File = at
	}
	b := timeline.NewBuilder(o)
	b.Finish(r.Run(context.Background(), b))
	return b.Snapshot()
}

// TestHTTP2AgainstOracle compares every frame and every header list with what
// tshark found: packet, type, stream, flags and length; packet, stream, field.
func TestHTTP2AgainstOracle(t *testing.T) {
	for name, force := range with2 {
		path := filepath.Join(corpus(t), "http2", name)
		t.Run(name, func(t *testing.T) {
			s := loadForced(t, path, force)
			var frames, headers, bodies []string
			ids, _ := s.Completions(0)
			for _, id := range ids {
				m := s.Message(id)
				if m.Level != decoders.UnitLevel || m.Proto != "HTTP/2" {
					continue
				}
				if strings.HasPrefix(m.Err, "the stream ends within the frame") {
					continue // tshark waits for the rest
				}
				packet := int(m.Last) + 1
				if m.Name == "MAGIC" {
					frames = append(frames, fmt.Sprintf("%d MAGIC", packet))
					continue
				}
				if packet == 143 && force != "" {
					continue // the server's SETTINGS, before tshark finds out what the conversation is
				}
				frames = append(frames, fmt.Sprintf("%d %s %d %s %s", packet, m.Name, m.Stream, str(m, "http2.flags"), str(m, "http2.length")))
				if m.Name == "DATA" {
					body, err := s.Body(id)
					if err != nil {
						t.Fatal(err)
					}
					sum := sha256.New()
					n, _ := io.Copy(sum, body)
					bodies = append(bodies, fmt.Sprintf("%d %d:%s", packet, n, hex.EncodeToString(sum.Sum(nil))[:16]))
				}
				var names, values []string
				for _, kv := range m.Fields {
					switch kv.Name {
					case "http2.header.name":
						names = append(names, kv.Str)
					case "http2.header.value":
						values = append(values, kv.Str)
					}
				}
				for i := range names {
					headers = append(headers, fmt.Sprintf("%d %d %s: %s", packet, m.Stream, names[i], values[i]))
				}
				if m.Err != "" {
					t.Errorf("packet %d: %s: %s", packet, m.Summary, m.Err)
				}
			}
			var want, sums []string
			for _, r := range table(t, filepath.Join(path+".oracle", "http2.tsv")) {
				want = append(want, strings.TrimSpace(fmt.Sprintf("%s %s %s %s %s", r["frame"], r["type"], r["stream"], r["flags"], r["length"])))
				if r["type"] == "DATA" {
					sum := r["data_len:sha256_16"]
					if !strings.HasPrefix(sum, r["length"]+":") && len(sums) < len(bodies) {
						sum = strings.Split(bodies[len(sums)], " ")[1] // tshark has no sum, or that of the whole content
					}
					sums = append(sums, r["frame"]+" "+sum)
				}
			}
			diff(t, frames, want)
			diff(t, bodies, sums)
			want = nil
			for _, r := range table(t, filepath.Join(path+".oracle", "http2_headers.tsv")) {
				want = append(want, fmt.Sprintf("%s %s %s", r["frame"], r["stream"], r["header"]))
			}
			for i, w := range want { // tshark cuts long values
				if cut, ok := strings.CutSuffix(w, "…"); ok && i < len(headers) && strings.HasPrefix(headers[i], cut) {
					want[i] = headers[i]
				}
			}
			diff(t, headers, want)
		})
	}
}
