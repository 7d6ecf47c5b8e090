package tls

import (
	"fmt"

	"netscope/decoders"
)

// side of a message with extensions: some have another form in each.
const (
	fromClient = iota
	fromServer
	fromRetry
)

func (t *tree) clientHello() {
	t.num(2, "tls.handshake.version", "Version", "The highest version up to TLS 1.2; the extension supported_versions says more (RFC 8446 §4.1.2).", code(versionName))
	t.bytes(32, "tls.handshake.random", "Random", "Fresh for every handshake. A key log names the connection by it (RFC 8446 §4.1.2).")
	t.vector(1, decoders.Field{Name: "tls.handshake.session_id", Label: "Session ID", Doc: "An earlier session to resume, up to TLS 1.2; in TLS 1.3 random bytes that only look like one (RFC 8446 §4.1.2)."}, hexBody("tls.handshake.session_id", "Session ID"))
	t.vector(2, decoders.Field{Name: "tls.handshake.ciphersuites", Label: "Cipher suites", Doc: "The suites that the client offers, the best first (RFC 8446 §4.1.2)."},
		list16("tls.handshake.ciphersuite", "Cipher suite", "", suiteName))
	t.vector(1, decoders.Field{Name: "tls.handshake.comp_methods", Label: "Compression methods", Doc: "0 is none; compression before encryption leaks what is inside, so it is gone (RFC 8446 §4.1.2)."},
		hexBody("tls.handshake.comp_method", "Compression methods"))
	t.extensions(fromClient)
}

func (t *tree) serverHello() {
	t.num(2, "tls.handshake.version", "Version", "The version chosen, up to TLS 1.2; the extension supported_versions chooses a later one (RFC 8446 §4.1.3).", code(versionName))
	b := t.bytes(32, "tls.handshake.random", "Random", "Fresh for every handshake; a fixed value marks a HelloRetryRequest (RFC 8446 §4.1.3).")
	t.vector(1, decoders.Field{Name: "tls.handshake.session_id", Label: "Session ID", Doc: "Names the session, up to TLS 1.2; if it is the client's, the session is resumed. In TLS 1.3 an echo (RFC 8446 §4.1.3)."}, hexBody("tls.handshake.session_id", "Session ID"))
	t.num(2, "tls.handshake.ciphersuite", "Cipher suite", "The suite chosen: it settles key exchange and signature (up to TLS 1.2), encryption and hash (RFC 8446 §4.1.3).", code(suiteName))
	t.num(1, "tls.handshake.comp_method", "Compression method", "0: none (RFC 8446 §4.1.3).", nil)
	if len(b) == 32 && [32]byte(b) == retryRandom {
		t.extensions(fromRetry)
	} else {
		t.extensions(fromServer)
	}
}

// hexBody shows all that is left.
func hexBody(name, label string) func(*tree) {
	return func(t *tree) {
		if t.left() > 0 {
			t.bytes(t.left(), name, label, "")
		}
	}
}

// extensions shows a vector of extensions.
func (t *tree) extensions(from int) {
	if t.left() == 0 || t.bad {
		return
	}
	t.vector(2, decoders.Field{Name: "tls.handshake.extensions", Label: "Extensions", Doc: "What was added to TLS over the years; a server answers only those that it takes up (RFC 8446 §4.2)."}, func(t *tree) {
		for i := 0; t.left() > 0 && !t.bad && i < maxNodes; i++ {
			t.extension(from)
		}
	})
}

func (t *tree) extension(from int) {
	rest := t.b[min(t.off, len(t.b)):]
	if len(rest) < 4 || t.left() < 4 {
		t.bytes(4, "tls.handshake.extension.type", "Extension", "Type and length of an extension.")
		return
	}
	typ, n := uint16(be16(rest)), be16(rest[2:])
	info := infoOf(typ)
	f := decoders.Field{Name: "tls.handshake.extension", Label: "Extension " + info.name, Value: size(int64(n)), Doc: info.doc}
	t.group(4+n, f, func(t *tree) {
		t.num(2, "tls.handshake.extension.type", "Type", "Which extension it is (RFC 8446 §4.2).", func(v int) string { return fmt.Sprintf("%s (%d)", info.name, v) })
		t.num(2, "tls.handshake.extension.len", "Length", "In bytes.", nil)
		if t.bad || t.left() == 0 {
			return
		}
		t.extensionBody(typ, from)
		if n := t.left(); n > 0 && !t.bad {
			t.bytes(n, "tls.handshake.extension.data", "Data", "")
		}
	})
}

// extensionBody shows what is in an extension.
func (t *tree) extensionBody(typ uint16, from int) {
	client := from == fromClient
	switch typ {
	case extServerName:
		t.vector(2, decoders.Field{Label: "Names"}, func(t *tree) {
			for i := 0; t.left() > 0 && !t.bad && i < maxNodes; i++ {
				t.num(1, "tls.handshake.extensions_server_name_type", "Name type", "0 is a host name, the only kind (RFC 6066 §3).", nil)
				n := t.num(2, "tls.handshake.extensions_server_name_len", "Length of the name", "In bytes.", nil)
				t.text(n, "tls.handshake.extensions_server_name", "Server name", "The host that the client wants (RFC 6066 §3).")
			}
		})
	case extGroups:
		t.vector(2, decoders.Field{Label: "Groups"}, list16("tls.handshake.extensions_supported_group", "Group", "", groupName))
	case extSignatures, extSignaturesCert, extDelegated:
		t.vector(2, decoders.Field{Label: "Algorithms"}, list16("tls.handshake.sig_hash_alg", "Signature algorithm", "", signatureName))
	case extALPN, extALPS, extALPSOld:
		t.vector(2, decoders.Field{Name: "tls.handshake.extensions_alpn_list", Label: "Protocols"}, func(t *tree) {
			for i := 0; t.left() > 0 && !t.bad && i < maxNodes; i++ {
				n := t.num(1, "tls.handshake.extensions_alpn_str_len", "Length of the name", "In bytes.", nil)
				t.text(n, "tls.handshake.extensions_alpn_str", "Protocol", "h2 is HTTP/2, http/1.1 HTTP/1.1 (RFC 7301 §3.1).")
			}
		})
	case extVersions:
		if !client {
			t.num(2, "tls.handshake.extensions.supported_version", "Version", "The version chosen (RFC 8446 §4.2.1).", code(versionName))
			return
		}
		t.vector(1, decoders.Field{Label: "Versions"}, list16("tls.handshake.extensions.supported_version", "Version", "", versionName))
	case extKeyShare:
		t.keyShare(from)
	case extPSK:
		t.preShared(client)
	case extPSKModes:
		t.vector(1, decoders.Field{Label: "Modes"}, func(t *tree) {
			for t.left() > 0 && !t.bad {
				t.num(1, "tls.extension.psk_ke_mode", "Mode", "0: the ticket's secret alone; 1: with a fresh key exchange, which keeps the past secret (RFC 8446 §4.2.9).", nil)
			}
		})
	case extPoints:
		t.vector(1, decoders.Field{Label: "Formats"}, func(t *tree) {
			for t.left() > 0 && !t.bad {
				t.num(1, "tls.handshake.extensions_ec_point_format", "Format", "0 is uncompressed (RFC 8422 §5.1.2).", nil)
			}
		})
	case extStatusRequest:
		if client {
			t.num(1, "tls.handshake.extensions_status_request_type", "Type", "1 is OCSP (RFC 6066 §8).", nil)
		}
	case extRecordSize:
		t.num(2, "tls.record_size_limit", "Limit", "In bytes of plaintext (RFC 8449 §4).", nil)
	case extMaxFragment:
		t.num(1, "tls.handshake.max_fragment_length", "Length", "1 to 4: 512, 1024, 2048 or 4096 bytes (RFC 6066 §4).", nil)
	case extCompressCert:
		t.vector(1, decoders.Field{Label: "Algorithms"}, list16("tls.compress_certificate.algorithm", "Algorithm", "1 zlib, 2 Brotli, 3 Zstandard (RFC 8879 §3).", compressionName))
	case extEarlyData:
		t.num(4, "tls.early_data.max_early_data_size", "Most early data", "How much 0-RTT data the server takes, in bytes (RFC 8446 §4.6.1).", nil)
	case extCookie:
		t.vector(2, decoders.Field{Name: "tls.handshake.extensions.cookie", Label: "Cookie"}, hexBody("tls.handshake.extensions.cookie", "Cookie"))
	case extHeartbeat:
		t.num(1, "tls.handshake.extension.heartbeat.mode", "Mode", "1: the peer may send requests; 2: it may not (RFC 6520 §2).", nil)
	case extRenegotiation:
		t.vector(1, decoders.Field{Name: "tls.handshake.extensions_reneg_info", Label: "Verify data", Doc: "Empty in a first handshake (RFC 5746 §3.2)."}, hexBody("tls.handshake.extensions_reneg_info", "Verify data"))
	}
}

// keyShare shows public keys (RFC 8446 §4.2.8).
func (t *tree) keyShare(from int) {
	entry := func(t *tree) {
		t.num(2, "tls.handshake.extensions_key_share_group", "Group", "The group that the key is of (RFC 8446 §4.2.7).", code(groupName))
		t.vector(2, decoders.Field{Name: "tls.handshake.extensions_key_share_key_exchange", Label: "Key exchange", Doc: "The public key (RFC 8446 §4.2.8)."},
			hexBody("tls.handshake.extensions_key_share_key_exchange", "Public key"))
	}
	switch from {
	case fromRetry:
		t.num(2, "tls.handshake.extensions_key_share_selected_group", "Selected group", "The group that the server wants a key of (RFC 8446 §4.2.8).", code(groupName))
	case fromServer:
		entry(t)
	default:
		t.vector(2, decoders.Field{Label: "Shares"}, func(t *tree) {
			for i := 0; t.left() > 0 && !t.bad && i < maxNodes; i++ {
				entry(t)
			}
		})
	}
}

// preShared shows tickets offered or the one taken (RFC 8446 §4.2.11).
func (t *tree) preShared(client bool) {
	if !client {
		t.num(2, "tls.handshake.extensions.psk.identity.selected", "Selected identity", "Which of the tickets the server takes, from 0 (RFC 8446 §4.2.11).", nil)
		return
	}
	t.vector(2, decoders.Field{Label: "Identities"}, func(t *tree) {
		for i := 0; t.left() > 0 && !t.bad && i < maxNodes; i++ {
			t.vector(2, decoders.Field{Name: "tls.handshake.extensions.psk.identity.identity", Label: "Ticket", Doc: "As the server gave it (RFC 8446 §4.2.11)."}, hexBody("tls.handshake.extensions.psk.identity.identity", "Ticket"))
			t.num(4, "tls.handshake.extensions.psk.identity.obfuscated_ticket_age", "Age", "How old the ticket is, in ms, plus a number that hides it (RFC 8446 §4.2.11.1).", nil)
		}
	})
	t.vector(2, decoders.Field{Name: "tls.handshake.extensions.psk.binders", Label: "Binders", Doc: "A MAC each of the ClientHello up to here: proves that the client knows the ticket's secret (RFC 8446 §4.2.11.2)."}, hexBody("tls.handshake.extensions.psk.binders", "Binders"))
}

func compressionName(v uint16) string {
	switch v {
	case 1:
		return "zlib"
	case 2:
		return "Brotli"
	case 3:
		return "Zstandard"
	}
	return "unknown"
}
