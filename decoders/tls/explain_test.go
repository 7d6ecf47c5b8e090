package tls

import (
	"crypto/tls"
	"fmt"
	"strings"
	"testing"

	"netscope/decoders"
	"netscope/decoders/decodertest"
	"netscope/decoders/keylog"
)

// cover marks the bytes of a tree's leaves.
func cover(f decoders.Field, seen []bool) {
	if len(f.Children) == 0 || f.Name == "tls.handshake.certificate" { // a certificate's fields do not name every byte
		for i := f.Off; i < f.Off+f.Len; i++ {
			seen[i] = true
		}
	}
	for _, c := range f.Children {
		cover(c, seen)
	}
}

func bad(f decoders.Field) (out []string) {
	if f.Bad {
		out = append(out, f.Label+" "+f.Value)
	}
	for _, c := range f.Children {
		out = append(out, bad(c)...)
	}
	return out
}

func show(f decoders.Field, indent string, b *strings.Builder) {
	fmt.Fprintf(b, "%s%s: %s  [%d+%d] %s\n", indent, f.Label, f.Value, f.Off, f.Len, f.Name)
	for _, c := range f.Children {
		show(c, indent+"  ", b)
	}
}

// text is a tree as text.
func text(f decoders.Field) string {
	var b strings.Builder
	show(f, "", &b)
	return b.String()
}

// exposed are the messages of a dialogue as Explain gets them.
func exposed(c *conversation, turns []decodertest.Turn) (out []decoders.Exposed) {
	var stream [2]string
	for _, t := range turns {
		stream[t.Dir] += t.Data
	}
	for i := range c.sink.messages {
		m := &c.sink.messages[i]
		out = append(out, decodertest.Expose(m, tcp(), stream[m.Dir][m.Off:m.End]))
	}
	return out
}

// TestExplainCoversEveryByte explains every record and message of sessions.
func TestExplainCoversEveryByte(t *testing.T) {
	cert := identity(t, "a.example")
	var log keylog.Log
	log.Add([]byte(traceLog))
	retry := &tls.Config{Certificates: []tls.Certificate{cert}, CurvePreferences: []tls.CurveID{tls.CurveP384}, ClientAuth: tls.RequestClientCert}
	s12 := talk(t, &tls.Config{MaxVersion: tls.VersionTLS12, ClientSessionCache: tls.NewLRUClientSessionCache(1), ServerName: "a.example", NextProtos: []string{"h2"}, Certificates: []tls.Certificate{cert}},
		&tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{"h2"}, ClientAuth: tls.RequestClientCert})
	s13 := talk(t, &tls.Config{CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP384}}, retry)
	for _, c := range []struct {
		turns   []decodertest.Turn
		secrets decoders.SecretSource
	}{{trace(t), &log}, {trace(t), nil}, {s12.rec.turns, &s12.log}, {s12.rec.turns, nil}, {s13.rec.turns, &s13.log}} {
		v := converse(tcp(), c.secrets)
		v.turns(c.turns)
		for _, m := range exposed(v, c.turns) {
			f := Decoder{}.Explain(m)
			seen := make([]bool, len(m.Raw))
			cover(f, seen)
			for i, ok := range seen {
				if !ok {
					t.Errorf("%s: byte %d of %d is not explained\n%s", m.Name, i, len(seen), text(f))
					break
				}
			}
			if b := bad(f); len(b) > 0 {
				t.Errorf("%s: bad %q\n%s", m.Name, b, text(f))
			}
			if f.Doc == "" {
				t.Errorf("%s has no text", m.Name)
			}
		}
	}
}

// TestExplainAcrossRecords splits a ClientHello over records of seven bytes.
func TestExplainAcrossRecords(t *testing.T) {
	hello := unhex(t, traceClientHello)[headerLen:]
	var raw []byte
	for b := hello; len(b) > 0; b = b[min(7, len(b)):] {
		n := min(7, len(b))
		raw = append(append(raw, typeHandshake, 3, 1, 0, byte(n)), b[:n]...)
	}
	turns := []decodertest.Turn{decodertest.A(string(raw)), decodertest.EndA(), decodertest.EndB()}
	c := converse(tcp(), nil)
	c.turns(turns)
	m := exposed(c, turns)[0]
	f := Decoder{}.Explain(m)
	if got := text(f); m.Name != "Client Hello" || len(bad(f)) > 0 || !strings.Contains(got, "Server name: server  [") || !strings.Contains(got, "Records: 28") {
		t.Errorf("%s\n%s", m.Name, got)
	}
	if got := c.sink.messages[0].Summary; got != "Client Hello  server  TLS 1.3" {
		t.Error(got)
	}
	decodertest.Splits(t, Decoder{}, tcp(), turns)
	decodertest.Gaps(t, Decoder{}, tcp(), turns)
}
