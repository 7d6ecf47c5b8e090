// Package tls decodes TLS 1.0 to 1.3 and the records of SSL 3.0 (RFC 8446,
// RFC 5246, RFC 6101): records as units, handshake messages, alerts and changes
// of the cipher as messages. With the secrets of a key log it decrypts what
// AEAD suites protect and hands the plaintext on as an inner stream, so that
// the protocol inside is decoded as in clear text. What cannot be decrypted is
// said, with the reason.
//
// The parser keeps at most one record and one handshake message of each
// direction. It verifies no signature and no certificate: it shows what was
// said, not whether to believe it.
//
// It must not know of packets, of files of secrets, or of the protocols inside.
package tls

import "netscope/decoders"

// Decoder decodes TLS over a byte stream. Its zero value is ready for use.
type Decoder struct{}

var _ decoders.Decoder = Decoder{}

// Name is "tls".
func (Decoder) Name() string { return "tls" }

// NewParser starts parsing one conversation. It may start in the middle of a
// connection, after STARTTLS.
func (Decoder) NewParser(h decoders.Hint, e decoders.Env) decoders.Parser {
	return newParser(h, e)
}

// protoName is the protocol of what has no known version.
const protoName = "TLS"

// nameData names bytes that are no record.
const nameData = "data"
