package timeline_test

import (
	"bytes"
	"fmt"

	"netscope/decoders"
)

// plain is a decoder for tests: a message is a line, or what is there at a gap
// or the end; B's lines answer A's in order.
type plain struct{}

type plainParser struct {
	key      uint64
	open     [2]uint64 // message that is open, per direction
	start    [2]int64
	requests []uint64
}

func (plain) Name() string { return "plain" }
func (plain) Probe(decoders.Hint, decoders.Dir, []byte, bool) decoders.Verdict {
	return decoders.Accept
}
func (plain) NewParser(decoders.Hint, decoders.Env) decoders.Parser { return &plainParser{} }
func (plain) Explain(m decoders.Exposed) decoders.Field {
	return decoders.Field{Label: "line", Value: fmt.Sprint(len(m.Raw)), Len: len(m.Raw)}
}

func (p *plainParser) Next(c decoders.Chunk) (decoders.Step, error) {
	var s decoders.Step
	d := c.Dir
	if c.Gap > 0 {
		p.close(&s, d, c.Off-c.Gap, "gap")
	}
	if len(c.Buf) > 0 && p.open[d] == 0 {
		p.key++
		p.open[d], p.start[d] = p.key, c.Off
		ev := decoders.Event{Op: decoders.Open, Key: p.key, Dir: d, Kind: decoders.Request, Proto: "plain", Name: "line",
			Summary: "line", Stream: -1, Off: c.Off}
		if d == decoders.BtoA {
			ev.Kind = decoders.Response
			if len(p.requests) > 0 {
				ev.ReplyTo, p.requests = p.requests[0], p.requests[1:]
			}
		} else {
			p.requests = append(p.requests, p.key)
		}
		s.Events = append(s.Events, ev)
	}
	i := bytes.IndexByte(c.Buf, '\n') + 1
	if s.Advance = i; i == 0 {
		s.Advance = len(c.Buf)
	}
	if i > 0 {
		p.close(&s, d, c.Off+int64(i), "")
	} else if c.End {
		p.close(&s, d, c.Off+int64(len(c.Buf)), "end")
	}
	return s, nil
}

func (p *plainParser) close(s *decoders.Step, d decoders.Dir, end int64, why string) {
	if p.open[d] != 0 {
		s.Events = append(s.Events, decoders.Event{Op: decoders.Close, Key: p.open[d], Dir: d, End: end, Len: end - p.start[d], Err: why})
		p.open[d] = 0
	}
}
