package tls

import (
	"fmt"
	"strings"

	"netscope/decoders"
)

// piece is a run of handshake bytes within a message's raw bytes.
type piece struct{ from, to int }

// defragment finds the handshake bytes of a message among the records that it
// lies in. left is how many bytes the first of them holds if the message starts
// within it, 0 otherwise.
func defragment(raw []byte, left int, within bool) (b []byte, pieces []piece) {
	off := 0
	if within {
		n := min(left, len(raw))
		if left == 0 {
			n = len(raw) // it lies in one record
		}
		b, pieces, off = append(b, raw[:n]...), append(pieces, piece{0, n}), n
	}
	for off+headerLen < len(raw) {
		n := min(be16(raw[off+3:]), len(raw)-off-headerLen)
		off += headerLen
		if n > 0 {
			b, pieces = append(b, raw[off:off+n]...), append(pieces, piece{off, off + n})
		}
		off += n
	}
	return b, pieces
}

// explainHandshake shows a message in clear, with the headers of its records.
func explainHandshake(root *decoders.Field, m decoders.Exposed, total int) {
	root.Doc = handshakeDoc(m)
	left, _ := decoders.Lookup(m.Fields, fieldLeft)
	within := m.HeadLen <= hsHeaderLen
	b, pieces := defragment(m.Raw, int(left.Int), within)
	if !within {
		t := &tree{b: m.Raw, size: total, at: whole}
		t.group(min(headerLen, total), decoders.Field{Name: "tls.record", Label: "Record header", Doc: "The record in which the message begins (RFC 8446 §5.1)."}, func(t *tree) { t.header() })
		root.Children = t.out
	}
	length, _ := decoders.Lookup(m.Fields, "tls.handshake.length")
	t := &tree{b: b, size: hsHeaderLen + int(length.Int), at: func(i int) int {
		for _, p := range pieces {
			if n := p.to - p.from; i >= n {
				i -= n
				continue
			}
			return p.from + i
		}
		return len(m.Raw)
	}}
	if len(m.Raw) == total {
		t.size = min(t.size, len(b)) // the rest never came
	}
	typ := t.num(1, "tls.handshake.type", "Handshake type", "Which message it is (RFC 8446 §4).", func(v int) string { return fmt.Sprintf("%s (%d)", m.Name, v) })
	t.num(3, "tls.handshake.length", "Length", "Of the message, in bytes.", nil)
	if !t.bad {
		t.body(byte(typ), m)
	}
	if n := min(t.size, len(t.b)) - t.off; n > 0 && !t.bad {
		t.bytes(n, "", "Rest", "Bytes that netscope does not explain.")
	}
	root.Children = append(root.Children, t.out...)
	for _, name := range []string{"tls.handshake.ja3", "tls.handshake.ja3s", "tls.handshake.ja4"} {
		if kv, ok := decoders.Lookup(m.Fields, name); ok {
			root.Children = append(root.Children, decoders.Field{Name: name, Label: strings.ToUpper(name[len("tls.handshake."):]), Value: kv.Str,
				Doc: "A fingerprint: programs that make their hellos in the same way have the same. It is derived, and not on the wire."})
		}
	}
	if n := len(pieces); n > 1 {
		root.Children = append(root.Children, decoders.Field{Name: "tls.handshake.fragment.count", Label: "Records", Value: fmt.Sprint(n),
			Doc: "The message does not fit into one record; spans that cross a border include the header between (RFC 8446 §5.1)."})
	}
}

// body shows the body of a handshake message.
func (t *tree) body(typ byte, m decoders.Exposed) {
	v13 := m.Proto == versionName(tls13)
	switch typ {
	case hsClientHello:
		t.clientHello()
	case hsServerHello:
		t.serverHello()
	case hsEncryptedExtensions:
		t.extensions(fromServer)
	case hsCertificate:
		t.certificates(v13)
	case hsServerKeyExchange:
		t.serverKeyExchange(m.Proto)
	case hsClientKeyExchange:
		t.clientKeyExchange()
	case hsCertificateRequest:
		t.certificateRequest(v13, m.Proto)
	case hsCertificateVerify:
		if v13 || m.Proto == versionName(tls12) {
			t.num(2, "tls.handshake.sig_hash_alg", "Signature algorithm", "How the signature is made (RFC 8446 §4.2.3).", code(signatureName))
		}
		t.vector(2, decoders.Field{Name: "tls.handshake.sig", Label: "Signature", Doc: "Of the handshake so far: proves that the sender has the private key of its certificate (RFC 8446 §4.4.3)."}, func(*tree) {})
	case hsNewSessionTicket:
		t.ticket(v13)
	case hsFinished:
		t.bytes(t.left(), "tls.handshake.verify_data", "Verify data", "A MAC of the whole handshake: whoever has changed a byte of it is found out (RFC 8446 §4.4.4).")
	case hsKeyUpdate:
		t.num(1, "tls.handshake.key_update.request_update", "Request update", "1 asks the other side to change its keys as well (RFC 8446 §4.6.3).", nil)
	case hsCertificateStatus:
		t.num(1, "tls.handshake.extensions_status_request_type", "Status type", "1 is OCSP (RFC 6066 §8).", nil)
		t.vector(3, decoders.Field{Label: "Response", Doc: "The authority's signed word that the certificate is not revoked (RFC 6960)."}, func(*tree) {})
	}
}

// handshakeDoc says what a handshake message is for.
func handshakeDoc(m decoders.Exposed) string {
	switch m.Name {
	case "Client Hello":
		return "The client opens the handshake: the versions, cipher suites and extensions that it offers, and in TLS 1.3 a public key already, to save a round trip (RFC 8446 §4.1.2)."
	case "Server Hello":
		return "The server chooses version, cipher suite and key exchange; in TLS 1.3 everything after it is encrypted (RFC 8446 §4.1.3)."
	case nameRetry:
		return "The server asks for another ClientHello, mostly with a key of another group. It is a ServerHello with a fixed random (RFC 8446 §4.1.4)."
	case "Encrypted Extensions":
		return "Answers to extensions that need not be in clear, such as the protocol inside (RFC 8446 §4.3.1)."
	case "Certificate":
		return "A chain of certificates: the sender's first, each vouched for by the next (RFC 8446 §4.4.2)."
	case "Compressed Certificate":
		return "A Certificate message, compressed (RFC 8879 §4)."
	case "Server Key Exchange":
		return "The server's public key for this connection, signed with the key of its certificate (RFC 5246 §7.4.3)."
	case "Client Key Exchange":
		return "The client's public key for this connection, or a secret encrypted to the server's RSA key (RFC 5246 §7.4.7)."
	case "Certificate Request":
		return "The server asks the client for a certificate (RFC 8446 §4.3.2)."
	case "Certificate Verify":
		return "A signature of the handshake with the key of the certificate (RFC 8446 §4.4.3)."
	case "Finished":
		return "A MAC of the whole handshake, the first message under the new keys: if it fits, both have seen the same (RFC 8446 §4.4.4)."
	case "New Session Ticket":
		return "With it the client can resume the session later, without certificates (RFC 8446 §4.6.1, RFC 5077)."
	case "Server Hello Done":
		return "The server has said its part and waits for the client (RFC 5246 §7.4.5)."
	case "Hello Request":
		return "The server asks for a new handshake (RFC 5246 §7.4.1.1)."
	case "End of Early Data":
		return "No more 0-RTT data follows; the next bytes are under the handshake keys (RFC 8446 §4.5)."
	case "Key Update":
		return "The sender's next records are under new keys, derived from the old (RFC 8446 §4.6.3)."
	case "Certificate Status":
		return "A proof that the certificate is not revoked (RFC 6066 §8)."
	}
	return "A handshake message (RFC 8446 §4)."
}

// serverKeyExchange shows an elliptic curve exchange (RFC 8422 §5.4).
func (t *tree) serverKeyExchange(proto string) {
	if t.off >= len(t.b) || t.b[t.off] != 3 {
		return
	}
	t.num(1, "tls.handshake.server_curve_type", "Curve type", "3 names a curve; the others are gone (RFC 8422 §5.4).", nil)
	t.num(2, "tls.handshake.server_named_curve", "Named curve", "The group of the key exchange (RFC 8422 §5.1.1).", code(groupName))
	t.vector(1, decoders.Field{Name: "tls.handshake.server_point", Label: "Public key", Doc: "The server's part of the exchange (RFC 8422 §5.4)."}, func(*tree) {})
	if proto == versionName(tls12) {
		t.num(2, "tls.handshake.sig_hash_alg", "Signature algorithm", "How the signature is made (RFC 5246 §7.4.1.4.1).", code(signatureName))
	}
	t.vector(2, decoders.Field{Name: "tls.handshake.sig", Label: "Signature", Doc: "Over both randoms and these parameters (RFC 8422 §5.4)."}, func(*tree) {})
}

// clientKeyExchange tells the forms apart by their lengths: an elliptic curve's
// point has one byte of length, RSA and DH two.
func (t *tree) clientKeyExchange() {
	if t.off+2 > len(t.b) {
		return
	}
	switch {
	case int(t.b[t.off])+1 == t.left():
		t.vector(1, decoders.Field{Name: "tls.handshake.client_point", Label: "Public key", Doc: "The client's part of the exchange (RFC 8422 §5.7)."}, func(*tree) {})
	case be16(t.b[t.off:])+2 == t.left():
		t.vector(2, decoders.Field{Name: "tls.handshake.epms", Label: "Exchange keys", Doc: "A secret under the server's RSA key, or a Diffie-Hellman public value (RFC 5246 §7.4.7)."}, func(*tree) {})
	}
}

// certificateRequest shows what a client's certificate must be.
func (t *tree) certificateRequest(v13 bool, proto string) {
	if v13 {
		t.vector(1, decoders.Field{Name: "tls.handshake.certificate_request_context", Label: "Context", Doc: "Ties the answer to this request (RFC 8446 §4.3.2)."}, func(*tree) {})
		t.extensions(fromServer)
		return
	}
	t.vector(1, decoders.Field{Name: "tls.handshake.cert_types", Label: "Certificate types", Doc: "1 RSA, 2 DSS, 64 ECDSA (RFC 5246 §7.4.4)."}, func(*tree) {})
	if proto == versionName(tls12) {
		t.vector(2, decoders.Field{Name: "tls.handshake.sig_hash_algs", Label: "Signature algorithms", Doc: "What the server can verify (RFC 5246 §7.4.4)."},
			list16("tls.handshake.sig_hash_alg", "Signature algorithm", "", signatureName))
	}
	t.vector(2, decoders.Field{Name: "tls.handshake.dnames", Label: "Authorities", Doc: "Names of the authorities that the server accepts (RFC 5246 §7.4.4)."}, func(*tree) {})
}

// ticket shows a NewSessionTicket.
func (t *tree) ticket(v13 bool) {
	t.num(4, "tls.handshake.session_ticket_lifetime_hint", "Lifetime", "How long the ticket is good, in seconds; at most seven days (RFC 8446 §4.6.1).", func(v int) string { return thousands(int64(v)) + " s" })
	if v13 {
		t.num(4, "tls.handshake.session_ticket_age_add", "Age add", "Added to the age that the client tells later, so that tickets cannot be linked (RFC 8446 §4.6.1).", nil)
		t.vector(1, decoders.Field{Name: "tls.handshake.session_ticket_nonce", Label: "Nonce", Doc: "Makes the secret of this ticket its own (RFC 8446 §4.6.1)."}, func(*tree) {})
	}
	t.vector(2, decoders.Field{Name: "tls.handshake.session_ticket", Label: "Ticket", Doc: "Means something to the server only (RFC 5077 §4)."}, func(*tree) {})
	if v13 {
		t.extensions(fromServer)
	}
}

// explainV2 shows a ClientHello in the form of SSL 2.0.
func explainV2(root *decoders.Field, m decoders.Exposed, total int) {
	root.Doc = "A ClientHello in the form of SSL 2.0, which clients once sent so that the oldest servers could read it (RFC 5246 appendix E.2)."
	t := &tree{b: m.Raw, size: total, at: whole}
	t.num(2, "tls.record.length", "Length", "The top bit marks the form of header; the rest is the length.", func(v int) string { return fmt.Sprint(v & 0x7fff) })
	t.num(1, "tls.handshake.type", "Message type", "1 is a ClientHello.", nil)
	t.num(2, "tls.handshake.version", "Version", "The highest version that the client can speak.", code(versionName))
	suites := t.num(2, "tls.handshake.cipher_spec_len", "Length of the cipher specs", "In bytes, three for each.", nil)
	session := t.num(2, "tls.handshake.session_id_length", "Length of the session", "In bytes.", nil)
	challenge := t.num(2, "tls.handshake.challenge_length", "Length of the challenge", "In bytes.", nil)
	t.group(suites, decoders.Field{Name: "tls.handshake.cipherspec", Label: "Cipher specs", Doc: "A first byte of 0 makes it a cipher suite of SSL 3.0 and TLS; the others are those of SSL 2.0."}, func(t *tree) {
		for i := 0; t.left() >= 3 && !t.bad && i < maxNodes; i++ {
			t.num(3, "tls.handshake.cipherspec", "Cipher spec", "", func(v int) string {
				if v>>16 == 0 {
					return code(suiteName)(v)
				}
				return fmt.Sprintf("SSL 2.0 (%#06x)", v)
			})
		}
	})
	t.bytes(session, "tls.handshake.session_id", "Session", "An earlier session to resume.")
	t.bytes(challenge, "tls.handshake.challenge", "Challenge", "Random bytes, which stand for the client's random.")
	root.Children = t.out
	root.Value = strings.TrimSpace(root.Value)
}
