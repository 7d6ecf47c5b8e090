package metainfo

import (
	"crypto/sha1"
	"crypto/sha256"
)

// Matches says whether an info dictionary is the one that a link names.
func (m Magnet) Matches(info []byte) bool {
	if m.HasV1 && sha1.Sum(info) != m.InfoHash {
		return false
	}
	if m.HasV2 && sha256.Sum256(info) != m.HashV2 {
		return false
	}
	return m.HasV1 || m.HasV2
}
