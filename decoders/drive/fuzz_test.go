package drive_test

import (
	"errors"
	"testing"

	"netscope/decoders"
	"netscope/decoders/data"
	"netscope/decoders/decodertest"
)

// FuzzConv lets the input say what is fed and what a parser answers, right or
// wrong. The driver must come to rest, keep its promises to the sink, and lose
// no byte.
func FuzzConv(f *testing.F) {
	f.Add([]byte("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a"), []byte("\x10\x81\x22\xa0\x05\xff"))
	f.Add([]byte("\x06\x06\x06\x06"), []byte("\x01\x81\x41"))
	f.Add([]byte("\x05\x00\x05\x00\x05"), []byte("\x7f\x7f\x7f"))
	f.Add([]byte("\x01\x11\x21\x02\x12\x22\x32"), []byte("\x30\xb0\x30\xb0"))
	f.Fuzz(func(t *testing.T, answers, feeds []byte) {
		for _, tr := range []decoders.Transport{decoders.TCP, decoders.UDP} {
			rest := answers
			take := func() byte {
				if len(rest) == 0 {
					return 1 // use everything
				}
				b := rest[0]
				rest = append(rest[1:], b) // for ever
				return b
			}
			rest = append([]byte(nil), rest...)
			wild := script{"wild", func(p *scripted, c decoders.Chunk) (decoders.Step, error) { return answer(p, c, take) }}
			decs := []decoders.Decoder{wild, data.Decoder{}}
			if len(answers)%2 == 1 {
				decs = decs[:1]
			}
			var turns []decodertest.Turn
			for _, b := range feeds {
				turn := decodertest.Turn{Dir: decoders.Dir(b >> 7), Data: string(make([]byte, b&31)), End: b&63 == 63}
				if b&96 == 32 {
					turn.Gap = int64(b & 7)
				}
				turns = append(turns, turn)
			}
			converse(decs, decoders.Hint{Transport: tr}, turns).check(t)
		}
	})
}

func answer(p *scripted, c decoders.Chunk, take func() byte) (st decoders.Step, err error) {
	b := take()
	st.Advance = min(int(b>>4), len(c.Buf))
	switch b & 15 {
	case 0:
		panic("wild")
	case 1:
		st.Advance = len(c.Buf)
	case 2:
		st.Advance = int(take()) - 100
	case 3:
		st.Events = []decoders.Event{p.open(c)}
	case 4:
		st.Events = []decoders.Event{{Op: decoders.Close, Key: p.key, End: c.Off + int64(st.Advance)}}
	case 5:
		st.Events = []decoders.Event{{Op: decoders.Update, Key: p.key, Summary: "more"}}
	case 6:
		st.Handoff = "wild"
	case 7:
		st.Handoff = "data"
	case 8:
		err = errors.New("wild")
	case 9:
		ev := p.open(c)
		ev.Off, ev.End, ev.HeadLen, ev.Dir = int64(take())<<32, -1, -1, decoders.Dir(take())
		st.Events = []decoders.Event{ev}
	case 10:
		ev := p.open(c)
		ev.PartOf, ev.ReplyTo, ev.Kind = uint64(take()), uint64(take()), decoders.Response
		st.Events = []decoders.Event{ev, {Op: decoders.Close, Key: uint64(take()), End: 1 << 60, Len: -1}}
	}
	return st, err
}
