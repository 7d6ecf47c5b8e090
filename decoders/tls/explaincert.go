package tls

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"netscope/decoders"
)

// certificates shows a chain of certificates.
func (t *tree) certificates(v13 bool) {
	if v13 {
		t.vector(1, decoders.Field{Name: "tls.handshake.certificate_request_context", Label: "Context", Doc: "Ties the answer to a request (RFC 8446 §4.4.2)."}, func(*tree) {})
	}
	t.vector(3, decoders.Field{Name: "tls.handshake.certificates", Label: "Certificates", Doc: "The sender's first (RFC 8446 §4.4.2)."}, func(t *tree) {
		for i := 0; t.left() > 0 && !t.bad && i < maxChain; i++ {
			n := t.num(3, "tls.handshake.certificate_length", "Length of the certificate", "In bytes.", nil)
			if t.bad {
				return
			}
			t.group(n, decoders.Field{Name: "tls.handshake.certificate", Label: "Certificate", Value: certValue(t, n),
				Doc: "Binds a public key to a name, signed by an authority; in X.509 (RFC 5280)."}, certificate)
			if v13 {
				t.extensions(fromServer)
			}
		}
	})
}

// certValue names the certificate that comes next.
func certValue(t *tree, n int) string {
	if t.off+n > len(t.b) {
		return ""
	}
	c, err := parseCert(t.b[t.off : t.off+n])
	if err != nil {
		return "cannot be read"
	}
	return clean(c.Subject.String())
}

// certificate shows what a certificate says, and where.
func certificate(t *tree) {
	from := t.off
	if t.size > len(t.b) {
		return
	}
	der := t.b[from:t.size]
	c, err := parseCert(der)
	if err != nil {
		t.out = append(t.out, decoders.Field{Label: "Problem", Value: clean(err.Error()), Bad: true, Doc: "The certificate cannot be read (RFC 5280 §4.1)."})
		return
	}
	add := func(part []byte, name, label, value, doc string) {
		f := decoders.Field{Name: name, Label: label, Value: clean(value), Doc: doc}
		if i := bytes.Index(der, part); i >= 0 && len(part) > 0 {
			f = t.span(f, from+i, from+i+len(part))
		}
		t.out = append(t.out, f)
	}
	add(nil, "x509af.version", "Version", fmt.Sprint(c.Version), "3 has extensions (RFC 5280 §4.1.2.1).")
	add(c.SerialNumber.Bytes(), "x509af.serialNumber", "Serial number", serial(c), "Unique to its issuer (RFC 5280 §4.1.2.2).")
	add(nil, "x509af.signature", "Signature algorithm", c.SignatureAlgorithm.String(), "How the issuer has signed (RFC 5280 §4.1.1.2).")
	add(c.RawIssuer, "x509af.issuer", "Issuer", c.Issuer.String(), "Who vouches for it (RFC 5280 §4.1.2.4).")
	add(nil, "x509af.notBefore", "Not before", c.NotBefore.UTC().Format(time.DateTime), "Not good before (RFC 5280 §4.1.2.5).")
	add(nil, "x509af.notAfter", "Not after", c.NotAfter.UTC().Format(time.DateTime), "Not good after (RFC 5280 §4.1.2.5).")
	add(subjectOf(c), "x509af.subject", "Subject", c.Subject.String(), "Whose it is; clients look at the names below instead (RFC 5280 §4.1.2.6, RFC 9525).")
	add(c.RawSubjectPublicKeyInfo, "x509af.subjectPublicKeyInfo", "Public key", c.PublicKeyAlgorithm.String(), "The key that the certificate is about (RFC 5280 §4.1.2.7).")
	if len(c.DNSNames) > 0 {
		add(nil, "x509ce.dNSName", "DNS names", strings.Join(c.DNSNames[:min(len(c.DNSNames), maxNodes)], ", "), "The hosts that it is good for (RFC 5280 §4.2.1.6).")
	}
	for _, ip := range c.IPAddresses[:min(len(c.IPAddresses), maxNodes)] {
		add(nil, "x509ce.iPAddress", "IP address", ip.String(), "An address that it is good for (RFC 5280 §4.2.1.6).")
	}
	if c.BasicConstraintsValid {
		add(nil, "x509ce.cA", "Authority", fmt.Sprint(c.IsCA), "Whether it may sign others (RFC 5280 §4.2.1.9).")
	}
	add(c.Signature, "x509af.encrypted", "Signature", hexText(c.Signature), "The issuer's (RFC 5280 §4.1.1.3).")
}

// subjectOf is the subject as encoded, unless it is the issuer as well and so
// would be found in the wrong place.
func subjectOf(c *x509.Certificate) []byte {
	if bytes.Equal(c.RawSubject, c.RawIssuer) {
		return nil
	}
	return c.RawSubject
}
