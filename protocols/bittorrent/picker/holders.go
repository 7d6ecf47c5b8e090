package picker

// holders knows which slots have which piece: a set of slots for each piece,
// all in one block of memory, since what is asked most is who has this one.
type holders struct {
	words int // of a set
	bits  []uint64
}

// room makes place for so many slots.
func (h *holders) room(slots, pieces int) {
	if slots <= 64*h.words {
		return
	}
	words := max(1, 2*h.words)
	bits := make([]uint64, words*pieces)
	for i := range pieces {
		copy(bits[i*words:], h.bits[i*h.words:(i+1)*h.words])
	}
	h.words, h.bits = words, bits
}

func (h *holders) has(piece, slot int) bool {
	return h.bits[piece*h.words+slot>>6]&(1<<(slot&63)) != 0
}

func (h *holders) add(piece, slot int) { h.bits[piece*h.words+slot>>6] |= 1 << (slot & 63) }

func (h *holders) remove(piece, slot int) { h.bits[piece*h.words+slot>>6] &^= 1 << (slot & 63) }

// of gives the set of a piece.
func (h *holders) of(piece int) []uint64 { return h.bits[piece*h.words : (piece+1)*h.words] }
