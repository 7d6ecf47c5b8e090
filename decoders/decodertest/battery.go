package decodertest

import (
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"netscope/decoders"
)

// Battery runs everything over one decoder and some dialogues.
func Battery(t *testing.T, d decoders.Decoder, dialogues map[string][]Turn) {
	t.Helper()
	for name, dialogue := range dialogues {
		t.Run(name, func(t *testing.T) {
			for _, mid := range []bool{false, true} {
				h := decoders.Hint{Transport: decoders.TCP, Midway: mid}
				Splits(t, d, h, dialogue)
				Prefixes(t, d, h, dialogue)
				Gaps(t, d, h, dialogue)
			}
			Verdicts(t, d, dialogue)
		})
	}
}

// Splits checks that any way of cutting gives the same messages.
func Splits(t testing.TB, d decoders.Decoder, h decoders.Hint, dialogue []Turn) {
	t.Helper()
	want := Drive(d, h, dialogue, Whole)
	report(t, d, "whole", want)
	check := func(how string, cut Cut) {
		t.Helper()
		got := Drive(d, h, dialogue, cut)
		report(t, d, how, got)
		if diff := Diff(want, got); diff != "" {
			t.Errorf("%s, %s: cutting the stream changes the messages: %s", d.Name(), how, diff)
		}
	}
	check("byte by byte", Bytewise)
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 1))
		most := 1 << (2 + seed)
		check(fmt.Sprintf("random cuts %d", seed), func(n int) int { return 1 + rng.IntN(min(n, most)) })
	}
}

// Quick is a cheap selection of the battery for fuzzing: one way of cutting
// and one set of gaps, both chosen by seed.
func Quick(t testing.TB, d decoders.Decoder, h decoders.Hint, dialogue []Turn, seed uint64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 3))
	most := 1 << rng.IntN(12)
	want := Drive(d, h, dialogue, Whole)
	report(t, d, "whole", want)
	got := Drive(d, h, dialogue, func(n int) int { return 1 + rng.IntN(min(n, most)) })
	report(t, d, "cut", got)
	if diff := Diff(want, got); diff != "" {
		t.Errorf("%s: cutting the stream changes the messages: %s", d.Name(), diff)
	}
	show(t, d, h, dialogue, want)
	report(t, d, "gaps", Drive(d, h, punch(dialogue, rng), Whole))
}

// Prefixes checks that a dialogue may end anywhere: nothing stays open, and
// what can be explained can be explained.
func Prefixes(t testing.TB, d decoders.Decoder, h decoders.Hint, dialogue []Turn) {
	t.Helper()
	total := 0
	for _, turn := range dialogue {
		total += len(turn.Data)
	}
	step := max(1, total/200)
	for n := 0; n <= total; n += step {
		part := append(upTo(dialogue, n), EndA(), EndB())
		r := Drive(d, h, part, Whole)
		report(t, d, fmt.Sprintf("prefix of %d bytes", n), r)
		if n%(8*step) == 0 {
			show(t, d, h, part, r)
		}
	}
}

// Gaps checks that bytes may be missing anywhere.
func Gaps(t testing.TB, d decoders.Decoder, h decoders.Hint, dialogue []Turn) {
	t.Helper()
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 2))
		holed := punch(dialogue, rng)
		r := Drive(d, h, append(holed, EndA(), EndB()), Whole)
		report(t, d, fmt.Sprintf("gaps %d", seed), r)
	}
}

// Verdicts checks that Probe never changes its mind as a prefix grows.
func Verdicts(t testing.TB, d decoders.Decoder, dialogue []Turn) {
	t.Helper()
	var stream [2]string
	for _, turn := range dialogue {
		stream[turn.Dir] += turn.Data
	}
	for dir, s := range stream {
		for _, h := range []decoders.Hint{{Transport: decoders.TCP}, {Transport: decoders.TCP, Midway: true}, {Transport: decoders.UDP}} {
			last := decoders.NeedMore
			for n := 1; n <= min(len(s), 5000); n++ {
				v := d.Probe(h, decoders.Dir(dir), []byte(s[:n]), false)
				if last != decoders.NeedMore && v != last {
					t.Errorf("%s: the verdict on %q changes from %d to %d", d.Name(), s[:n], last, v)
					break
				}
				last = v
			}
		}
	}
}

// show explains every message and reads its content.
func show(t testing.TB, d decoders.Decoder, h decoders.Hint, dialogue []Turn, r Result) {
	t.Helper()
	var stream [2]string
	for _, turn := range dialogue {
		if turn.Gap > 0 {
			return // offsets and bytes would not agree
		}
		stream[turn.Dir] += turn.Data
	}
	for i := range r.Messages {
		m := &r.Messages[i]
		s := stream[m.Dir]
		end := m.End
		if !m.Closed {
			end = int64(len(s))
		}
		if m.Off < 0 || end > int64(len(s)) || m.Off > end {
			t.Errorf("%s: message %d lies at %d to %d of a stream of %d bytes", d.Name(), m.Key, m.Off, end, len(s))
			continue
		}
		x := Expose(m, h, s[m.Off:end])
		for _, raw := range []string{string(x.Raw), string(x.Raw[:len(x.Raw)/2])} {
			x.Raw = []byte(raw)
			if bad := badSpan(d.Explain(x), int(max(x.Total, int64(len(raw))))); bad != "" {
				t.Errorf("%s: message %d: %s", d.Name(), m.Key, bad)
			}
			if b, ok := d.(decoders.Bodier); ok {
				if body, err := b.Body(x, strings.NewReader(raw)); err == nil {
					_, _ = io.Copy(io.Discard, io.LimitReader(body, 1<<20))
				}
			}
		}
	}
}

// Expose makes of a message and its bytes what Explain and Body want.
func Expose(m *Message, h decoders.Hint, raw string) decoders.Exposed {
	return decoders.Exposed{Hint: h, Dir: m.Dir, Kind: m.Kind, Proto: m.Proto, Name: m.Name, Fields: m.Fields,
		Off: m.Off, HeadLen: m.HeadLen, Raw: []byte(raw), Total: int64(len(raw))}
}

// badSpan finds a field whose span is not within total bytes.
func badSpan(f decoders.Field, total int) string {
	if f.Off < 0 || f.Len < 0 || f.Off+f.Len > total {
		return fmt.Sprintf("field %q has the span %d+%d of %d bytes", f.Label, f.Off, f.Len, total)
	}
	for _, c := range f.Children {
		if bad := badSpan(c, total); bad != "" {
			return bad
		}
	}
	return ""
}

// upTo is the first n bytes of a dialogue.
func upTo(dialogue []Turn, n int) []Turn {
	var out []Turn
	for _, t := range dialogue {
		if len(t.Data) >= n {
			t.Data, t.End = t.Data[:n], t.End && len(t.Data) == n
			return append(out, t)
		}
		n -= len(t.Data)
		out = append(out, t)
	}
	return out
}

// punch takes bytes out of some turns.
func punch(dialogue []Turn, rng *rand.Rand) []Turn {
	var out []Turn
	for _, t := range dialogue {
		if len(t.Data) == 0 || rng.IntN(3) == 0 {
			out = append(out, t)
			continue
		}
		from := rng.IntN(len(t.Data))
		n := 1 + rng.IntN(len(t.Data)-from)
		before, after := t, t
		before.Data, before.End = t.Data[:from], false
		after.Data, after.Gap = t.Data[from+n:], int64(n)
		out = append(out, before, after)
	}
	return out
}

func report(t testing.TB, d decoders.Decoder, how string, r Result) {
	t.Helper()
	for _, v := range r.Violations {
		t.Errorf("%s, %s: %s", d.Name(), how, v)
	}
}

// Diff says how two results differ, "" if they do not.
func Diff(a, b Result) string {
	for i := range min(len(a.Messages), len(b.Messages)) {
		if !reflect.DeepEqual(a.Messages[i], b.Messages[i]) {
			return fmt.Sprintf("message %d is\n\t%+v\nnot\n\t%+v", i+1, b.Messages[i], a.Messages[i])
		}
	}
	switch {
	case len(a.Messages) != len(b.Messages):
		return fmt.Sprintf("%d messages, not %d", len(b.Messages), len(a.Messages))
	case a.Handoff != b.Handoff:
		return fmt.Sprintf("hand-over to %q, not %q", b.Handoff, a.Handoff)
	}
	return ""
}
