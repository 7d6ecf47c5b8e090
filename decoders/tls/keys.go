package tls

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"encoding/binary"

	"golang.org/x/crypto/chacha20poly1305"
)

// opener decrypts the records of one direction under one key.
type opener struct {
	aead     cipher.AEAD
	iv       [12]byte // TLS 1.2 with GCM and CCM: its first four bytes
	explicit int      // bytes of the nonce that stand in the record
	is13     bool
}

// open decrypts a record as the seq-th of its key. typ is the true content
// type.
func (o *opener) open(r record, seq uint64) (typ byte, data []byte, ok bool) {
	b := r.payload()
	if len(b) < o.explicit+o.aead.Overhead() {
		return 0, nil, false
	}
	nonce := o.iv
	var count [8]byte
	binary.BigEndian.PutUint64(count[:], seq)
	if o.explicit > 0 {
		copy(nonce[4:], b[:o.explicit])
		b = b[o.explicit:]
	} else {
		for i, c := range count {
			nonce[4+i] ^= c
		}
	}
	var extra []byte
	if o.is13 {
		extra = r.raw[:headerLen]
	} else {
		extra = append(append(make([]byte, 0, 13), count[:]...), r.raw[:3]...)
		extra = binary.BigEndian.AppendUint16(extra, uint16(len(b)-o.aead.Overhead()))
	}
	data, err := o.aead.Open(nil, nonce[:], b, extra)
	if err != nil {
		return 0, nil, false
	}
	if !o.is13 {
		return r.typ(), data, true
	}
	// Zeros may follow the content type, as padding (RFC 8446 §5.4).
	n := len(data)
	for n > 0 && data[n-1] == 0 {
		n--
	}
	if n == 0 {
		return typeData, nil, true
	}
	return data[n-1], data[:n-1], true
}

// newAEAD makes the cipher of a suite; nil if the key does not fit.
func newAEAD(kind cipherKind, key []byte) cipher.AEAD {
	if kind == chacha {
		a, err := chacha20poly1305.New(key)
		if err != nil {
			return nil
		}
		return a
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil
	}
	switch kind {
	case aesGCM:
		a, err := cipher.NewGCM(block)
		if err != nil {
			return nil
		}
		return a
	case aesCCM:
		return &ccm{block: block, tag: 16}
	case aesCCM8:
		return &ccm{block: block, tag: 8}
	}
	return nil
}

// opener13 derives the keys of a traffic secret (RFC 8446 §7.3).
func opener13(s *suite, secret []byte) *opener {
	if s == nil || !s.is13 || s.kind == otherCipher {
		return nil
	}
	o := &opener{aead: newAEAD(s.kind, expandLabel(s.hash, secret, "key", s.keyLen)), is13: true}
	if o.aead == nil {
		return nil
	}
	copy(o.iv[:], expandLabel(s.hash, secret, "iv", len(o.iv)))
	return o
}

// nextSecret is the traffic secret after an update (RFC 8446 §7.2).
func nextSecret(s *suite, secret []byte) []byte {
	return expandLabel(s.hash, secret, "traffic upd", s.hash.Size())
}

// earlyOpeners are the keys that 0-RTT data may have before the server has
// confirmed the suite: the secret's length tells only the hash.
func earlyOpeners(secret []byte) (list []*opener) {
	for _, id := range []uint16{0x1301, 0x1302, 0x1303, 0x1304, 0x1305} {
		if s := suiteOf(id); s.hash.Size() == len(secret) {
			if o := opener13(s, secret); o != nil {
				list = append(list, o)
			}
		}
	}
	return list
}

// expandLabel is HKDF-Expand-Label without context (RFC 8446 §7.1).
func expandLabel(h crypto.Hash, secret []byte, label string, n int) []byte {
	info := binary.BigEndian.AppendUint16(nil, uint16(n))
	info = append(info, byte(len("tls13 ")+len(label)))
	info = append(info, "tls13 "+label...)
	info = append(info, 0)
	out, err := hkdf.Expand(h.New, secret, string(info), n)
	if err != nil {
		return nil
	}
	return out
}

// opener12 derives the keys of a master secret (RFC 5246 §6.3).
func opener12(q *params, master []byte, client bool) *opener {
	s := q.suite
	if q.version != tls12 || s.is13 || len(master) != 48 {
		return nil
	}
	ivLen, explicit := 4, 8 // RFC 5288 §3
	if s.kind == chacha {
		ivLen, explicit = 12, 0 // RFC 7905 §2
	}
	seed := append(append([]byte(nil), q.server[:]...), q.client[:]...)
	block := prf(s.hash, master, "key expansion", seed, 2*(s.keyLen+ivLen))
	key, iv := block[:s.keyLen], block[2*s.keyLen:][:ivLen]
	if !client {
		key, iv = block[s.keyLen:2*s.keyLen], block[2*s.keyLen+ivLen:]
	}
	o := &opener{aead: newAEAD(s.kind, key), explicit: explicit}
	if o.aead == nil {
		return nil
	}
	copy(o.iv[:], iv)
	return o
}

// prf is the pseudorandom function of TLS 1.2 (RFC 5246 §5).
func prf(h crypto.Hash, secret []byte, label string, seed []byte, n int) []byte {
	seed = append([]byte(label), seed...)
	sum := func(parts ...[]byte) []byte {
		m := hmac.New(h.New, secret)
		for _, p := range parts {
			m.Write(p)
		}
		return m.Sum(nil)
	}
	var out []byte
	for a := sum(seed); len(out) < n; a = sum(a) {
		out = append(out, sum(a, seed)...)
	}
	return out[:n]
}
