package qlog

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/data"
	"netscope/decoders/timeline"
)

// timelineOf reads a qlog into a timeline.
func timelineOf(t *testing.T, text string) *timeline.Snapshot {
	t.Helper()
	f, err := Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	b := timeline.NewBuilder(timeline.Options{Decoders: []decoders.Decoder{Decoder{}, data.Decoder{}}})
	b.Finish(f.Run(t.Context(), b))
	if err := b.Snapshot().Err(); err != nil {
		t.Fatal(err)
	}
	return b.Snapshot()
}

// lines are all messages and units, indented by level.
func lines(s *timeline.Snapshot) string {
	var b strings.Builder
	from, to := s.MessageRange()
	for id := from; id < to; id++ {
		m := s.Message(id)
		c := s.Conversation(m.Conv)
		who := "client"
		if (m.Dir == decoders.AtoB) != (c.A.Port() == clientPort) {
			who = "server"
		}
		if m.Level == decoders.UnitLevel {
			who = " "
		}
		fmt.Fprintf(&b, "%s %.3f %s\n", who, m.Start.Seconds()*1000, m.Summary)
	}
	return b.String()
}

const events = `{"time":%s,"name":"transport:packet_sent","data":{"header":{"packet_type":"initial","packet_number":0,"version":"1","scid":"c1","dcid":"aabb"},"raw":{"length":1200},"frames":[{"frame_type":"crypto","offset":0,"length":200},{"frame_type":"padding","length":900}]}}
{"time":%s,"name":"recovery:metrics_updated","data":{"latest_rtt":3.2,"min_rtt":3}}
{"time":%s,"name":"transport:packet_received","data":{"header":{"packet_type":"1RTT","packet_number":"7","dcid":"c1"},"frames":[{"frame_type":"stream","stream_id":4,"offset":10,"raw":{"payload_length":5},"fin":true},{"frame_type":"ack","acked_ranges":[[0,3],[5]],"ack_delay":1.2},{"frame_type":"max_streams","stream_type":"unidirectional","maximum":9},{"frame_type":"odd","frame_type_bytes":64},{"frame_type":"connection_close","error_space":"application","error_code":256,"reason":"bye"}]}}`

const shown = `%[1]s 0.000 Initial 0: CRYPTO, PADDING
  0.000 CRYPTO bytes 0-199
  0.000 PADDING 900 bytes
%[2]s 2.500 1-RTT 7: STREAM, ACK, MAX_STREAMS, ODD, CONNECTION_CLOSE
  2.500 STREAM 4 bytes 10-14, end
  2.500 ACK 5, 0-3, delayed 1200 µs
  2.500 MAX_STREAMS 9
  2.500 ODD
  2.500 CONNECTION_CLOSE error 0x100 "bye"
`

// Both schemas, all forms, every way of counting time, either vantage point.
func TestForms(t *testing.T) {
	list := func(times ...any) string { return fmt.Sprintf(events, times...) }
	contained := func(events string) string { return "[" + strings.ReplaceAll(events, "\n", ",\n") + "]" }
	for name, c := range map[string]struct{ text, start, client, server string }{
		"current, contained": {`{"file_schema":"urn:ietf:params:qlog:file:contained","serialization_format":"application/qlog+json","traces":[{"vantage_point":{"type":"client"},"common_fields":{"reference_time":{"clock_type":"system","epoch":"2024-01-01T00:00:00.000Z"}},"events":` +
			contained(list("1.5", "2", "4.000")) + `}]}`, "2024-01-01T00:00:00.0015Z", "client", "server"},
		"current, sequence": {"\x1e{\"file_schema\":\"urn:ietf:params:qlog:file:sequential\",\"trace\":{\"vantage_point\":{\"type\":\"server\"},\"common_fields\":{\"time_format\":\"relative_to_previous_event\",\"reference_time\":{\"epoch\":\"unknown\",\"wall_clock_time\":\"2024-01-01T00:00:00Z\"}}}}\n\x1e" +
			strings.ReplaceAll(list("0", "0.5", "2"), "\n", "\n\x1e") + "\n", "2024-01-01T00:00:00Z", "server", "client"},
		"0.3, contained": {`{"qlog_version":"0.3","qlog_format":"JSON","title":"t","traces":[{"vantage_point":{"name":"x","type":"client"},"common_fields":{"time_format":"relative","reference_time":1704067200000},"events":` +
			contained(list("0", "1", "2.5")) + `}]}`, "2024-01-01T00:00:00Z", "client", "server"},
		"0.3, absolute": {`{"qlog_version":"0.3","traces":[{"events":` + contained(list("1704067200000.000001", "1704067200001", "1704067200002.500001")) + `,"common_fields":{"time_format":"absolute","ODCID":"x"}}]}`,
			"2024-01-01T00:00:00.000000001Z", "client", "server"},
		"0.3, sequence, lines, delta": {`{"qlog_version":"0.3","qlog_format":"NDJSON","trace":{"common_fields":{"time_format":"delta"}}}` + "\n" + list("0", "1", "1.5"), "1970-01-01T00:00:00Z", "client", "server"},
	} {
		t.Run(name, func(t *testing.T) {
			s := timelineOf(t, c.text)
			if got, want := lines(s), fmt.Sprintf(shown, c.client, c.server); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if got := s.Epoch().UTC().Format(time.RFC3339Nano); got != c.start {
				t.Errorf("begins at %s, want %s", got, c.start)
			}
			n := s.Notes()[0]
			if n.Name != "metrics_updated" || n.Summary != "recovery:metrics updated: latest_rtt 3.2, min_rtt 3" || string(n.Data) != `{"latest_rtt":3.2,"min_rtt":3}` {
				t.Errorf("the event that is no packet: %+v", n)
			}
		})
	}
}

// What cannot be read is one sentence.
func TestBadFiles(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "ends in the middle",
		"{":                      "ends in the middle",
		"[]":                     "something else than an object",
		`{"a":1}`:                "no qlog",
		"{]":                     "not JSON at byte 2",
		`{"qlog_version":"0.3"}`: "no traces",
		`{"qlog_version":"draft-01","traces":[]}`:                       "before 0.3",
		`{"qlog_version":"0.3","traces":[]}`:                            "no traces",
		`{"qlog_version":"0.3","traces":[3,{"error_description":"x"}]}`: "no traces",
		`{"qlog_version":"0.3","traces":[{"events":7}]}`:                "trace 1 of the qlog has no list",
		`{"qlog_version":"0.3","traces":[{"events":[[0,"a"]]}]}`:        "before 0.3",
	} {
		_, err := Read(strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// Of a sequence that breaks off, what was before is shown.
func TestCutSequence(t *testing.T) {
	s := timelineOf(t, `{"qlog_version":"0.3","trace":{}}`+"\n"+`{"time":1,"name":"transport:packet_sent","data":{"header":{"packet_type":"1RTT","packet_number":1}}}`+"\n"+`{"time":2,"na`)
	if got := lines(s); got != "client 0.000 1-RTT 1\n" {
		t.Error(got)
	}
	if s.Truncated() == nil {
		t.Error("nobody says that the log breaks off")
	}
}

// Of one JSON text that breaks off or is spoilt, the events before are shown.
func TestCutContained(t *testing.T) {
	event := func(n int) string {
		return fmt.Sprintf(`{"time":%d,"name":"transport:packet_sent","data":{"header":{"packet_type":"1RTT","packet_number":%d},"frames":[{"frame_type":"ping"},{"frame_type":"ping"}]}}`, n, n)
	}
	head := `{"qlog_version":"0.3","title":"a \"{[ title","traces":[`
	first := `{"events":[` + event(1) + "," + event(2) + `]},`
	for name, c := range map[string]struct {
		text string
		want int // packets, 0 if it cannot be read at all
	}{
		"between events":   {head + `{"events":[` + event(1) + ",", 1},
		"in an event":      {head + first + `{"title":"x","events":[` + event(3) + "," + event(4)[:120], 3},
		"in a name":        {head + first + `{"tit`, 2},
		"before an event":  {head + `{"events":[` + event(1)[:50], 0},
		"before the end":   {head + strings.TrimSuffix(first, ","), 2},
		"spoilt":           {head + first + `{"events":[` + event(3) + `,{"time":!!!},` + event(4) + `]}]}`, 3},
		"too many closed":  {head + first[:len(first)-1] + `}}}}`, 2},
		"in the last byte": {head + strings.TrimSuffix(first, ",") + "]", 2},
	} {
		f, err := Read(strings.NewReader(c.text))
		if c.want == 0 {
			if err == nil {
				t.Errorf("%s: it was read", name)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(f.events) != c.want || f.cut == nil {
			t.Errorf("%s: %d events, cut %+v; want %d", name, len(f.events), f.cut, c.want)
		}
	}
}

// A compressed file is a file, also if it is cut.
func TestCompressed(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	fmt.Fprint(z, `{"qlog_version":"0.3","traces":[{"events":[{"time":1,"name":"transport:packet_sent","data":{}}]}]}`)
	_ = z.Flush()
	cut := bytes.Clone(b.Bytes())
	_ = z.Close()
	for _, c := range [][]byte{b.Bytes(), cut} {
		f, err := Read(bytes.NewReader(c))
		if err != nil || len(f.events) != 1 {
			t.Errorf("%d bytes: %v", len(c), err)
		}
	}
	if _, err := Read(strings.NewReader("\x1f\x8bxx")); err == nil {
		t.Error("a damaged file was read")
	}
}

// An event with more than fits into a datagram is cut, and says so.
func TestLargeEvent(t *testing.T) {
	frames := strings.Repeat(`{"frame_type":"ping"},`, 20000)
	s := timelineOf(t, `{"qlog_version":"0.3","traces":[{"events":[{"time":1,"name":"transport:packet_sent","data":{"header":{"packet_type":"1RTT"},"frames":[`+frames[:len(frames)-1]+`]}}]}]}`)
	m := s.Message(0)
	if m.Name != "1-RTT" || !strings.Contains(m.Err, "more frames") {
		t.Errorf("%+v", m)
	}
}

func TestInstead(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x.qlog")
	if err := os.WriteFile(name, []byte("\x1e{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Instead(name, os.ErrNotExist); err != os.ErrNotExist {
		t.Error(err)
	}
}

// discard takes everything and checks the order.
type discard struct{ n capture.PacketID }

func (d *discard) Packet(p capture.Packet) error {
	if p.ID != d.n || len(p.Data) > 1<<16 {
		return fmt.Errorf("packet %d has number %d and %d bytes", d.n, p.ID, len(p.Data))
	}
	d.n++
	return nil
}

func (d *discard) Meta(m capture.Meta) error {
	if n, ok := m.(capture.Note); ok && n.Data != nil && !json.Valid(n.Data) {
		return fmt.Errorf("the data of a note is not JSON: %q", n.Data)
	}
	return nil
}

func FuzzRead(f *testing.F) {
	list := fmt.Sprintf(events, "1", "2", "3")
	f.Add([]byte(`{"qlog_version":"0.3","trace":{"common_fields":{"time_format":"delta"}}}` + "\n" + list))
	f.Add([]byte(`{"file_schema":"x","traces":[{"vantage_point":{"type":"network","flow":"server"},"events":[` + strings.ReplaceAll(list, "\n", ",") + `]}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		q, err := Read(bytes.NewReader(b))
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than a sentence: %q", err)
			}
			return
		}
		if err := q.Run(context.Background(), &discard{}); err != nil {
			t.Error(err)
		}
		bl := timeline.NewBuilder(timeline.Options{Decoders: []decoders.Decoder{Decoder{}, data.Decoder{}}})
		bl.Finish(q.Run(context.Background(), bl))
	})
}

// FuzzDecoder gives the decoder any bytes after the magic.
func FuzzDecoder(f *testing.F) {
	f.Add([]byte(`{"event":"packet_sent","data":{"header":{"packet_type":"initial"},"frames":[{"frame_type":"ack","acked_ranges":[[1,2]]}]}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		p := Decoder{}.NewParser(decoders.Hint{Transport: decoders.UDP}, decoders.Env{})
		st, err := p.Next(decoders.Chunk{Buf: append([]byte(magic), b...)})
		if err == nil && st.Advance != len(magic)+len(b) {
			t.Errorf("%d of %d bytes used", st.Advance, len(magic)+len(b))
		}
	})
}
