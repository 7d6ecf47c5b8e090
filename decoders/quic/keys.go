package quic

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"hash"

	"golang.org/x/crypto/chacha20"
	"golang.org/x/crypto/chacha20poly1305"
)

// suite is a TLS 1.3 cipher suite (RFC 8446 app. B.4).
type suite uint16

const (
	aes128gcm  suite = 0x1301
	aes256gcm  suite = 0x1302
	chachaPoly suite = 0x1303
)

// String is the registered name.
func (s suite) String() string {
	switch s {
	case aes128gcm:
		return "TLS_AES_128_GCM_SHA256"
	case aes256gcm:
		return "TLS_AES_256_GCM_SHA384"
	case chachaPoly:
		return "TLS_CHACHA20_POLY1305_SHA256"
	}
	return "a cipher suite that netscope does not know"
}

func (s suite) hash() func() hash.Hash {
	if s == aes256gcm {
		return sha512.New384
	}
	return sha256.New
}

func (s suite) keyLen() int {
	if s == aes128gcm {
		return 16
	}
	return 32
}

// candidates are the suites that a secret of this length can be for. Before the
// ServerHello has been seen, trial decryption finds which.
func candidates(secret []byte) []suite {
	switch len(secret) {
	case 32:
		return []suite{aes128gcm, chachaPoly}
	case 48:
		return []suite{aes256gcm}
	}
	return nil
}

// keys protect the packets of one direction at one encryption level. They are
// never changed after they have been made.
type keys struct {
	suite  suite
	label  string // of the version
	secret []byte
	aead   cipher.AEAD
	iv     []byte
	mask   func(sample []byte) [5]byte // for header protection
}

// newKeys derives keys from a secret (RFC 9001 §5.1); nil if that is not
// possible.
func newKeys(s suite, label string, secret []byte) *keys {
	k := &keys{suite: s, label: label, secret: secret}
	k.iv = expand(s, secret, label+"iv", 12)
	k.aead = aeadOf(s, expand(s, secret, label+"key", s.keyLen()))
	k.mask = maskOf(s, expand(s, secret, label+"hp", s.keyLen()))
	if k.aead == nil || k.mask == nil || k.iv == nil {
		return nil
	}
	return k
}

// next are the keys after a key update; header protection stays (RFC 9001 §6).
func (k *keys) next() *keys {
	n := newKeys(k.suite, k.label, expand(k.suite, k.secret, k.label+"ku", len(k.secret)))
	if n != nil {
		n.mask = k.mask
	}
	return n
}

// open decrypts a payload. head is the packet up to the payload, its protection
// removed.
func (k *keys) open(pn int64, head, payload []byte) ([]byte, bool) {
	var nonce [12]byte
	binary.BigEndian.PutUint64(nonce[4:], uint64(pn))
	for i := range nonce {
		nonce[i] ^= k.iv[i]
	}
	plain, err := k.aead.Open(nil, nonce[:], payload, head)
	return plain, err == nil
}

// initialKeys are those of both directions, made from the destination
// connection ID of the client's first Initial packet (RFC 9001 §5.2).
func initialKeys(v version, dcid []byte) (client, server *keys) {
	secret, err := hkdf.Extract(sha256.New, dcid, unhex(v.salt))
	if err != nil {
		return nil, nil
	}
	return newKeys(aes128gcm, v.label, expand(aes128gcm, secret, "client in", 32)),
		newKeys(aes128gcm, v.label, expand(aes128gcm, secret, "server in", 32))
}

// expand is HKDF-Expand-Label of TLS 1.3 with an empty context (RFC 8446 §7.1).
func expand(s suite, secret []byte, label string, n int) []byte {
	info := []byte{byte(n >> 8), byte(n), byte(len("tls13 ") + len(label))}
	info = append(info, "tls13 "+label+"\x00"...)
	out, err := hkdf.Expand(s.hash(), secret, string(info), n)
	if err != nil {
		return nil
	}
	return out
}

func aeadOf(s suite, key []byte) cipher.AEAD {
	if s == chachaPoly {
		a, _ := chacha20poly1305.New(key)
		return a
	}
	b, err := aes.NewCipher(key)
	if err != nil {
		return nil
	}
	a, _ := cipher.NewGCM(b)
	return a
}

// maskOf makes header protection masks (RFC 9001 §5.4.3, §5.4.4).
func maskOf(s suite, key []byte) func([]byte) [5]byte {
	if s == chachaPoly {
		return func(sample []byte) (m [5]byte) {
			c, err := chacha20.NewUnauthenticatedCipher(key, sample[4:16])
			if err != nil {
				return m
			}
			c.SetCounter(binary.LittleEndian.Uint32(sample))
			c.XORKeyStream(m[:], m[:])
			return m
		}
	}
	b, err := aes.NewCipher(key)
	if err != nil {
		return nil
	}
	return func(sample []byte) (m [5]byte) {
		var out [16]byte
		b.Encrypt(out[:], sample[:16])
		copy(m[:], out[:])
		return m
	}
}
