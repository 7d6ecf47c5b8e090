package netlab

import (
	"hash/fnv"
	"math/rand/v2"
	"sync"
)

// stream is a random stream that depends on the seed and its name alone, so
// that one user's draws never shift another's.
func stream(seed uint64, name string) *rand.Rand { return rand.New(source64(seed, name)) }

func source64(seed uint64, name string) *rand.PCG {
	h := fnv.New64a()
	h.Write([]byte(name))
	return rand.NewPCG(seed, h.Sum64())
}

// stackRandom is all randomness of one TCP/IP stack: the source of math/rand
// and the reader of "secure" bytes that gVisor asks for. Both are safe for use
// by several goroutines, as gVisor demands.
type stackRandom struct {
	mu sync.Mutex
	r  *rand.PCG
}

func newStackRandom(seed uint64, name string) *stackRandom {
	return &stackRandom{r: source64(seed, name)}
}

// Int63 implements math/rand.Source.
func (s *stackRandom) Int63() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int64(s.r.Uint64() >> 1)
}

// Seed implements math/rand.Source; a run has one seed.
func (s *stackRandom) Seed(int64) {}

// Read fills p.
func (s *stackRandom) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := 0; i < len(p); i += 8 {
		v := s.r.Uint64()
		for j := i; j < len(p) && j < i+8; j++ {
			p[j] = byte(v)
			v >>= 8
		}
	}
	return len(p), nil
}
