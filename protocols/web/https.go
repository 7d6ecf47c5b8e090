package web

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"time"

	"netscope/protocols/lab"
	"netscope/protocols/web/http2"
)

// https is the service beside http that an exposed server of HTTP/2 has: the
// same over TLS.
var https = lab.Service{Name: "https", Network: "tcp", Port: 443}

// alsoOverTLS starts the same server over TLS on port 443, with HTTP/2 or
// HTTP/1.1 as ALPN finds (RFC 7301), for the programs of the person who has
// exposed the lab: most speak HTTP/2 over nothing else. It ends with ctx.
func alsoOverTLS(ctx context.Context, w lab.World, srv *http2.Server) error {
	clock := w.Clock()
	cert, err := certificate(w, "server", clock.Now())
	if err != nil {
		return err
	}
	ln, err := w.Host("server").Listen("tcp", ":443")
	if err != nil {
		return err
	}
	config := &tls.Config{
		Certificates: []tls.Certificate{cert}, NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12,
		Time: clock.Now, KeyLogWriter: keyTeller{w}, SessionTicketsDisabled: true,
	}
	lab.Go(w, func() { _ = srv.Serve(ctx, tls.NewListener(ln, config)) })
	return nil
}

// certificate makes a certificate that signs itself. Its key is ECDSA's on
// P-256, which every TLS library takes; some refuse Ed25519. The names by which
// the forwarded port is reached are in it as well, for who wants to check them.
func certificate(w lab.World, name string, now time.Time) (tls.Certificate, error) {
	key, err := seededKey(w)
	if err != nil {
		return tls.Certificate{}, err
	}
	t := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		DNSNames: []string{name, "localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("cannot make a certificate for %s: %w", name, err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// seededKey is the same key for the same seed. Nearly every 32 bytes are one.
func seededKey(w lab.World) (key *ecdsa.PrivateKey, err error) {
	r := w.Rand("tls certificate")
	for range 8 {
		var b [32]byte
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		if key, err = ecdsa.ParseRawPrivateKey(elliptic.P256(), b[:]); err == nil {
			return key, nil
		}
	}
	return nil, fmt.Errorf("cannot make a key for the server's certificate: %w", err)
}
