package tls

import (
	"crypto"
	_ "crypto/sha256" // the hashes of [suite]
	_ "crypto/sha512"
	"fmt"
	"sort"
	"strings"
)

// cipherKind is how a suite protects records.
type cipherKind uint8

const (
	otherCipher cipherKind = iota // CBC, streams, none: no AEAD
	aesGCM
	aesCCM
	aesCCM8 // with a short tag
	chacha
)

// suite is what a cipher suite's name says.
type suite struct {
	id     uint16
	name   string // with TLS_
	kind   cipherKind
	keyLen int         // bytes
	hash   crypto.Hash // of the key derivation
	is13   bool        // for TLS 1.3 only
	rsa    bool        // the key exchange is RSA encryption
}

// suiteName is the registered name of a suite, or its number.
func suiteName(id uint16) string {
	if isGrease(id) {
		return "GREASE"
	}
	i := sort.Search(len(suiteNames), func(i int) bool { return suiteNames[i].id >= id })
	if i < len(suiteNames) && suiteNames[i].id == id {
		return "TLS_" + suiteNames[i].name
	}
	return fmt.Sprintf("unknown (%#04x)", id)
}

// suiteOf describes a suite; nil if it is not known.
func suiteOf(id uint16) *suite {
	name := suiteName(id)
	if !strings.HasPrefix(name, "TLS_") {
		return nil
	}
	s := &suite{id: id, name: name, hash: crypto.SHA256, is13: id>>8 == 0x13, rsa: strings.HasPrefix(name, "TLS_RSA_WITH")}
	if strings.HasSuffix(name, "SHA384") {
		s.hash = crypto.SHA384
	}
	switch {
	case strings.Contains(name, "CHACHA20_POLY1305") && id>>8 != 0xcc || id >= 0xcca8 && id <= 0xccae:
		s.kind, s.keyLen = chacha, 32 // those from 0xcc13 to 0xcc15 are a draft with another nonce
	case strings.Contains(name, "_AES_") && strings.Contains(name, "_GCM"):
		s.kind = aesGCM
	case strings.Contains(name, "_AES_") && strings.Contains(name, "_CCM_8"):
		s.kind = aesCCM8
	case strings.Contains(name, "_AES_") && strings.Contains(name, "_CCM"):
		s.kind = aesCCM
	}
	if s.kind != chacha && s.kind != otherCipher {
		s.keyLen = 16
		if strings.Contains(name, "_256_") {
			s.keyLen = 32
		}
	}
	return s
}
