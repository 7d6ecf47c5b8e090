package quic

import (
	"encoding/hex"
	"fmt"
)

// Versions that netscope can read.
const (
	version1 = 0x00000001
	version2 = 0x6b3343cf // RFC 9369
	draft29  = 0xff00001d
	draft32  = 0xff000020
	draft33  = 0xff000021
	draft34  = 0xff000022
)

// version is what differs between versions: salts, labels, and the numbers of
// the packet types.
type version struct {
	id         uint32
	salt       string // for Initial secrets, hexadecimal (RFC 9001 §5.2)
	label      string // before "key", "iv", "hp", "ku"
	retryKey   string // for the integrity tag of Retry (RFC 9001 §5.8)
	retryNonce string
	second     bool // the types are numbered as in RFC 9369 §3.2
}

// lookup finds a version. Drafts 33 and 34 were version 1 under another number.
func lookup(id uint32) (version, bool) {
	v := version{id: id, label: "quic "}
	switch {
	case id == version2:
		v.second, v.label = true, "quicv2 "
		v.salt = "0dede3def700a6db819381be6e269dcbf9bd2ed9"
		v.retryKey, v.retryNonce = "8fb4b01b56ac48e260fbcbcead7ccc92", "d86969bc2d7c6d9990efb04a"
	case id == version1 || id == draft33 || id == draft34:
		v.salt = "38762cf7f55934b34d179ae6a4c80cadccbb7f0a"
		v.retryKey, v.retryNonce = "be0c690b9f66575a1d766b54e368c84e", "461599d35d632bf2239825bb"
	case id >= draft29 && id <= draft32:
		v.salt = "afbfec289993d24c9e9786f19c6111e04390a899"
		v.retryKey, v.retryNonce = "ccce187ed09a09d05728155a6cb96be1", "e54930f97f2136f0530a8c1c"
	default:
		return v, false
	}
	return v, true
}

// kind is the packet type that a version gives a number (RFC 9000 §17.2, RFC
// 9369 §3.2).
func (v version) kind(bits byte) packetType {
	if v.second {
		bits--
	}
	return packetType(bits & 3)
}

// name is a version for people.
func versionName(id uint32) string {
	switch {
	case id == version1:
		return "1"
	case id == version2:
		return "2"
	case id>>8 == 0xff0000:
		return fmt.Sprintf("draft-%d", id&0xff)
	case id&0x0f0f0f0f == 0x0a0a0a0a:
		return fmt.Sprintf("0x%08x (reserved, to exercise negotiation)", id)
	}
	return fmt.Sprintf("0x%08x", id)
}

// unhex reads a constant of this file.
func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		return nil
	}
	return b
}

// VersionName is a version for people: "1", "draft-29".
func VersionName(id uint32) string { return versionName(id) }
