package http2

import (
	"fmt"
	"strings"
	"testing"

	"netscope/decoders"
	"netscope/decoders/decodertest"
)

// line writes a message or unit as the tests compare it.
func line(m decodertest.Message) string {
	s := fmt.Sprintf("%d %c %s %s %s #%d [%s] %d+%d..%d len=%d", m.Key, "AB"[m.Dir], m.Kind, m.Proto, m.Name, m.Stream, m.Summary, m.Off, m.HeadLen, m.End, m.Len)
	if m.Level == decoders.UnitLevel {
		s = strings.Replace(s, m.Kind.String(), "unit", 1)
	}
	if m.ReplyTo > 0 {
		s += fmt.Sprintf(" ^%d", m.ReplyTo)
	}
	if m.PartOf > 0 {
		s += fmt.Sprintf(" <%d", m.PartOf)
	}
	if m.Err != "" {
		s += " !" + m.Err
	}
	return s
}

func TestPrint(t *testing.T) {
	for name, d := range dialogues() {
		r := decodertest.Drive(Decoder{}, decoders.Hint{Transport: decoders.TCP}, d, decodertest.Whole)
		t.Log(name, r.Handoff, r.Violations)
		for _, m := range r.Messages {
			t.Log(line(m))
		}
	}
}
