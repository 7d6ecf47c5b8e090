package dns

import "strconv"

// Types of records that are told apart in code (RFC 1035 §3.2.2 and later).
const (
	typeA     = 1
	typeNS    = 2
	typeCNAME = 5
	typeSOA   = 6
	typePTR   = 12
	typeMX    = 15
	typeTXT   = 16
	typeAAAA  = 28
	typeSRV   = 33
	typeOPT   = 41
	typeRRSIG = 46
)

// Operation codes (RFC 1035 §4.1.1, RFC 1996, RFC 2136, RFC 8490).
const (
	opQuery  = 0
	opNotify = 4
	opUpdate = 5
	opDSO    = 6
)

// typeNames are the mnemonics of the registry, by number.
var typeNames = [...]string{
	1: "A", 2: "NS", 3: "MD", 4: "MF", 5: "CNAME", 6: "SOA", 7: "MB", 8: "MG", 9: "MR", 10: "NULL", 11: "WKS", 12: "PTR",
	13: "HINFO", 14: "MINFO", 15: "MX", 16: "TXT", 17: "RP", 18: "AFSDB", 19: "X25", 20: "ISDN", 21: "RT", 22: "NSAP",
	23: "NSAP-PTR", 24: "SIG", 25: "KEY", 26: "PX", 27: "GPOS", 28: "AAAA", 29: "LOC", 30: "NXT", 31: "EID", 32: "NIMLOC",
	33: "SRV", 34: "ATMA", 35: "NAPTR", 36: "KX", 37: "CERT", 38: "A6", 39: "DNAME", 40: "SINK", 41: "OPT", 42: "APL",
	43: "DS", 44: "SSHFP", 45: "IPSECKEY", 46: "RRSIG", 47: "NSEC", 48: "DNSKEY", 49: "DHCID", 50: "NSEC3",
	51: "NSEC3PARAM", 52: "TLSA", 53: "SMIMEA", 55: "HIP", 56: "NINFO", 57: "RKEY", 58: "TALINK", 59: "CDS", 60: "CDNSKEY",
	61: "OPENPGPKEY", 62: "CSYNC", 63: "ZONEMD", 64: "SVCB", 65: "HTTPS", 66: "DSYNC", 99: "SPF", 100: "UINFO", 101: "UID",
	102: "GID", 103: "UNSPEC", 104: "NID", 105: "L32", 106: "L64", 107: "LP", 108: "EUI48", 109: "EUI64", 128: "NXNAME",
	249: "TKEY", 250: "TSIG", 251: "IXFR", 252: "AXFR", 253: "MAILB", 254: "MAILA", 255: "ANY", 256: "URI", 257: "CAA",
	258: "AVC", 259: "DOA", 260: "AMTRELAY", 261: "RESINFO", 262: "WALLET",
}

// TypeName is the mnemonic of a type of record, "TYPE65280" if it has none
// (RFC 3597 §5).
func TypeName(t uint16) string {
	if int(t) < len(typeNames) && typeNames[t] != "" {
		return typeNames[t]
	}
	switch t {
	case 32768:
		return "TA"
	case 32769:
		return "DLV"
	}
	return "TYPE" + strconv.Itoa(int(t))
}

// ClassName is the mnemonic of a class, "CLASS32" if it has none (RFC 3597 §5).
func ClassName(c uint16) string {
	switch c {
	case 1:
		return "IN"
	case 2:
		return "CS"
	case 3:
		return "CH"
	case 4:
		return "HS"
	case 254:
		return "NONE"
	case 255:
		return "ANY"
	}
	return "CLASS" + strconv.Itoa(int(c))
}

// OpcodeName is the name of an operation.
func OpcodeName(op int) string {
	names := [...]string{"QUERY", "IQUERY", "STATUS", "", "NOTIFY", "UPDATE", "DSO"}
	if op >= 0 && op < len(names) && names[op] != "" {
		return names[op]
	}
	return "OPCODE" + strconv.Itoa(op)
}

// RcodeName is the name of a response code, extended ones of EDNS and TSIG
// included (RFC 6895 §2.3).
func RcodeName(rc int) string {
	names := [...]string{"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET",
		"NOTAUTH", "NOTZONE", "DSOTYPENI", "", "", "", "", "BADVERS", "BADKEY", "BADTIME", "BADMODE", "BADNAME", "BADALG", "BADTRUNC", "BADCOOKIE"}
	if rc >= 0 && rc < len(names) && names[rc] != "" {
		return names[rc]
	}
	return "RCODE" + strconv.Itoa(rc)
}

// algorithmName is a DNSSEC algorithm (RFC 8624 §3.1).
func algorithmName(a int64) string {
	names := [...]string{1: "RSA/MD5", 2: "Diffie-Hellman", 3: "DSA/SHA-1", 5: "RSA/SHA-1", 6: "DSA-NSEC3-SHA1", 7: "RSASHA1-NSEC3-SHA1",
		8: "RSA/SHA-256", 10: "RSA/SHA-512", 12: "GOST R 34.10-2001", 13: "ECDSA P-256/SHA-256", 14: "ECDSA P-384/SHA-384", 15: "Ed25519", 16: "Ed448"}
	if a >= 0 && int(a) < len(names) {
		return names[a]
	}
	return ""
}

// digestName is the digest of a DS record (RFC 8624 §3.3).
func digestName(d int64) string {
	names := [...]string{1: "SHA-1", 2: "SHA-256", 3: "GOST R 34.11-94", 4: "SHA-384"}
	if d >= 0 && int(d) < len(names) {
		return names[d]
	}
	return ""
}

// optionName is an EDNS option.
func optionName(code uint16) string {
	names := [...]string{1: "LLQ", 2: "UL", 3: "NSID", 5: "DAU", 6: "DHU", 7: "N3U", 8: "CLIENT-SUBNET", 9: "EXPIRE", 10: "COOKIE",
		11: "TCP-KEEPALIVE", 12: "PADDING", 13: "CHAIN", 14: "KEY-TAG", 15: "EXTENDED-ERROR", 16: "CLIENT-TAG", 17: "SERVER-TAG",
		18: "REPORT-CHANNEL", 19: "ZONEVERSION"}
	if int(code) < len(names) && names[code] != "" {
		return names[code]
	}
	return "option " + strconv.Itoa(int(code))
}

// extendedError is an info code of an extended DNS error (RFC 8914 §4).
func extendedError(code int64) string {
	names := [...]string{"other error", "unsupported DNSKEY algorithm", "unsupported DS digest type", "stale answer", "forged answer",
		"DNSSEC indeterminate", "DNSSEC bogus", "signature expired", "signature not yet valid", "DNSKEY missing", "RRSIGs missing",
		"no zone key bit set", "NSEC missing", "cached error", "not ready", "blocked", "censored", "filtered", "prohibited",
		"stale NXDOMAIN answer", "not authoritative", "not supported", "no reachable authority", "network error", "invalid data",
		"signature expired before valid", "too early", "unsupported NSEC3 iterations value", "unable to conform to policy", "synthesized"}
	if code >= 0 && int(code) < len(names) {
		return names[code]
	}
	return ""
}

// svcKey is the name of a parameter of SVCB (RFC 9460 §14.3.2).
func svcKey(k int64) string {
	names := [...]string{"mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint", "dohpath", "ohttp"}
	if k >= 0 && int(k) < len(names) {
		return names[k]
	}
	return "key" + strconv.FormatInt(k, 10)
}
