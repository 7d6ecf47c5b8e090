package tls

import "fmt"

// Extension types that are read (IANA registry "TLS ExtensionType Values").
const (
	extServerName     = 0
	extMaxFragment    = 1
	extStatusRequest  = 5
	extGroups         = 10
	extPoints         = 11
	extSignatures     = 13
	extHeartbeat      = 15
	extALPN           = 16
	extSCT            = 18
	extClientCertType = 19
	extServerCertType = 20
	extPadding        = 21
	extEncryptThenMAC = 22
	extCompressCert   = 27
	extRecordSize     = 28
	extDelegated      = 34
	extSessionTicket  = 35
	extPSK            = 41
	extEarlyData      = 42
	extVersions       = 43
	extCookie         = 44
	extPSKModes       = 45
	extAuthorities    = 47
	extSignaturesCert = 50
	extKeyShare       = 51
	extQUIC           = 57
	extALPSOld        = 17513
	extALPS           = 17613
	extECH            = 65037
	extRenegotiation  = 65281
)

// extensionInfo is an extension's registered name and what it is for.
type extensionInfo struct {
	name, doc string
}

// infoOf describes an extension type.
func infoOf(t uint16) extensionInfo {
	if isGrease(t) {
		return extensionInfo{"GREASE", "Means nothing: a client sends reserved values so that servers do not forget to ignore what they do not know (RFC 8701)."}
	}
	if i, ok := extensionInfos[t]; ok {
		return i
	}
	return extensionInfo{fmt.Sprintf("unknown (%d)", t), "An extension that netscope does not know; a server ignores those it does not know (RFC 8446 §4.2)."}
}

// extensionInfos describes the extensions that one meets.
var extensionInfos = map[uint16]extensionInfo{
	extServerName:     {"server_name", "The host that the client wants, in clear, so that one address can serve many names with their own certificates (RFC 6066 §3)."},
	extMaxFragment:    {"max_fragment_length", "The client wants records no longer than this: 2^9 to 2^12 bytes (RFC 6066 §4)."},
	2:                 {"client_certificate_url", "The client can send a link to its certificate instead of the certificate (RFC 6066 §5)."},
	3:                 {"trusted_ca_keys", "The roots that a client trusts, so that the server chooses a chain it can verify (RFC 6066 §6)."},
	4:                 {"truncated_hmac", "A MAC cut to 80 bits; no longer to be used (RFC 6066 §7)."},
	extStatusRequest:  {"status_request", "The client wants a fresh proof that the certificate is not revoked: an OCSP response, stapled to it (RFC 6066 §8)."},
	extGroups:         {"supported_groups", "The groups in which the client can exchange keys, the best first (RFC 8446 §4.2.7)."},
	extPoints:         {"ec_point_formats", "How points of elliptic curves may be written; nothing but uncompressed is left (RFC 8422 §5.1.2)."},
	12:                {"srp", "A user name for password-based key exchange (RFC 5054)."},
	extSignatures:     {"signature_algorithms", "The signatures that the sender can verify, the best first (RFC 8446 §4.2.3)."},
	14:                {"use_srtp", "The handshake is to give keys for media packets (RFC 5764 §4.1)."},
	extHeartbeat:      {"heartbeat", "The sender takes part in keep-alive messages (RFC 6520 §2)."},
	extALPN:           {"application_layer_protocol_negotiation", "The protocols that the client can speak inside, and the server's choice, so that no round trip is lost to agree (RFC 7301)."},
	17:                {"status_request_v2", "As status_request, for a whole chain (RFC 6961)."},
	extSCT:            {"signed_certificate_timestamp", "Proof that the certificate stands in a public log (RFC 6962 §3.3)."},
	extClientCertType: {"client_certificate_type", "Kinds of certificate that the client can send, raw public keys among them (RFC 7250 §3)."},
	extServerCertType: {"server_certificate_type", "Kinds of certificate that the client can take (RFC 7250 §3)."},
	extPadding:        {"padding", "Zeros that only make the ClientHello longer: some servers choke on lengths from 256 to 511 bytes (RFC 7685)."},
	extEncryptThenMAC: {"encrypt_then_mac", "With CBC suites the MAC is to cover the ciphertext, which stops padding oracles (RFC 7366)."},
	23:                {"extended_master_secret", "The master secret is to depend on the whole handshake, so that two connections cannot be made to share one (RFC 7627)."},
	24:                {"token_binding", "Cookies are to be bound to a key (RFC 8472)."},
	25:                {"cached_info", "The client has the certificates already: their hash is enough (RFC 7924)."},
	extCompressCert:   {"compress_certificate", "The compressions in which the client can take certificates (RFC 8879 §3)."},
	extRecordSize:     {"record_size_limit", "The longest record that the sender can take, in bytes (RFC 8449 §4)."},
	extDelegated:      {"delegated_credentials", "The signatures that the client can verify of a short-lived key that a certificate vouches for (RFC 9345 §4.1.1)."},
	extSessionTicket:  {"session_ticket", "The state of an earlier session, sealed by the server, to resume it; empty: a ticket is welcome (RFC 5077 §3.2)."},
	extPSK:            {"pre_shared_key", "Tickets of earlier sessions, with a proof each of knowing its secret; the server answers with the one it takes. It must be the last (RFC 8446 §4.2.11)."},
	extEarlyData:      {"early_data", "Application data follows in the first flight, before the server has spoken; the server repeats this if it takes it (RFC 8446 §4.2.10)."},
	extVersions:       {"supported_versions", "The versions that the client can speak, and the server's choice; the older version field stays at TLS 1.2 so that old middleboxes let it pass (RFC 8446 §4.2.1)."},
	extCookie:         {"cookie", "What a HelloRetryRequest wants to get back, so that the server needs no memory (RFC 8446 §4.2.2)."},
	extPSKModes:       {"psk_key_exchange_modes", "How tickets may be used: alone, or with a fresh key exchange (RFC 8446 §4.2.9)."},
	extAuthorities:    {"certificate_authorities", "The authorities whose certificates the sender accepts (RFC 8446 §4.2.4)."},
	48:                {"oid_filters", "What a client's certificate must contain (RFC 8446 §4.2.5)."},
	49:                {"post_handshake_auth", "The client can be asked for a certificate later (RFC 8446 §4.2.6)."},
	extSignaturesCert: {"signature_algorithms_cert", "The signatures within certificates that the sender can verify (RFC 8446 §4.2.3)."},
	extKeyShare:       {"key_share", "Public keys for the key exchange, one for each group that the client bets on; the server answers with one (RFC 8446 §4.2.8)."},
	54:                {"connection_id", "An identifier that lets a DTLS connection survive a new address (RFC 9146)."},
	extQUIC:           {"quic_transport_parameters", "Limits and settings of a QUIC connection (RFC 9001 §8.2)."},
	58:                {"ticket_request", "How many tickets the client wants (RFC 9149)."},
	13172:             {"next_protocol_negotiation", "The forerunner of ALPN, in which the client chose."},
	extALPSOld:        {"application_settings", "Settings of the protocol inside, sent with the handshake (Chrome's ALPS, a draft)."},
	extALPS:           {"application_settings", "Settings of the protocol inside, sent with the handshake (Chrome's ALPS, a draft)."},
	30031:             {"channel_id_old", "The client proves a key of its own (a draft, given up)."},
	30032:             {"channel_id", "The client proves a key of its own (a draft, given up)."},
	extECH:            {"encrypted_client_hello", "The true ClientHello, encrypted to the server's public key, so that the name is hidden; or noise of the same form (RFC 9849)."},
	65486:             {"encrypted_server_name", "The encrypted server name of early drafts of ECH."},
	extRenegotiation:  {"renegotiation_info", "Ties a renegotiation to the connection before it, so that nobody can put bytes in front (RFC 5746 §3.2)."},
}
