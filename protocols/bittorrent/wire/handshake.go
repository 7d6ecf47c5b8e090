package wire

import (
	"bytes"
	"errors"
)

// Protocol is what a handshake begins with, after its length (BEP 3).
const Protocol = "BitTorrent protocol"

// HandshakeLen is the length of a handshake in bytes.
const HandshakeLen = 1 + len(Protocol) + 8 + 20 + 20

// ErrShort says that the bytes so far are the beginning of something longer.
var ErrShort = errors.New("more bytes are needed")

// ErrProtocol says that a handshake is not BitTorrent's.
var ErrProtocol = errors.New("the handshake does not begin with 19 and \"BitTorrent protocol\" (BEP 3)")

// Handshake is what both sides send first.
type Handshake struct {
	Reserved [8]byte
	InfoHash [20]byte
	PeerID   [20]byte
}

// Bit is one of the 64 reserved bits, counted from the last one.
type Bit uint8

// Reserved bits in use.
const (
	DHT      Bit = 0  // the peer has a DHT node (BEP 5)
	Fast     Bit = 2  // fast extension (BEP 6)
	V2       Bit = 4  // upgrade to a v2 torrent is understood (BEP 52)
	Extended Bit = 20 // extension protocol (BEP 10)
)

// Has reports whether a reserved bit is set.
func (h Handshake) Has(b Bit) bool { return b < 64 && h.Reserved[7-b/8]&(1<<(b%8)) != 0 }

// Set sets a reserved bit.
func (h *Handshake) Set(b Bit) {
	if b < 64 {
		h.Reserved[7-b/8] |= 1 << (b % 8)
	}
}

// Append appends the 68 bytes of the handshake.
func (h Handshake) Append(dst []byte) []byte {
	dst = append(dst, byte(len(Protocol)))
	dst = append(dst, Protocol...)
	dst = append(dst, h.Reserved[:]...)
	dst = append(dst, h.InfoHash[:]...)
	return append(dst, h.PeerID[:]...)
}

// ParseHandshake reads the handshake at the beginning of b. It fails with
// [ErrProtocol] as soon as b cannot become one, and with [ErrShort] while it
// still can.
func ParseHandshake(b []byte) (Handshake, error) {
	var h Handshake
	want := append([]byte{byte(len(Protocol))}, Protocol...)
	if n := min(len(b), len(want)); !bytes.Equal(b[:n], want[:n]) {
		return h, ErrProtocol
	}
	if len(b) < HandshakeLen {
		return h, ErrShort
	}
	b = b[len(want):]
	copy(h.Reserved[:], b)
	copy(h.InfoHash[:], b[8:])
	copy(h.PeerID[:], b[28:])
	return h, nil
}
