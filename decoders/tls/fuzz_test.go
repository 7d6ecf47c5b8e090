package tls

import (
	"testing"

	"netscope/decoders"
	"netscope/decoders/decodertest"
	"netscope/decoders/keylog"
)

// FuzzTLS gives arbitrary bytes in both directions to the decoder, with the
// secrets of a trace.
func FuzzTLS(f *testing.F) {
	var log keylog.Log
	log.Add([]byte(traceLog))
	var stream [2]string
	for _, turn := range trace(f) {
		stream[turn.Dir] += turn.Data
	}
	f.Add(stream[0], stream[1], uint16(201), false)
	f.Add(stream[0][:201], stream[1][:700], uint16(100), true)
	f.Add("\x80\x2e\x01\x03\x00\x00\x06\x00\x00\x00\x10\x00\x00\x39\x00\x00\x380123456789abcdef", stream[1], uint16(3), false)
	f.Fuzz(func(t *testing.T, a, b string, at uint16, mid bool) {
		cut := min(int(at), len(a))
		h := decoders.Hint{Transport: decoders.TCP, Midway: mid}
		dialogue := []decodertest.Turn{
			decodertest.A(a[:cut]), decodertest.B(b), decodertest.A(a[cut:]), decodertest.EndA(), decodertest.EndB(),
		}
		decodertest.Quick(t, keyed{secrets: &log, out: &plaintext{}}, h, dialogue, uint64(at))
		decodertest.Verdicts(t, Decoder{}, dialogue)
	})
}

// FuzzExplain explains arbitrary bytes as every message.
func FuzzExplain(f *testing.F) {
	f.Add(unhex(f, traceClientHello), 0, int64(9))
	f.Add(unhex(f, traceServerHello), 1, int64(9))
	f.Fuzz(func(t *testing.T, raw []byte, which int, head int64) {
		for typ := range 68 {
			name := handshakeName(byte(typ))
			if name == "" {
				continue
			}
			m := decoders.Exposed{Name: name, Proto: versionName(tls12 + uint16(which&1)), HeadLen: head, Raw: raw, Total: int64(len(raw) + which&7),
				Fields: []decoders.KV{decoders.I("tls.handshake.type", int64(typ)), decoders.I("tls.handshake.length", int64(len(raw)))}}
			fits(t, Decoder{}.Explain(m), int(m.Total))
		}
	})
}

func fits(t *testing.T, f decoders.Field, total int) {
	if f.Off < 0 || f.Len < 0 || f.Off+f.Len > total {
		t.Fatalf("%s has the span %d+%d of %d", f.Label, f.Off, f.Len, total)
	}
	for _, c := range f.Children {
		fits(t, c, total)
	}
}
