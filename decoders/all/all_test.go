package all

import (
	"testing"

	"netscope/decoders"
	"netscope/decoders/decodertest"
)

func TestList(t *testing.T) {
	seen := map[string]bool{}
	list := List()
	for _, d := range list {
		if seen[d.Name()] {
			t.Errorf("two decoders are named %q", d.Name())
		}
		seen[d.Name()] = true
	}
	last := list[len(list)-1]
	if v := last.Probe(decoders.Hint{}, 0, []byte{0}, false); v != decoders.Accept {
		t.Errorf("the last decoder, %s, does not accept everything", last.Name())
	}
}

func TestBattery(t *testing.T) {
	for _, d := range List() {
		t.Run(d.Name(), func(t *testing.T) {
			decodertest.Battery(t, d, decodertest.Dialogues())
		})
	}
}

// FuzzDecoders gives arbitrary bytes in both directions to every decoder: cuts
// change nothing, prefixes and gaps are safe.
func FuzzDecoders(f *testing.F) {
	for _, dialogue := range decodertest.Dialogues() {
		var a, b string
		for _, t := range dialogue {
			if t.Dir == decoders.AtoB {
				a += t.Data
			} else {
				b += t.Data
			}
		}
		f.Add(a, b, uint16(len(a)/2), false)
		f.Add(a, b, uint16(7), true)
	}
	f.Fuzz(func(t *testing.T, a, b string, at uint16, mid bool) {
		cut := min(int(at), len(a))
		h := decoders.Hint{Transport: decoders.TCP, Midway: mid}
		dialogue := []decodertest.Turn{
			decodertest.A(a[:cut]), decodertest.B(b), decodertest.A(a[cut:]), decodertest.EndA(), decodertest.EndB(),
		}
		for _, d := range List() {
			decodertest.Quick(t, d, h, dialogue, uint64(at))
			decodertest.Verdicts(t, d, dialogue)
		}
	})
}
