package run

import (
	"crypto/rand"
	"encoding/binary"
	mathrand "math/rand/v2"
	"sync"
)

// fixRandom makes what the protocols of a child draw from crypto/rand follow
// from the seed: QUIC's connection IDs and the packet numbers that it skips
// have lengths, and with them times, that would differ from run to run.
//
// It changes the whole process, so it is for a child in a bubble alone, whose
// only peer is itself. Keys are not touched: package crypto makes them from
// the operating system's randomness whatever this says, and they have one size.
func fixRandom(seed uint64) {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	rand.Reader = &fixed{r: mathrand.NewChaCha8(key)}
}

// fixed is a stream of bytes for several goroutines.
type fixed struct {
	mu sync.Mutex
	r  *mathrand.ChaCha8
}

// Read implements io.Reader.
func (f *fixed) Read(b []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.r.Read(b)
}
