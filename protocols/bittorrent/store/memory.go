package store

import (
	"sync"

	"netscope/protocols/bittorrent/metainfo"
)

// Memory keeps pieces in memory.
type Memory struct {
	t       *metainfo.Torrent
	content []byte

	mu     sync.Mutex
	pieces [][]byte // what was written; nil: nothing yet, or content has it
	have   Bitfield
	count  int
	closed bool
}

var _ Store = (*Memory)(nil)

// NewMemory makes an empty store. content may be all of the torrent's bytes, one
// behind the other as the pieces are, or nil. With it the store lets its own
// copy of a verified piece go, which then is the same as content's: fifty lab
// hosts that have the whole file need one copy of it.
func NewMemory(t *metainfo.Torrent, content []byte) *Memory {
	if int64(len(content)) != t.Span() {
		content = nil
	}
	return &Memory{t: t, content: content, pieces: make([][]byte, t.NumPieces()), have: NewBitfield(t.NumPieces())}
}

// NewSeed makes a store that has all of content, which must be the torrent's;
// pieces with another hash are left out. It shares content.
func NewSeed(t *metainfo.Torrent, content []byte) *Memory {
	m := NewMemory(t, content)
	if m.content == nil {
		return m
	}
	for i := range t.NumPieces() {
		if t.VerifyPiece(i, m.shared(i)) {
			m.have.Set(i)
			m.count++
		}
	}
	return m
}

func (m *Memory) shared(i int) []byte {
	off := int64(i) * m.t.PieceLength
	return m.content[off : off+m.t.PieceLen(i)]
}

// Torrent is what the pieces belong to.
func (m *Memory) Torrent() *metainfo.Torrent { return m.t }

// ReadBlock fills b from a verified piece.
func (m *Memory) ReadBlock(b []byte, piece int, begin int64) error {
	if err := check(m.t, piece, begin, int64(len(b))); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.closed:
		return ErrClosed
	case !m.have.Has(piece):
		return ErrMissing
	case m.pieces[piece] != nil:
		copy(b, m.pieces[piece][begin:])
	default:
		copy(b, m.shared(piece)[begin:])
	}
	return nil
}

// WriteBlock keeps a part of a piece.
func (m *Memory) WriteBlock(b []byte, piece int, begin int64) error {
	if err := check(m.t, piece, begin, int64(len(b))); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	if m.have.Has(piece) {
		return nil
	}
	if m.pieces[piece] == nil {
		m.pieces[piece] = make([]byte, m.t.PieceLen(piece))
	}
	copy(m.pieces[piece][begin:], b)
	return nil
}

// Verify compares a piece with its hash. Writing waits meanwhile.
func (m *Memory) Verify(piece int) (bool, error) {
	if err := check(m.t, piece, 0, 0); err != nil {
		return false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.closed:
		return false, ErrClosed
	case m.have.Has(piece):
		return true, nil
	case m.pieces[piece] == nil || !m.t.VerifyPiece(piece, m.pieces[piece]):
		return false, nil
	}
	m.add(piece)
	return true, nil
}

// add notes that a piece is verified.
func (m *Memory) add(piece int) {
	m.have.Set(piece)
	m.count++
	if m.content != nil && m.t.VerifyPiece(piece, m.shared(piece)) {
		m.pieces[piece] = nil
	}
}

// WritePiece keeps a whole piece if its hash is right.
func (m *Memory) WritePiece(data []byte, piece int) error {
	if err := check(m.t, piece, 0, 0); err != nil {
		return err
	}
	if !m.t.VerifyPiece(piece, data) {
		return ErrHash
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	if !m.have.Has(piece) {
		m.pieces[piece] = append([]byte(nil), data...)
		m.add(piece)
	}
	return nil
}

// Has says whether a piece is verified.
func (m *Memory) Has(piece int) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.have.Has(piece)
}

// Have is a copy of the set of verified pieces.
func (m *Memory) Have() Bitfield {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append(Bitfield(nil), m.have...)
}

// Complete says whether all pieces are verified.
func (m *Memory) Complete() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.count == m.t.NumPieces()
}

// Close lets the memory go.
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed, m.pieces, m.content = true, nil, nil
	return nil
}
