package quic

import "crypto/subtle"

// retryTagLen is the length of the integrity tag at the end of a Retry packet.
const retryTagLen = 16

// retryTag is the integrity tag of a Retry packet that answers an Initial packet
// with this destination connection ID (RFC 9001 §5.8). b is the packet without
// its tag.
func retryTag(v version, odcid, b []byte) []byte {
	a := aeadOf(aes128gcm, unhex(v.retryKey))
	if a == nil {
		return nil
	}
	pseudo := append([]byte{byte(len(odcid))}, odcid...)
	return a.Seal(nil, unhex(v.retryNonce), nil, append(pseudo, b...))
}

// retryValid checks the integrity tag at the end of b.
func retryValid(v version, odcid, b []byte) bool {
	if len(b) < retryTagLen {
		return false
	}
	n := len(b) - retryTagLen
	return subtle.ConstantTimeCompare(retryTag(v, odcid, b[:n]), b[n:]) == 1
}
