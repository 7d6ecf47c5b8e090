package all_test

import (
	"bytes"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"netscope/decoders"
	"netscope/decoders/timeline"
)

// inRaw finds what a field's span covers in the bytes of its message.
func inRaw(t *testing.T, s *timeline.Snapshot, id timeline.MessageID, f decoders.Field) []byte {
	t.Helper()
	x, err := s.Exposed(id, 1<<20)
	if err != nil || !x.Plain || f.Off < 0 || f.Off+f.Len > len(x.Raw) {
		t.Fatalf("%s %q at %d+%d of %d plain=%v %v", f.Name, f.Value, f.Off, f.Len, len(x.Raw), x.Plain, err)
	}
	return x.Raw[f.Off : f.Off+f.Len]
}

// TestHTTP3Bytes: what HTTP/3 carries over QUIC can be shown with its bytes:
// bodies whole, frames and header fields where they stand in the plaintext of
// their stream, handshake messages with TLS's own fields.
func TestHTTP3Bytes(t *testing.T) {
	for _, name := range []string{"local-curl-nginx-http3.pcap", "wireshark-http3-qpack-reassembly-anon.pcapng", "wireshark-quic-with-secrets.pcapng"} {
		t.Run(name, func(t *testing.T) {
			s := loadForced(t, filepath.Join(corpus(t), "http3", name), "")
			bodies, headers, hellos := 0, 0, 0
			_, end := s.MessageRange()
			for id := timeline.MessageID(0); id < end; id++ {
				m := s.Message(id)
				for _, kv := range m.Fields {
					if strings.ContainsRune(kv.Name, 0) {
						t.Fatalf("%s shows where it is kept", m.Summary)
					}
				}
				switch {
				case m.Proto == "HTTP/3" && m.Level == decoders.MessageLevel && m.Err == "":
					body, err := s.Body(id)
					if err != nil {
						t.Fatalf("%s: %v", m.Summary, err)
					}
					content, err := io.ReadAll(body)
					if err != nil {
						t.Fatalf("%s: %v after %d bytes", m.Summary, err, len(content))
					}
					if _, coded := decoders.Lookup(m.Fields, "http3.headers.content_encoding"); !coded && int64(len(content)) != m.Len {
						t.Errorf("%s: a body of %d bytes, %d were carried", m.Summary, len(content), m.Len)
					}
					if m.Len > 0 {
						bodies++
					}
					if len(s.MessagePackets(id)) == 0 {
						t.Errorf("%s lies in no packet", m.Summary)
					}
				case m.Name == "HEADERS" && m.Proto == "HTTP/3" && m.Err == "":
					last := -1
					for _, f := range s.Explain(id).Children {
						if f.Name != "http3.header.name" {
							continue
						}
						b := inRaw(t, s, id, f)
						if len(b) == 0 || f.Off <= last {
							t.Errorf("%s: %s has no place of its own: %d+%d", m.Summary, f.Label, f.Off, f.Len)
						}
						last = f.Off
						headers++
					}
				case m.Name == "Client Hello" && m.Proto == "QUIC" && m.Err == "":
					hellos++
					var found string
					var walk func(f decoders.Field)
					walk = func(f decoders.Field) {
						if f.Name == "tls.handshake.extensions_server_name" {
							found = string(inRaw(t, s, id, f))
						}
						for _, c := range f.Children {
							walk(c)
						}
					}
					walk(s.Explain(id))
					if kv, ok := decoders.Lookup(m.Fields, "tls.handshake.extensions_server_name"); ok && found != kv.Str {
						t.Errorf("the server name %q is shown at %q", kv.Str, found)
					}
				case m.Proto == "HTTP/3" && m.Name == "DATA" && m.Err == "":
					x, err := s.Exposed(id, 1<<20)
					if err != nil || len(x.Raw) == 0 || x.Raw[0] != 0 || m.Total != m.HeadLen+m.Len {
						t.Errorf("%s: %d bytes at %d, head %d, carries %d: %v", m.Summary, m.Total, m.Off, m.HeadLen, m.Len, err)
					}
				}
			}
			t.Logf("%d bodies, %d header fields, %d hellos", bodies, headers, hellos)
			if headers == 0 || hellos == 0 {
				t.Errorf("%d bodies, %d header fields, %d hellos", bodies, headers, hellos)
			}
		})
	}
}

// TestHTTP3BodyIsWhole: the file that curl has fetched comes out as it was.
func TestHTTP3BodyIsWhole(t *testing.T) {
	s := loadForced(t, filepath.Join(corpus(t), "http3", "local-curl-nginx-http3.pcap"), "")
	_, end := s.MessageRange()
	n := 0
	for id := timeline.MessageID(0); id < end; id++ {
		m := s.Message(id)
		if m.Kind != decoders.Response {
			continue
		}
		body, err := s.Body(id)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(body)
		var parts []byte
		for _, u := range s.ConvMessages(m.Conv) {
			if x := s.Message(u); x.PartOf == id && x.Name == "DATA" {
				r, err := s.Body(u)
				if err != nil {
					t.Fatal(err)
				}
				part, _ := io.ReadAll(r)
				parts = append(parts, part...)
			}
		}
		if !bytes.Equal(b, parts) {
			t.Errorf("%s: %d bytes, its DATA frames have %d", m.Summary, len(b), len(parts))
		}
		n++
	}
	if n == 0 {
		t.Error("no responses")
	}
}
