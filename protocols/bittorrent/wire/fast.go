package wire

import (
	"crypto/sha1"
	"encoding/binary"
	"net/netip"
	"slices"
)

// maxFast bounds a set: one peer is given few pieces.
const maxFast = 64

// AllowedFastSet is the k pieces that a peer at ip may ask for while it is
// choked, of n pieces, in the order in which BEP 6 generates them. The address
// is IPv4; BEP 6 has no set for others, so theirs is empty.
func AllowedFastSet(ip netip.Addr, infoHash [20]byte, n uint32, k int) []uint32 {
	ip = ip.Unmap()
	if !ip.Is4() || n == 0 || k <= 0 {
		return nil
	}
	k = min(k, int(min(n, maxFast)))
	a := ip.As4()
	a[3] = 0 // neighbours get the same set
	x := append(a[:], infoHash[:]...)
	var set []uint32
	for {
		sum := sha1.Sum(x)
		for i := 0; i < 20; i += 4 {
			index := binary.BigEndian.Uint32(sum[i:]) % n
			if !slices.Contains(set, index) {
				set = append(set, index)
			}
			if len(set) == k {
				return set
			}
		}
		x = sum[:]
	}
}
