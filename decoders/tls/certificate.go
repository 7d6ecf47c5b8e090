package tls

import (
	"bytes"
	"compress/zlib"
	"crypto/x509"
	"fmt"
	"io"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"netscope/decoders"
)

const (
	maxChain        = 16      // certificates of a chain that are read
	maxUncompressed = 1 << 20 // bytes
)

// entry is a certificate of a chain.
type entry struct {
	der []byte
	off int // of its length, within the message body
}

// parseChain reads a Certificate message (RFC 8446 §4.4.2, RFC 5246 §7.4.2).
func parseChain(r *reader, v13 bool) (context []byte, chain []entry) {
	if v13 {
		context = r.vec(1)
	}
	base := r.off + 3
	list := reader{b: r.vec(3)}
	for list.left() > 0 && !list.bad && len(chain) < maxChain {
		off := base + list.off
		chain = append(chain, entry{list.vec(3), off})
		if v13 {
			list.vec(2)
		}
	}
	r.bad = r.bad || list.bad
	return context, chain
}

// certificates describes a chain of certificates; the first is the sender's.
func (d *description) certificates(r *reader, v13 bool) {
	_, chain := parseChain(r, v13)
	if len(chain) == 0 {
		d.say("none")
	}
	for i, e := range chain {
		many := func(kv decoders.KV) {
			kv.Many = true
			d.fields = append(d.fields, kv)
		}
		many(decoders.I("tls.handshake.certificate_length", int64(len(e.der))))
		c, err := parseCert(e.der)
		if err != nil {
			if i == 0 {
				d.say("cannot be read")
			}
			continue
		}
		many(decoders.S("x509af.serialNumber", serial(c)))
		many(decoders.S("x509af.issuer", c.Issuer.String()))
		many(decoders.S("x509af.notBefore", c.NotBefore.UTC().Format(time.DateTime)))
		many(decoders.S("x509af.notAfter", c.NotAfter.UTC().Format(time.DateTime)))
		many(decoders.S("x509af.subject", c.Subject.String()))
		d.strs("x509ce.dNSName", c.DNSNames)
		if i == 0 {
			name := c.Subject.CommonName
			if name == "" && len(c.DNSNames) > 0 {
				name = c.DNSNames[0]
			}
			d.say(name, "issued by "+issuer(c))
		}
	}
	if r.bad {
		d.bad = badCert
	}
}

func issuer(c *x509.Certificate) string {
	switch {
	case c.Issuer.CommonName != "":
		return c.Issuer.CommonName
	case len(c.Issuer.Organization) > 0:
		return c.Issuer.Organization[0]
	}
	return c.Issuer.String()
}

// serial is a certificate's serial number in hexadecimal, as encoded.
func serial(c *x509.Certificate) string {
	b := c.SerialNumber.Bytes()
	if len(b) == 0 {
		return "00"
	}
	if b[0]&0x80 != 0 {
		return "00" + hexString(b)
	}
	return hexString(b)
}

// parseCert reads a certificate. It never panics.
func parseCert(der []byte) (c *x509.Certificate, err error) {
	defer func() {
		if recover() != nil {
			c, err = nil, fmt.Errorf("the certificate cannot be read")
		}
	}()
	return x509.ParseCertificate(der)
}

// compressed describes a compressed Certificate message (RFC 8879 §4).
func (d *description) compressed(r *reader) {
	algorithm := r.num(2)
	size := r.num(3)
	packed := r.vec(3)
	d.num("tls.compress_certificate.algorithm", algorithm)
	d.num("tls.compress_certificate.uncompressed_length", size)
	body, err := unpack(algorithm, packed, size)
	if err != nil {
		d.bad = fmt.Sprintf("the compressed certificate cannot be unpacked: %v", err)
		return
	}
	d.certificates(&reader{b: body}, true)
}

// unpack undoes a certificate compression.
func unpack(algorithm int, packed []byte, size int) ([]byte, error) {
	if size > maxUncompressed {
		return nil, fmt.Errorf("it claims to have %d bytes", size)
	}
	var in io.Reader = bytes.NewReader(packed)
	switch algorithm {
	case 1:
		z, err := zlib.NewReader(in)
		if err != nil {
			return nil, err
		}
		in = z
	case 2:
		in = brotli.NewReader(in)
	case 3:
		z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(8*maxUncompressed))
		if err != nil {
			return nil, err
		}
		defer z.Close()
		in = z
	default:
		return nil, fmt.Errorf("algorithm %d is not known", algorithm)
	}
	out, err := io.ReadAll(io.LimitReader(in, int64(size)+1))
	if err == nil && len(out) != size {
		err = fmt.Errorf("%d bytes instead of %d", len(out), size)
	}
	return out, err
}
