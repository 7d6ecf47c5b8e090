package dnssec

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/miekg/dns"
)

// Algorithm is how a zone signs (RFC 8624).
type Algorithm uint8

// The algorithms. Both have signatures of 64 bytes.
const (
	ECDSA   Algorithm = Algorithm(dns.ECDSAP256SHA256) // P-256 with SHA-256, RFC 6605
	Ed25519 Algorithm = Algorithm(dns.ED25519)         // RFC 8080
)

// Key is a key of a zone with its secret half.
type Key struct {
	Public *dns.DNSKEY
	signer crypto.Signer
}

// Keys are what a zone signs with: a key-signing key, to which the parent's DS
// record points, and a zone-signing key (RFC 4033 §2).
type Keys struct{ KSK, ZSK Key }

// keyTTL is the TTL of keys and DS records in seconds.
const keyTTL = 3600

// NewKeys makes the keys of a zone from random numbers.
func NewKeys(origin string, a Algorithm, r *rand.Rand) (Keys, error) {
	ksk, err := newKey(origin, dns.ZONE|dns.SEP, a, r)
	if err != nil {
		return Keys{}, err
	}
	zsk, err := newKey(origin, dns.ZONE, a, r)
	return Keys{ksk, zsk}, err
}

func newKey(origin string, flags uint16, a Algorithm, r *rand.Rand) (Key, error) {
	k := Key{Public: &dns.DNSKEY{
		Hdr:   dns.RR_Header{Name: dns.CanonicalName(origin), Rrtype: dns.TypeDNSKEY, Class: dns.ClassINET, Ttl: keyTTL},
		Flags: flags, Protocol: 3, Algorithm: uint8(a),
	}}
	var public []byte
	switch a {
	case Ed25519:
		s := ed25519.NewKeyFromSeed(draw(r))
		p, _ := s.Public().(ed25519.PublicKey)
		public, k.signer = p, s
	case ECDSA:
		s, err := ecdsaKey(r)
		if err != nil {
			return Key{}, err
		}
		point, err := s.PublicKey.Bytes()
		if err != nil {
			return Key{}, fmt.Errorf("the key for %s cannot be written: %w", origin, err)
		}
		public, k.signer = point[1:], steady{s} // RFC 6605 §4 has no leading 04
	default:
		return Key{}, fmt.Errorf("there is no way to sign with algorithm %d: choose ECDSA P-256 or Ed25519", a)
	}
	k.Public.PublicKey = base64.StdEncoding.EncodeToString(public)
	return k, nil
}

// ecdsaKey draws until the number is a key: all but about one in 2³² are.
func ecdsaKey(r *rand.Rand) (*ecdsa.PrivateKey, error) {
	var err error
	for range 8 {
		var s *ecdsa.PrivateKey
		if s, err = ecdsa.ParseRawPrivateKey(elliptic.P256(), draw(r)); err == nil {
			return s, nil
		}
	}
	return nil, fmt.Errorf("no key for P-256 could be drawn: %w", err)
}

func draw(r *rand.Rand) []byte {
	b := make([]byte, 32)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// steady signs the same with the same signature (RFC 6979), whatever random
// source it is given.
type steady struct{ *ecdsa.PrivateKey }

// Sign implements crypto.Signer.
func (s steady) Sign(_ io.Reader, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	return s.PrivateKey.Sign(nil, digest, o)
}

// DS is the record by which the parent's zone vouches for these keys
// (RFC 4034 §5), with SHA-256.
func (k Keys) DS() *dns.DS {
	ds := k.KSK.Public.ToDS(dns.SHA256)
	ds.Hdr.Ttl = keyTTL
	return ds
}

// Anchor is the record that a resolver trusts: the public half of the
// key-signing key.
func (k Keys) Anchor() *dns.DNSKEY { return k.KSK.Public }
