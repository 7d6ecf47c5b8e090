// Package tracker says what peers and trackers tell each other, as bytes and
// as structs: announces and scrapes over HTTP (BEP 3, 7, 23, 48) and over UDP
// (BEP 15, with BEP 41's options).
//
// The package is pure: no sockets, no clock. Package announce is the client
// and package server the tracker that use it; a decoder uses it as well.
package tracker

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"time"
)

// Hash is a torrent's info-hash: SHA-1 of its info dictionary (BEP 3), or the
// first 20 bytes of the SHA-256 (BEP 52).
type Hash [20]byte

// PeerID is what a peer calls itself.
type PeerID [20]byte

// Peer is one peer as a tracker tells of it.
type Peer struct {
	ID   PeerID         // zero where the form has none (compact, UDP)
	Addr netip.AddrPort // the address is invalid if the tracker gave a name
	Host string         // the name instead of an address, "" usually (BEP 3 allows it)
}

// MaxPeers is how many peers of one answer are read; more are left out.
const MaxPeers = 4096

// MaxInterval is the longest interval that is believed.
const MaxInterval = 24 * time.Hour

const (
	compact4 = 4 + 2
	compact6 = 16 + 2
)

var errCompact = errors.New("the compact peers are not a whole number of addresses")

// parseCompact reads 6-byte (BEP 23) or 18-byte (BEP 7) peers.
func parseCompact(b []byte, size int) ([]Peer, error) {
	if len(b)%size != 0 {
		return nil, errCompact
	}
	n := min(len(b)/size, MaxPeers)
	if n == 0 {
		return nil, nil
	}
	out := make([]Peer, n)
	for i := range out {
		p := b[i*size : (i+1)*size]
		addr, _ := netip.AddrFromSlice(p[:size-2])
		out[i].Addr = netip.AddrPortFrom(addr, binary.BigEndian.Uint16(p[size-2:]))
	}
	return out, nil
}

// appendCompact appends the peers of one family; the others are left out.
func appendCompact(dst []byte, peers []Peer, v6 bool) []byte {
	for _, p := range peers {
		a := p.Addr.Addr().Unmap()
		if !a.IsValid() || a.Is6() != v6 {
			continue
		}
		dst = append(dst, a.AsSlice()...)
		dst = binary.BigEndian.AppendUint16(dst, p.Addr.Port())
	}
	return dst
}

// seconds makes a duration of a tracker's number, within what is believed.
func seconds(n int64) time.Duration {
	if n <= 0 {
		return 0
	}
	if n > int64(MaxInterval/time.Second) {
		return MaxInterval
	}
	return time.Duration(n) * time.Second
}
