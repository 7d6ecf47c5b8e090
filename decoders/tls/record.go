package tls

import "encoding/binary"

// Content types (RFC 8446 §5.1, RFC 6520).
const (
	typeCCS       = 20
	typeAlert     = 21
	typeHandshake = 22
	typeData      = 23
	typeHeartbeat = 24
)

// headerLen is the length of a record's header, in bytes.
const headerLen = 5

// maxPayload is the most a record may carry: 2^14 bytes of plaintext and the
// 2048 that TLS 1.2 allows for protection (RFC 5246 §6.2.3).
const maxPayload = 1<<14 + 2048

// Protocol versions as they are on the wire.
const (
	ssl2  = 0x0002
	ssl3  = 0x0300
	tls10 = 0x0301
	tls11 = 0x0302
	tls12 = 0x0303
	tls13 = 0x0304
)

// contentName is the name of a content type.
func contentName(t byte) string {
	switch t {
	case typeCCS:
		return "Change Cipher Spec"
	case typeAlert:
		return "Alert"
	case typeHandshake:
		return "Handshake"
	case typeData:
		return "Application Data"
	case typeHeartbeat:
		return "Heartbeat"
	}
	return "Unknown"
}

// record is one TLS record.
type record struct {
	off int64  // stream offset of its header
	raw []byte // header and payload
}

func (r record) typ() byte       { return r.raw[0] }
func (r record) version() uint16 { return binary.BigEndian.Uint16(r.raw[1:]) }
func (r record) payload() []byte { return r.raw[headerLen:] }
func (r record) end() int64      { return r.off + int64(len(r.raw)) }

// recordLen is the length of the record that starts with b, header included,
// or 0 if b is not the beginning of a record. b has headerLen bytes or more.
func recordLen(b []byte) int {
	n := int(binary.BigEndian.Uint16(b[3:]))
	switch {
	case !headerStart(b), n > maxPayload:
		return 0
	case n == 0 && b[0] != typeData: // only application data may be empty (RFC 8446 §5.1)
		return 0
	}
	return headerLen + n
}

// headerStart judges the first bytes of a header: the content type and the
// version, as far as they are there.
func headerStart(b []byte) bool {
	return (len(b) < 1 || b[0] >= typeCCS && b[0] <= typeHeartbeat) &&
		(len(b) < 2 || b[1] == 3) && (len(b) < 3 || b[2] <= 4)
}

// v2HelloLen is the length of the SSL 2.0 compatible ClientHello that starts
// with b (RFC 5246 appendix E.2), or 0 if it is none. b has five bytes or more.
func v2HelloLen(b []byte) int {
	n := int(b[0]&0x7f)<<8 | int(b[1])
	if b[0]&0x80 == 0 || b[2] != hsClientHello || n < 9+3+16 || n > 1<<12 {
		return 0
	}
	if v := binary.BigEndian.Uint16(b[3:]); v != ssl2 && (v < ssl3 || v > tls13) {
		return 0
	}
	return 2 + n
}

// versionName is the name of a protocol version.
func versionName(v uint16) string {
	switch v {
	case ssl2:
		return "SSL 2.0"
	case ssl3:
		return "SSL 3.0"
	case tls10:
		return "TLS 1.0"
	case tls11:
		return "TLS 1.1"
	case tls12:
		return "TLS 1.2"
	case tls13:
		return "TLS 1.3"
	}
	switch {
	case v>>8 == 0x7f:
		return "TLS 1.3 draft"
	case isGrease(v):
		return "GREASE"
	}
	return "unknown version"
}

// isGrease says whether a code point is one of those that are sent only so that
// peers do not forget to ignore what they do not know (RFC 8701).
func isGrease(v uint16) bool { return v&0x0f0f == 0x0a0a && v>>8 == v&0xff }
