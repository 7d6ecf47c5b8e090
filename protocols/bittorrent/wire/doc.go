// Package wire is the BitTorrent peer wire protocol as bytes and as structs:
// the handshake and the messages of BEP 3, the fast extension (BEP 6), the
// extension protocol (BEP 10), metadata exchange (BEP 9) and peer exchange
// (BEP 11).
//
// It is pure: no input and output but an io.Reader, no clock, no state of a
// session. What a peer may send is bounded by [Limits] before anything is
// allocated. Names are those of the BEPs, which are tshark's too.
package wire

const (
	// BlockSize is how much one request asks for, in bytes (BEP 3).
	BlockSize = 16 << 10
	// MaxRequest is the longest request that is served, in bytes. BEP 3 calls
	// for closing on more than 16 KiB; some clients ask for 32 KiB or more.
	MaxRequest = 128 << 10
)
