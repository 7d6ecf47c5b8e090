package tls

import (
	"fmt"
	"strings"
)

// labelOf makes of a field's name what people read.
func labelOf(name string) string {
	switch name {
	case "tls.handshake.type":
		return "Handshake type"
	case "tls.handshake.length":
		return "Length"
	case "tls.handshake.ciphersuite":
		return "Cipher suite"
	case "tls.handshake.extension.type":
		return "Extension"
	case "tls.handshake.extensions_alpn_str":
		return "Application protocol"
	case "tls.handshake.extensions_server_name":
		return "Server name"
	case "tls.handshake.extensions.supported_version":
		return "Supported version"
	case "tls.handshake.sig_hash_alg":
		return "Signature algorithm"
	case "tls.alert_message.desc":
		return "Description"
	case "tls.handshake.verify_data":
		return "Verify data"
	case "x509af.serialNumber":
		return "Serial number"
	case "x509af.notBefore":
		return "Not before"
	case "x509af.notAfter":
		return "Not after"
	case "x509ce.dNSName":
		return "DNS name"
	}
	s := name[strings.LastIndexByte(name, '.')+1:]
	if s == "" {
		return name
	}
	s = strings.ReplaceAll(s, "_", " ")
	return strings.ToUpper(s[:1]) + s[1:]
}

// valueOf shows a number with what it stands for.
func valueOf(name string, v int) string {
	w := uint16(v)
	switch name {
	case "tls.handshake.type":
		return fmt.Sprintf("%s (%d)", handshakeName(byte(v)), v)
	case "tls.alert_message.desc":
		return fmt.Sprintf("%s (%d)", alertName(byte(v)), v)
	case "tls.handshake.ciphersuite":
		return code(suiteName)(v)
	case "tls.handshake.extension.type":
		return fmt.Sprintf("%s (%d)", infoOf(w).name, v)
	case "tls.handshake.sig_hash_alg":
		return code(signatureName)(v)
	case "tls.handshake.extensions_key_share_group", "tls.handshake.extensions_supported_group", "tls.handshake.server_named_curve":
		return code(groupName)(v)
	case "tls.handshake.version", "tls.handshake.extensions.supported_version":
		return code(versionName)(v)
	}
	return fmt.Sprint(v)
}
