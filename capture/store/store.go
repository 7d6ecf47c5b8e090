package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"netscope/capture"
)

// DefaultMemory is how much New keeps in memory if not told otherwise.
const DefaultMemory = 32 << 20

const chunkSize = 256 << 10

// Store is a sequence of bytes in chunks of equal size. One goroutine puts, any
// goroutine reads. It implements [capture.Store].
type Store struct {
	chunk int64 // bytes of a chunk
	keep  int   // chunks that stay in memory; the rest go to the file
	slots int64 // chunks that the file has room for, used in turn; 0: no limit

	mu     sync.RWMutex
	memory [][]byte // the first chunks
	tail   []byte   // the chunk being filled, once memory is full
	end    int64    // position after the last byte
	oldest int64    // position of the first byte that is still kept
	file   *os.File
	remove string // the file's name, if it could not be unlinked while open
	closed bool
}

var _ capture.Store = (*Store)(nil)

var errClosed = errors.New("the packet store is closed")

// New makes a store that keeps everything: the first maxMemory bytes in memory
// (0 means DefaultMemory), the rest in a temporary file.
func New(maxMemory int64) *Store {
	if maxMemory <= 0 {
		maxMemory = DefaultMemory
	}
	chunk := min(int64(chunkSize), maxMemory)
	return &Store{chunk: chunk, keep: int(maxMemory / chunk)}
}

// NewRing makes a store that keeps about the last maxBytes bytes, in a
// temporary file of that size, for captures without an end.
func NewRing(maxBytes int64) *Store {
	chunk := min(int64(chunkSize), max(maxBytes/8, 1))
	return &Store{chunk: chunk, slots: max(maxBytes/chunk, 2)}
}

// Put appends data. It copies them.
func (s *Store) Put(data []byte) (ref int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, errClosed
	}
	ref = s.end
	for len(data) > 0 {
		space, err := s.space()
		if err != nil {
			return 0, err
		}
		n := copy(space, data)
		data = data[n:]
		s.end += int64(n)
	}
	return ref, nil
}

// space is the unfilled part of the chunk at the end.
func (s *Store) space() ([]byte, error) {
	index, off := s.end/s.chunk, s.end%s.chunk
	if index < int64(s.keep) {
		if index == int64(len(s.memory)) {
			s.memory = append(s.memory, make([]byte, s.chunk))
		}
		return s.memory[index][off:], nil
	}
	if s.tail == nil {
		s.tail = make([]byte, s.chunk)
	} else if off == 0 {
		if err := s.spill(index - 1); err != nil {
			return nil, err
		}
	}
	return s.tail[off:], nil
}

// spill writes the full tail, chunk number index, to the file.
func (s *Store) spill(index int64) error {
	if s.file == nil {
		if err := s.create(); err != nil {
			return err
		}
	}
	if s.slots > 0 {
		// What is about to be overwritten must be known to be gone before:
		// readers look again after reading.
		s.oldest = max(s.oldest, (index-s.slots+1)*s.chunk)
	}
	if _, err := s.file.WriteAt(s.tail, s.place(index)); err != nil {
		return fmt.Errorf("packets cannot be kept in a temporary file: %w; set TMPDIR to a folder with more room", err)
	}
	return nil
}

// place is where a chunk stands in the file.
func (s *Store) place(index int64) int64 {
	index -= int64(s.keep)
	if s.slots > 0 {
		index %= s.slots
	}
	return index * s.chunk
}

// create opens the temporary file and unlinks it, so that nothing is left
// however the program ends. Where that is impossible Close removes it.
func (s *Store) create() error {
	f, err := os.CreateTemp("", "netscope-*.spool")
	if err != nil {
		return fmt.Errorf("packets cannot be kept in a temporary file: %w; set TMPDIR to a folder that can be written", err)
	}
	if os.Remove(f.Name()) != nil {
		s.remove = f.Name()
	}
	s.file = f
	return nil
}

// ReadAt fills buf with the bytes that were put at ref.
func (s *Store) ReadAt(buf []byte, ref int64) error {
	for len(buf) > 0 {
		n, err := s.read(buf, ref)
		if err != nil {
			return err
		}
		buf, ref = buf[n:], ref+int64(n)
	}
	return nil
}

// read fills the beginning of buf from one chunk.
func (s *Store) read(buf []byte, ref int64) (int, error) {
	s.mu.RLock()
	switch {
	case s.closed:
		s.mu.RUnlock()
		return 0, errClosed
	case ref < 0 || ref+int64(len(buf)) > s.end:
		s.mu.RUnlock()
		return 0, fmt.Errorf("the packet store has no %d bytes at %d", len(buf), ref)
	case ref < s.oldest:
		s.mu.RUnlock()
		return 0, capture.ErrEvicted
	}
	index, off := ref/s.chunk, ref%s.chunk
	n := int(min(int64(len(buf)), s.chunk-off))
	var from []byte
	if index < int64(len(s.memory)) {
		from = s.memory[index]
	} else if index == s.tailIndex() {
		from = s.tail
	}
	if from != nil {
		copy(buf[:n], from[off:])
		s.mu.RUnlock()
		return n, nil
	}
	file, at := s.file, s.place(index)+off
	s.mu.RUnlock()
	return n, s.pread(file, buf[:n], at, ref)
}

// tailIndex is the number of the chunk in tail. A chunk that has just been
// filled stays there until the next byte comes.
func (s *Store) tailIndex() int64 { return (s.end - 1) / s.chunk }

// pread reads from the file without holding up the goroutine that puts. In a
// ring it may have been overtaken meanwhile.
func (s *Store) pread(file *os.File, buf []byte, at, ref int64) error {
	_, err := file.ReadAt(buf, at)
	s.mu.RLock()
	defer s.mu.RUnlock()
	switch {
	case s.closed:
		return errClosed
	case ref < s.oldest:
		return capture.ErrEvicted
	case err == io.EOF:
		return io.ErrUnexpectedEOF
	case err != nil:
		return fmt.Errorf("packets cannot be read back from the temporary file: %w", err)
	}
	return nil
}

// Oldest is the smallest reference that can still be read.
func (s *Store) Oldest() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.oldest
}

// Size is the number of bytes put so far, those let go included.
func (s *Store) Size() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.end
}

// Close frees memory and the temporary file. It may be called twice.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	s.memory, s.tail = nil, nil
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if s.remove != "" {
		err = errors.Join(err, os.Remove(s.remove))
	}
	return err
}
