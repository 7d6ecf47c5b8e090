package tls

import (
	"math/rand/v2"
	"testing"

	"netscope/decoders"
	"netscope/decoders/decodertest"
	"netscope/decoders/keylog"
)

// TestMutations damages a trace in many ways: whatever comes of it, cutting the
// streams changes nothing, and every message can be explained.
func TestMutations(t *testing.T) {
	var log keylog.Log
	log.Add([]byte(traceLog))
	var stream [2]string
	for _, turn := range trace(t) {
		stream[turn.Dir] += turn.Data
	}
	for seed := range uint64(150) {
		rng := rand.New(rand.NewPCG(seed, 4))
		a, b := []byte(stream[0]), []byte(stream[1])
		for range 1 + rng.IntN(6) {
			a[rng.IntN(len(a))] ^= byte(1 << rng.IntN(8))
			b[rng.IntN(len(b))] = byte(rng.IntN(256))
		}
		if rng.IntN(3) == 0 {
			i := rng.IntN(len(b))
			b = append(b[:i:i], b[rng.IntN(len(b)):]...)
		}
		cut := rng.IntN(len(a))
		decodertest.Quick(t, keyed{secrets: &log, out: &plaintext{}}, decoders.Hint{Transport: decoders.TCP, Midway: rng.IntN(3) == 0}, []decodertest.Turn{
			decodertest.A(string(a[:cut])), decodertest.B(string(b)), decodertest.A(string(a[cut:])), decodertest.EndA(), decodertest.EndB(),
		}, seed)
	}
}
