package tls

// Problem texts: what is wrong and the rule that it breaks.
const (
	badInterleaved = "another record lies between the parts of a handshake message (RFC 8446 §5.1)"
	badAlert       = "an alert is a level of 1 or 2 and a description (RFC 8446 §6)"
	badCCS         = "a change of the cipher is one byte of value 1 (RFC 5246 §7.1)"
	badLong        = "the handshake message is longer than 256 KiB"
	badHello       = "a length in the message goes beyond its end (RFC 8446 §4)"
	badCert        = "a length in the certificate list goes beyond its end (RFC 8446 §4.4.2)"
	badPadding     = "the plaintext has no content type (RFC 8446 §5.4)"
	badHandshake   = "the handshake record holds no handshake message (RFC 8446 §4)"
	badEmpty       = "an empty handshake record (RFC 8446 §5.1)"
)

// Reasons why something is not decrypted.
const (
	whyNoHello   = "the handshake is not in the capture"
	whyNoServer  = "the ServerHello is not in the capture"
	whyNoLog     = "no key log is given"
	whyNoRandom  = "no key log has this connection's client random"
	whyRSA       = "RSA key exchange needs the server's private key, or a key log with this connection's client random"
	whyFailed    = "the key does not fit, or records before it are missing"
	whyEarly     = "0-RTT data: the key log has no CLIENT_EARLY_TRAFFIC_SECRET for this connection"
	whyOldSuite  = "%s is not decrypted: CBC and stream suites of TLS 1.2 and older have no AEAD"
	whyUnknown   = "the cipher suite %#04x is not known"
	whyNoSecret  = "the key log has no %s for this connection"
	whyVersion   = "%s is not decrypted"
	whyPlainLate = "unencrypted"
)
