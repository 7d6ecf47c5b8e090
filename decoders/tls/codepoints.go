package tls

import "fmt"

const alertCloseNotify = 0

// alertName is the name of an alert description (RFC 8446 §6).
func alertName(v byte) string {
	if n := alertText(v); n != "" {
		return n
	}
	return fmt.Sprintf("alert %d", v)
}

// groupName is the name of a key exchange group (RFC 8446 §4.2.7).
func groupName(v uint16) string {
	return named(v, groupText(v))
}

// signatureName is the name of a signature scheme (RFC 8446 §4.2.3).
func signatureName(v uint16) string {
	return named(v, signatureText(v))
}

// named is a name, or what stands for it.
func named(v uint16, name string) string {
	switch {
	case name != "":
		return name
	case isGrease(v):
		return "GREASE"
	}
	return fmt.Sprintf("unknown (%#04x)", v)
}

// alertText is the registered name of an alert, "" if there is none.
func alertText(v byte) string {
	switch v {
	case alertCloseNotify:
		return "close notify"
	case 10:
		return "unexpected message"
	case 20:
		return "bad record MAC"
	case 21:
		return "decryption failed"
	case 22:
		return "record overflow"
	case 30:
		return "decompression failure"
	case 40:
		return "handshake failure"
	case 41:
		return "no certificate"
	case 42:
		return "bad certificate"
	case 43:
		return "unsupported certificate"
	case 44:
		return "certificate revoked"
	case 45:
		return "certificate expired"
	case 46:
		return "certificate unknown"
	case 47:
		return "illegal parameter"
	case 48:
		return "unknown CA"
	case 49:
		return "access denied"
	case 50:
		return "decode error"
	case 51:
		return "decrypt error"
	case 60:
		return "export restriction"
	case 70:
		return "protocol version"
	case 71:
		return "insufficient security"
	case 80:
		return "internal error"
	case 86:
		return "inappropriate fallback"
	case 90:
		return "user canceled"
	case 100:
		return "no renegotiation"
	case 109:
		return "missing extension"
	case 110:
		return "unsupported extension"
	case 111:
		return "certificate unobtainable"
	case 112:
		return "unrecognized name"
	case 113:
		return "bad certificate status response"
	case 114:
		return "bad certificate hash value"
	case 115:
		return "unknown PSK identity"
	case 116:
		return "certificate required"
	case 120:
		return "no application protocol"
	case 121:
		return "ECH required"
	}
	return ""
}

// groupText is the registered name of a group, "" if there is none.
func groupText(v uint16) string {
	switch v {
	case 0x0001:
		return "sect163k1"
	case 0x0002:
		return "sect163r1"
	case 0x0003:
		return "sect163r2"
	case 0x0004:
		return "sect193r1"
	case 0x0005:
		return "sect193r2"
	case 0x0006:
		return "sect233k1"
	case 0x0007:
		return "sect233r1"
	case 0x0008:
		return "sect239k1"
	case 0x0009:
		return "sect283k1"
	case 0x000a:
		return "sect283r1"
	case 0x000b:
		return "sect409k1"
	case 0x000c:
		return "sect409r1"
	case 0x000d:
		return "sect571k1"
	case 0x000e:
		return "sect571r1"
	case 0x000f:
		return "secp160k1"
	case 0x0010:
		return "secp160r1"
	case 0x0011:
		return "secp160r2"
	case 0x0012:
		return "secp192k1"
	case 0x0013:
		return "secp192r1"
	case 0x0014:
		return "secp224k1"
	case 0x0015:
		return "secp224r1"
	case 0x0016:
		return "secp256k1"
	case 0x0017:
		return "secp256r1"
	case 0x0018:
		return "secp384r1"
	case 0x0019:
		return "secp521r1"
	case 0x001a:
		return "brainpoolP256r1"
	case 0x001b:
		return "brainpoolP384r1"
	case 0x001c:
		return "brainpoolP512r1"
	case 0x001d:
		return "x25519"
	case 0x001e:
		return "x448"
	case 0x001f:
		return "brainpoolP256r1tls13"
	case 0x0020:
		return "brainpoolP384r1tls13"
	case 0x0021:
		return "brainpoolP512r1tls13"
	case 0x0029:
		return "curveSM2"
	case 0x0100:
		return "ffdhe2048"
	case 0x0101:
		return "ffdhe3072"
	case 0x0102:
		return "ffdhe4096"
	case 0x0103:
		return "ffdhe6144"
	case 0x0104:
		return "ffdhe8192"
	case 0x0200:
		return "MLKEM512"
	case 0x0201:
		return "MLKEM768"
	case 0x0202:
		return "MLKEM1024"
	case 0x11eb:
		return "SecP256r1MLKEM768"
	case 0x11ec:
		return "X25519MLKEM768"
	case 0x11ed:
		return "SecP384r1MLKEM1024"
	case 0x6399:
		return "X25519Kyber768Draft00"
	case 0x639a:
		return "SecP256r1Kyber768Draft00"
	case 0xff01:
		return "arbitrary_explicit_prime_curves"
	case 0xff02:
		return "arbitrary_explicit_char2_curves"
	}
	return ""
}

// signatureText is the registered name of a signature scheme, "" if there is
// none.
func signatureText(v uint16) string {
	switch v {
	case 0x0101:
		return "rsa_md5"
	case 0x0201:
		return "rsa_pkcs1_sha1"
	case 0x0202:
		return "dsa_sha1"
	case 0x0203:
		return "ecdsa_sha1"
	case 0x0301:
		return "rsa_pkcs1_sha224"
	case 0x0302:
		return "dsa_sha224"
	case 0x0303:
		return "ecdsa_sha224"
	case 0x0401:
		return "rsa_pkcs1_sha256"
	case 0x0402:
		return "dsa_sha256"
	case 0x0403:
		return "ecdsa_secp256r1_sha256"
	case 0x0501:
		return "rsa_pkcs1_sha384"
	case 0x0502:
		return "dsa_sha384"
	case 0x0503:
		return "ecdsa_secp384r1_sha384"
	case 0x0601:
		return "rsa_pkcs1_sha512"
	case 0x0602:
		return "dsa_sha512"
	case 0x0603:
		return "ecdsa_secp521r1_sha512"
	case 0x0708:
		return "sm2sig_sm3"
	case 0x0804:
		return "rsa_pss_rsae_sha256"
	case 0x0805:
		return "rsa_pss_rsae_sha384"
	case 0x0806:
		return "rsa_pss_rsae_sha512"
	case 0x0807:
		return "ed25519"
	case 0x0808:
		return "ed448"
	case 0x0809:
		return "rsa_pss_pss_sha256"
	case 0x080a:
		return "rsa_pss_pss_sha384"
	case 0x080b:
		return "rsa_pss_pss_sha512"
	case 0x081a:
		return "ecdsa_brainpoolP256r1tls13_sha256"
	case 0x081b:
		return "ecdsa_brainpoolP384r1tls13_sha384"
	case 0x081c:
		return "ecdsa_brainpoolP512r1tls13_sha512"
	case 0x0904:
		return "mldsa44"
	case 0x0905:
		return "mldsa65"
	case 0x0906:
		return "mldsa87"
	}
	return ""
}
