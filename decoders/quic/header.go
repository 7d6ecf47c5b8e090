package quic

import (
	"encoding/binary"
	"errors"
)

// packetType is the type of a packet. The first four are numbered as in
// version 1 (RFC 9000 §17.2).
type packetType uint8

const (
	initial packetType = iota
	zeroRTT
	handshake
	retry
	oneRTT
	negotiation
)

// String is the name of the type.
func (t packetType) String() string {
	return [...]string{"Initial", "0-RTT", "Handshake", "Retry", "1-RTT", "Version Negotiation"}[t%6]
}

// space is the packet number space (RFC 9000 §12.3): 0-RTT and 1-RTT share one.
func (t packetType) space() int {
	switch t {
	case initial:
		return 0
	case handshake:
		return 1
	}
	return 2
}

// maxCID is the longest connection ID of the known versions (RFC 9000 §17.2).
const maxCID = 20

// header is what can be read of a packet without keys.
type header struct {
	kind      packetType
	first     byte
	long      bool
	known     bool // the version is known, so that the type is
	version   uint32
	dcid      []byte
	scid      []byte
	token     []byte   // of Initial and Retry
	length    int      // the Length field of long headers
	supported []uint32 // of Version Negotiation
	tag       []byte   // of Retry
	pnOff     int      // where the packet number starts
	end       int      // where the packet ends in the datagram
	cut       bool     // it goes on beyond the bytes that are there
}

var (
	errShortHeader = errors.New("the header is cut short (RFC 9000 §17)")
	errCID         = errors.New("a connection ID is longer than 20 bytes (RFC 9000 §17.2)")
	errVersion     = errors.New("a version that netscope does not know: nothing beyond the connection IDs can be read (RFC 8999 §5.1)")
)

// parseLong reads a long header (RFC 9000 §17.2) off the front of a datagram's
// rest.
func parseLong(b []byte) (h header, err error) {
	r := &reader{b: b}
	h.first, h.long = byte(r.uint(1)), true
	h.version = uint32(r.uint(4))
	h.dcid = r.take(r.uint(1))
	h.scid = r.take(r.uint(1))
	h.end = len(b)
	if r.short {
		return h, errShortHeader
	}
	if h.version == 0 {
		h.kind, h.known = negotiation, true
		for r.left() >= 4 {
			h.supported = append(h.supported, uint32(r.uint(4)))
		}
		if r.left() > 0 || len(h.supported) == 0 {
			return h, errors.New("the list of versions is empty or not a multiple of four bytes (RFC 9000 §17.2.1)")
		}
		return h, nil
	}
	v, ok := lookup(h.version)
	if !ok {
		return h, errVersion
	}
	if len(h.dcid) > maxCID || len(h.scid) > maxCID {
		return h, errCID
	}
	h.kind, h.known = v.kind(h.first>>4&3), true
	switch h.kind {
	case retry:
		if r.left() < retryTagLen {
			return h, errShortHeader
		}
		h.token = r.take(uint64(r.left() - retryTagLen))
		h.tag = r.take(retryTagLen)
		return h, nil
	case initial:
		h.token = r.take(r.varint())
	}
	length := r.varint()
	if r.short {
		return h, errShortHeader
	}
	h.pnOff = r.off
	if length > uint64(r.left()) {
		h.cut = true
		h.length = int(min(length, 1<<30))
		return h, errors.New("its Length field goes beyond the end of the datagram, or the capture cuts it (RFC 9000 §17.2)")
	}
	h.length = int(length)
	h.end = r.off + h.length
	return h, nil
}

// parseShort reads a short header (RFC 9000 §17.3), whose connection ID has n
// bytes.
func parseShort(b []byte, n int) (h header, err error) {
	r := &reader{b: b}
	h.kind, h.known, h.end = oneRTT, true, len(b)
	h.first = byte(r.uint(1))
	h.dcid = r.take(uint64(n))
	h.pnOff = r.off
	if r.short {
		return h, errShortHeader
	}
	return h, nil
}

// packetNumber restores a packet number from its last bytes and the largest
// number seen so far, -1 if none (RFC 9000 app. A.3).
func packetNumber(largest int64, truncated uint64, n int) int64 {
	expected := largest + 1
	win := int64(1) << (8 * n)
	pn := expected&^(win-1) | int64(truncated)
	switch {
	case pn <= expected-win/2 && pn < 1<<62-win:
		return pn + win
	case pn > expected+win/2 && pn >= win:
		return pn - win
	}
	return pn
}

// isLong reports a long header.
func isLong(b []byte) bool { return len(b) > 0 && b[0]&0x80 != 0 }

// versionOf is the version of a long header, 0 if there is none.
func versionOf(b []byte) uint32 {
	if len(b) < 5 {
		return 0
	}
	return binary.BigEndian.Uint32(b[1:])
}
