package tls

import (
	"strings"

	"netscope/decoders"
)

// Handshake message types (RFC 8446 §4, RFC 5246 §7.4, and registry).
const (
	hsHelloRequest        = 0
	hsClientHello         = 1
	hsServerHello         = 2
	hsNewSessionTicket    = 4
	hsEndOfEarlyData      = 5
	hsEncryptedExtensions = 8
	hsCertificate         = 11
	hsServerKeyExchange   = 12
	hsCertificateRequest  = 13
	hsServerHelloDone     = 14
	hsCertificateVerify   = 15
	hsClientKeyExchange   = 16
	hsFinished            = 20
	hsCertificateURL      = 21
	hsCertificateStatus   = 22
	hsSupplementalData    = 23
	hsKeyUpdate           = 24
	hsCompressedCert      = 25
	hsNextProtocol        = 67
)

// nameRetry names a ServerHello that asks for another ClientHello.
const nameRetry = "Hello Retry Request"

// handshakeName is the name of a handshake message type, "" if there is none.
func handshakeName(t byte) string {
	switch t {
	case hsHelloRequest:
		return "Hello Request"
	case hsClientHello:
		return "Client Hello"
	case hsServerHello:
		return "Server Hello"
	case hsNewSessionTicket:
		return "New Session Ticket"
	case hsEndOfEarlyData:
		return "End of Early Data"
	case hsEncryptedExtensions:
		return "Encrypted Extensions"
	case hsCertificate:
		return "Certificate"
	case hsServerKeyExchange:
		return "Server Key Exchange"
	case hsCertificateRequest:
		return "Certificate Request"
	case hsServerHelloDone:
		return "Server Hello Done"
	case hsCertificateVerify:
		return "Certificate Verify"
	case hsClientKeyExchange:
		return "Client Key Exchange"
	case hsFinished:
		return "Finished"
	case hsCertificateURL:
		return "Certificate URL"
	case hsCertificateStatus:
		return "Certificate Status"
	case hsSupplementalData:
		return "Supplemental Data"
	case hsKeyUpdate:
		return "Key Update"
	case hsCompressedCert:
		return "Compressed Certificate"
	case hsNextProtocol:
		return "Next Protocol"
	}
	return ""
}

// Bounds of a handshake message, in bytes.
const (
	hsHeaderLen = 4
	maxMessage  = 256 << 10
	// retryLen is how much of a ServerHello tells whether it is a
	// HelloRetryRequest.
	retryLen = hsHeaderLen + 2 + 32
)

// handshakes puts the handshake messages of one direction together: a record
// may hold several, and one may span records (RFC 8446 §5.1).
type handshakes struct {
	buf    []byte // the message so far, with its header
	off    int64  // stream offset of its first byte, or of the record that hides it
	head   int64  // length of the record header within the message's bytes
	left   int    // bytes between off and the record's end, if the message starts within a record
	parts  int    // records that it lies in
	sealed bool
	key    uint64 // 0: not opened yet
	bad    string // what is wrong with it
}

// size is the length of the message, 0 if it is not known yet.
func (h *handshakes) size() int {
	if len(h.buf) < hsHeaderLen {
		return 0
	}
	return hsHeaderLen + be24(h.buf[1:])
}

// need is how many more bytes the message wants, as far as is known.
func (h *handshakes) need() int {
	if n := h.size(); n > 0 {
		return n - len(h.buf)
	}
	return hsHeaderLen - len(h.buf)
}

// name is the name of the message; "" if more bytes must come to tell.
func (h *handshakes) name() string {
	n := h.size()
	if n == 0 {
		return ""
	}
	if h.buf[0] == hsServerHello {
		if len(h.buf) < min(n, retryLen) {
			return ""
		}
		if n >= retryLen && [32]byte(h.buf[retryLen-32:retryLen]) == retryRandom {
			return nameRetry
		}
	}
	return handshakeName(h.buf[0])
}

// handshake deals with a record of handshake messages.
func (p *parser) handshake(s *side, r record, u unsealed, st *decoders.Step) {
	p.endRun(s, st)
	h := &s.hs
	if len(u.data) == 0 {
		u.bad = badEmpty
	}
	var names []string
	unit := func(partOf uint64) {
		if u.typ == 0 {
			return // told already
		}
		p.unit(s, r, u, partOf, "Handshake", nil, st)
		u.typ = 0
	}
	at := len(st.Events)
	for data := u.data; len(data) > 0; {
		if len(h.buf) == 0 {
			if handshakeName(data[0]) == "" {
				u.bad = badHandshake
				break
			}
			h.begin(r, len(u.data)-len(data), u.sealed)
		}
		h.parts++
		// The header first: it says how much more belongs to the message.
		for n := h.need(); n > 0 && len(data) > 0; n = h.need() {
			n = min(n, len(data))
			h.buf, data = append(h.buf, data[:n]...), data[n:]
			if h.size() > maxMessage {
				break
			}
		}
		name := h.name()
		if name == "" {
			names = append(names, handshakeName(h.buf[0])+" (part)")
			break
		}
		names = append(names, name)
		long := h.size() > maxMessage
		whole := h.need() == 0
		if whole {
			p.learn(s, h.buf, u.sealed)
		}
		p.openHandshake(s, r, name, whole && !long, st)
		unit(h.key)
		if long {
			p.closeHandshake(s, r.end(), badLong, st)
			data = nil
			break
		}
		if whole {
			end := r.end()
			if !u.sealed {
				end -= int64(len(data))
			}
			p.closeHandshake(s, end, h.bad, st)
		}
	}
	unit(0)
	// The unit's summary lists the messages, which are known only now.
	for i := at; i < len(st.Events); i++ {
		if ev := &st.Events[i]; ev.Op == decoders.Open && ev.Level == decoders.UnitLevel {
			ev.Summary = "Handshake: " + strings.Join(names[:min(len(names), 8)], ", ")
			if len(names) == 0 {
				ev.Summary = "Handshake  " + size(int64(len(u.data)))
			}
		}
	}
}

// begin starts a message at data[from] of a record.
func (h *handshakes) begin(r record, from int, sealed bool) {
	*h = handshakes{buf: h.buf[:0], off: r.off, sealed: sealed}
	if from == 0 || sealed {
		h.head = headerLen
		return
	}
	h.off += headerLen + int64(from)
	h.left = len(r.raw) - headerLen - from
}

// openHandshake opens a message, or adds what is now known of it.
func (p *parser) openHandshake(s *side, r record, name string, whole bool, st *decoders.Step) {
	h := &s.hs
	var d description
	if whole {
		d = p.describe(h.buf, name)
		h.bad = d.bad
	} else {
		d.summary = name
	}
	if h.key != 0 {
		if whole {
			st.Events = append(st.Events, decoders.Event{Op: decoders.Update, Key: h.key, Summary: d.summary, Fields: d.fields})
		}
		return
	}
	h.key = p.nextKey()
	ev := decoders.Event{
		Op: decoders.Open, Key: h.key, Dir: s.dir, Proto: p.proto(r), Name: name, Summary: d.summary, Stream: -1, Off: h.off, HeadLen: h.head + hsHeaderLen,
		Fields: []decoders.KV{decoders.I("tls.handshake.type", int64(h.buf[0])), decoders.I("tls.handshake.length", int64(be24(h.buf[1:])))},
	}
	switch h.buf[0] {
	case hsClientHello:
		ev.Kind = decoders.Request
		p.conn.helloKey = h.key
	case hsServerHello:
		ev.Kind, ev.ReplyTo = decoders.Response, p.conn.helloKey
	}
	if h.sealed {
		ev.HeadLen = headerLen
		ev.Fields = append(ev.Fields, decoders.B(fieldDecrypted, true))
	} else if h.left > 0 && (h.parts > 1 || !whole) {
		ev.Fields = append(ev.Fields, decoders.I(fieldLeft, int64(h.left)))
	}
	ev.Fields = append(ev.Fields, d.fields...)
	st.Events = append(st.Events, ev)
}

// Fields that Explain needs.
const (
	fieldDecrypted = "tls.decrypted"                 // the message's bytes are those of the encrypted record
	fieldLeft      = "tls.handshake.fragment.length" // bytes of the message in the first of its records, if it does not start there
)

// closeHandshake closes a message.
func (p *parser) closeHandshake(s *side, end int64, bad string, st *decoders.Step) {
	h := &s.hs
	st.Events = append(st.Events, decoders.Event{Op: decoders.Close, Key: h.key, Dir: s.dir, End: end, Len: int64(max(len(h.buf)-hsHeaderLen, 0)), Err: bad})
	*h = handshakes{}
}

// cutHandshake gives up a message that cannot become whole.
func (p *parser) cutHandshake(s *side, why string, st *decoders.Step) {
	h := &s.hs
	if h.key != 0 {
		p.closeHandshake(s, s.off, why, st)
	}
	*h = handshakes{}
}
