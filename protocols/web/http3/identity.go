package http3

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"time"

	quichttp3 "github.com/quic-go/quic-go/http3"
)

// Identity is a server's certificate, which it has signed itself, with its key.
// Ed25519 signatures have one size, so that every handshake has the same.
type Identity struct {
	cert tls.Certificate
	leaf *x509.Certificate
}

// NewIdentity makes the certificate of a server called name. The same seed
// gives the same key.
func NewIdentity(name string, seed [ed25519.SeedSize]byte, now time.Time) (*Identity, error) {
	key := ed25519.NewKeyFromSeed(seed[:])
	t := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, BasicConstraintsValid: true, IsCA: true,
	}
	der, err := x509.CreateCertificate(nil, t, t, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("cannot make a certificate for %s: %w", name, err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("cannot read the certificate just made for %s: %w", name, err)
	}
	return &Identity{tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, leaf}, nil
}

// server is the TLS configuration of a server. keys is told the secrets of every
// connection before they are used, as lines of a key log; it may be nil.
func (id *Identity) server(now func() time.Time, keys io.Writer) *tls.Config {
	return quichttp3.ConfigureTLSConfig(&tls.Config{
		Certificates: []tls.Certificate{id.cert}, Time: now, KeyLogWriter: keys,
		SessionTicketsDisabled: true, CurvePreferences: curves(),
	})
}

// client is the TLS configuration of a client that trusts the server alone.
func (id *Identity) client(now func() time.Time) *tls.Config {
	roots := x509.NewCertPool()
	roots.AddCert(id.leaf)
	return &tls.Config{
		RootCAs: roots, ServerName: id.leaf.DNSNames[0], NextProtos: []string{quichttp3.NextProtoH3}, Time: now,
		SessionTicketsDisabled: true, CurvePreferences: curves(),
	}
}

// curves keeps the handshake small enough for one packet each way: the key
// shares of the post-quantum exchange alone would fill another.
func curves() []tls.CurveID { return []tls.CurveID{tls.X25519} }
