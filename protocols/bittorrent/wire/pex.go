package wire

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"netscope/protocols/bittorrent/bencode"
)

// PexFlags says what the sender knows of a peer (BEP 11).
type PexFlags uint8

// Flags of a peer.
const (
	PexEncryption PexFlags = 1 << iota // prefers encryption
	PexSeed                            // seed, or wants no data
	PexUTP                             // speaks uTP
	PexHolepunch
	PexReachable // a connection to it has succeeded
)

// PexPeer is a peer that the sender has connected to.
type PexPeer struct {
	Addr  netip.AddrPort
	Flags PexFlags
}

// MaxPex is how many peers of each family are told at most as added and as
// dropped (BEP 11).
const MaxPex = 50

// Pex is the payload of a ut_pex message: what has changed since the last one.
type Pex struct {
	Added   []PexPeer
	Dropped []netip.AddrPort
}

// Append appends the payload.
func (p Pex) Append(dst []byte) []byte {
	var added, flags, dropped [2][]byte
	for _, a := range p.Added {
		f := family(a.Addr)
		added[f] = appendAddr(added[f], a.Addr)
		flags[f] = append(flags[f], byte(a.Flags))
	}
	for _, a := range p.Dropped {
		f := family(a)
		dropped[f] = appendAddr(dropped[f], a)
	}
	d := bencode.DictOf()
	for f, suffix := range []string{"", "6"} {
		if f == 0 || len(added[f])+len(dropped[f]) > 0 {
			d.Dict = append(d.Dict, bencode.KV("added"+suffix, bencode.Bytes(added[f])),
				bencode.KV("added"+suffix+".f", bencode.Bytes(flags[f])),
				bencode.KV("dropped"+suffix, bencode.Bytes(dropped[f])))
		}
	}
	return append(dst, bencode.Encode(d)...)
}

func family(a netip.AddrPort) int {
	if a.Addr().Unmap().Is4() {
		return 0
	}
	return 1
}

func appendAddr(dst []byte, a netip.AddrPort) []byte {
	return binary.BigEndian.AppendUint16(append(dst, a.Addr().Unmap().AsSlice()...), a.Port())
}

// ParsePex reads the payload of a ut_pex message. Peers beyond [MaxPex] of a
// family are left out.
func ParsePex(b []byte) (Pex, error) {
	var p Pex
	v, _, err := bencode.DecodePrefix(b, extLimits)
	if err != nil {
		return p, fmt.Errorf("the ut_pex message cannot be read: %w", err)
	}
	for _, f := range []struct {
		suffix string
		size   int
	}{{"", 4}, {"6", 16}} {
		flags, _ := v.Bytes("added" + f.suffix + ".f")
		list, _ := v.Bytes("added" + f.suffix)
		for i, a := range addrs(list, f.size) {
			peer := PexPeer{Addr: a}
			if i < len(flags) {
				peer.Flags = PexFlags(flags[i])
			}
			p.Added = append(p.Added, peer)
		}
		list, _ = v.Bytes("dropped" + f.suffix)
		p.Dropped = append(p.Dropped, addrs(list, f.size)...)
	}
	return p, nil
}

// addrs reads compact addresses; what is left over is not one.
func addrs(b []byte, size int) []netip.AddrPort {
	var out []netip.AddrPort
	for len(b) >= size+2 && len(out) < MaxPex {
		a, _ := netip.AddrFromSlice(b[:size])
		out = append(out, netip.AddrPortFrom(a, binary.BigEndian.Uint16(b[size:])))
		b = b[size+2:]
	}
	return out
}
