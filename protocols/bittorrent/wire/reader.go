package wire

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// Limits bound the bodies of messages, in bytes with the type's byte. Whatever
// is longer is an error before anything is allocated for it.
type Limits struct {
	Piece    int // 0: as long as MaxRequest allows
	Bitfield int // 0: 256 KiB, two million pieces
	Extended int // 0: 64 KiB
	Other    int // unknown types; 0: 64 KiB
}

// Max is the limit for a type.
func (l Limits) Max(t Type) int {
	or := func(n, d int) int {
		if n > 0 {
			return n
		}
		return d
	}
	switch t {
	case Piece:
		return or(l.Piece, 9+MaxRequest)
	case Bitfield:
		return or(l.Bitfield, 256<<10)
	case Extension:
		return or(l.Extended, 64<<10)
	}
	if t.Known() {
		return 13
	}
	return or(l.Other, 64<<10)
}

// TooLong says that a peer announces a message beyond a limit.
type TooLong struct {
	Type Type
	Len  uint32 // announced
	Max  int
}

// Error implements error.
func (e TooLong) Error() string {
	return fmt.Sprintf("a %s message of %d bytes is announced, at most %d are taken", e.Type, e.Len, e.Max)
}

// head checks a message's length and type.
func (l Limits) head(n uint32, t Type) error {
	if m := l.Max(t); int64(n) > int64(m) {
		return TooLong{t, n, m}
	}
	return nil
}

// Next reads the message at the beginning of b and how many bytes it takes. It
// fails with [ErrShort] while bytes are missing, and with the reason as soon as
// b cannot become a message. The bytes of a [LengthError] can be skipped: n
// counts them; with other errors n is 0. Data is a part of b.
func Next(b []byte, l Limits) (m Message, n int, err error) {
	if len(b) < 4 {
		return m, 0, ErrShort
	}
	size := binary.BigEndian.Uint32(b)
	if size == 0 {
		return Message{Type: KeepAlive}, 4, nil
	}
	if len(b) < 5 {
		return m, 0, ErrShort
	}
	if err := l.head(size, Type(b[4])); err != nil {
		return Message{Type: Type(b[4])}, 0, err
	}
	n = 4 + int(size)
	if len(b) < n {
		return m, 0, ErrShort
	}
	m, err = ParseBody(b[4:n:n])
	return m, n, err
}

// Reader reads a peer's messages.
type Reader struct {
	r      *bufio.Reader
	limits Limits
	buf    []byte
}

// NewReader reads from r, after the handshake.
func NewReader(r io.Reader, l Limits) *Reader {
	return &Reader{r: bufio.NewReaderSize(r, 4096), limits: l}
}

// SetLimits changes what is taken from now on.
func (r *Reader) SetLimits(l Limits) { r.limits = l }

// ReadHandshake reads a handshake; a wrong one fails at its first wrong byte.
func (r *Reader) ReadHandshake() (Handshake, error) {
	b := make([]byte, 0, HandshakeLen)
	for {
		h, err := ParseHandshake(b)
		if err != ErrShort {
			return h, err
		}
		n := max(1, min(r.r.Buffered(), HandshakeLen-len(b)))
		m, err := io.ReadFull(r.r, b[len(b):len(b)+n])
		if err != nil {
			return h, err
		}
		b = b[:len(b)+m]
	}
}

// Read reads one message. Its Data is valid until the next Read. The end of the
// stream between two messages is io.EOF, within one io.ErrUnexpectedEOF.
func (r *Reader) Read() (Message, error) {
	var head [5]byte
	if _, err := io.ReadFull(r.r, head[:4]); err != nil {
		return Message{}, err
	}
	size := binary.BigEndian.Uint32(head[:4])
	if size == 0 {
		return Message{Type: KeepAlive}, nil
	}
	t, err := r.r.ReadByte()
	if err != nil {
		return Message{}, unexpected(err)
	}
	if err := r.limits.head(size, Type(t)); err != nil {
		return Message{Type: Type(t)}, err
	}
	if cap(r.buf) < int(size) {
		r.buf = make([]byte, size)
	}
	b := r.buf[:size]
	b[0] = t
	if _, err := io.ReadFull(r.r, b[1:]); err != nil {
		return Message{}, unexpected(err)
	}
	return ParseBody(b)
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
