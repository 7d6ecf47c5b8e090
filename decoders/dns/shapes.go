package dns

// shapeOf is the format of a type's data; nil if it is not known.
func shapeOf(t uint16) *shape {
	if int(t) < len(shapes) && shapes[t].doc != "" {
		return &shapes[t]
	}
	if t == 32768 || t == 32769 {
		return &shapes[43] // TA and DLV look as DS does (RFC 4431 §2)
	}
	return nil
}

// shapes are the formats, by type.
var shapes = [...]shape{
	1:  {"Gives the IPv4 address of a host (RFC 1035 §3.4.1).", []spec{{kIP4, "dns.a", "Address", "The host's IPv4 address."}}},
	2:  {"Names a server that is an authority for the zone of this name (RFC 1035 §3.3.11). At a zone cut it delegates: who asks further asks there.", []spec{{kName, "dns.ns", "Name server", "A host that serves the zone. Its address is asked for apart, or comes along as glue."}}},
	3:  {"A mail destination; replaced by MX (RFC 1035 §3.3.4).", []spec{{kName, "dns.md", "Mail destination", ""}}},
	4:  {"A mail forwarder; replaced by MX (RFC 1035 §3.3.5).", []spec{{kName, "dns.mf", "Mail forwarder", ""}}},
	5:  {"Says that this name is an alias: the question goes on with the canonical name (RFC 1035 §3.3.1).", []spec{{kName, "dns.cname", "Canonical name", "The name to go on with."}}},
	6:  {"Begins a zone: who answers for it, its version, and its timers (RFC 1035 §3.3.13). With a negative answer it says how long that may be cached (RFC 2308 §5).", soa},
	7:  {"A mailbox's host; experimental (RFC 1035 §3.3.3).", []spec{{kName, "dns.mb", "Host", ""}}},
	8:  {"A member of a mail group; experimental (RFC 1035 §3.3.6).", []spec{{kName, "dns.mg", "Member", ""}}},
	9:  {"A mailbox's new name; experimental (RFC 1035 §3.3.8).", []spec{{kName, "dns.mr", "New name", ""}}},
	10: {"Anything at all; experimental (RFC 1035 §3.3.10).", []spec{{kRest, "dns.null", "Data", ""}}},
	11: {"Services that a host offers; obsolete (RFC 1035 §3.4.2).", []spec{{kWKS, "", "", ""}}},
	12: {"Points to another name, most often from an address under in-addr.arpa or ip6.arpa to its host (RFC 1035 §3.3.12).", []spec{{kName, "dns.ptr.domain_name", "Domain name", "The name pointed to."}}},
	13: {"The host's hardware and system (RFC 1035 §3.3.2). Servers also give it as a minimal answer to ANY (RFC 8482 §4.2).", []spec{{kStr, "dns.hinfo.cpu", "CPU", ""}, {kStr, "dns.hinfo.os", "Operating system", ""}}},
	14: {"Who is responsible for a mailing list; experimental (RFC 1035 §3.3.7).", []spec{{kName, "dns.minfo.r", "Responsible mailbox", ""}, {kName, "dns.minfo.e", "Error mailbox", ""}}},
	15: {"Names the server that takes mail for this domain (RFC 1035 §3.3.9). So mail may have another host than the name itself.", []spec{{kU16, "dns.mx.preference", "Preference", "The lowest is tried first (RFC 5321 §5.1)."}, {kName, "dns.mx.mail_exchange", "Mail exchange", "The mail server's name. It must not be an alias (RFC 2181 §10.3)."}}},
	16: {"Text that programs read, such as a sender policy or a proof of ownership (RFC 1035 §3.3.14).", []spec{{kStrs, "dns.txt", "Text", "A string of at most 255 bytes (RFC 1035 §3.3)."}}},
	17: {"Who is responsible for this name (RFC 1183 §2.2).", []spec{{kName, "dns.rp.mailbox", "Mailbox", ""}, {kName, "dns.rp.txt_rr", "TXT name", ""}}},
	18: {"A server of AFS or DCE (RFC 1183 §1).", []spec{{kU16, "dns.afsdb.subtype", "Subtype", ""}, {kName, "dns.afsdb.hostname", "Host", ""}}},
	19: {"An X.25 address (RFC 1183 §3.1).", []spec{{kStr, "dns.x25.psdn_address", "PSDN address", ""}}},
	20: {"An ISDN number (RFC 1183 §3.2).", []spec{{kStr, "dns.idsn.address", "Address", ""}, {kStrs, "dns.idsn.sa.address", "Subaddress", ""}}},
	21: {"A host that forwards to this one (RFC 1183 §3.3).", []spec{{kU16, "dns.rt.subtype", "Preference", ""}, {kName, "dns.rt.intermediate_host", "Intermediate host", ""}}},
	22: {"An OSI address (RFC 1706 §5).", []spec{{kRest, "dns.nsap.rdata", "Address", ""}}},
	24: {"A signature of the first DNSSEC; replaced by RRSIG, still used for transactions (RFC 2931).", rrsig},
	25: {"A key of the first DNSSEC; replaced by DNSKEY (RFC 2535 §3).", []spec{{kU16, "dns.key.flags", "Flags", ""}, {kU8, "dns.key.protocol", "Protocol", ""}, {kAlg, "dns.key.algorithm", "Algorithm", ""}, {kRest64, "dns.key.public_key", "Public key", ""}}},
	26: {"How X.400 addresses are mapped (RFC 2163 §4).", []spec{{kU16, "dns.px.preference", "Preference", ""}, {kName, "dns.px.map822", "MAP822", ""}, {kName, "dns.px.map400", "MAPX400", ""}}},
	27: {"Where the host stands (RFC 1712); replaced by LOC.", []spec{{kStr, "dns.gpos.longitude", "Longitude", ""}, {kStr, "dns.gpos.latitude", "Latitude", ""}, {kStr, "dns.gpos.altitude", "Altitude", ""}}},
	28: {"Gives the IPv6 address of a host (RFC 3596 §2.1).", []spec{{kIP6, "dns.aaaa", "Address", "The host's IPv6 address."}}},
	29: {"Where on earth the host stands (RFC 1876).", []spec{{kLOC, "", "", ""}}},
	30: {"The next name of the zone; replaced by NSEC (RFC 2535 §5).", []spec{{kName, "dns.nxt.next_domain_name", "Next name", ""}, {kRest, "", "Types", ""}}},
	33: {"Says at which host and port a service of this domain is (RFC 2782).", []spec{{kU16, "dns.srv.priority", "Priority", "The lowest is tried first."}, {kU16, "dns.srv.weight", "Weight", "Among equal priorities, the share of clients that this one should get."}, {kU16, "dns.srv.port", "Port", "Where the service listens."}, {kName, "dns.srv.target", "Target", "The host. It must not be an alias."}}},
	35: {"A rule that rewrites a name or number into the next thing to look up (RFC 3403 §4).", []spec{{kU16, "dns.naptr.order", "Order", "Rules are used from the lowest on."}, {kU16, "dns.naptr.preference", "Preference", "Among rules of one order, the lowest first."}, {kStr, "dns.naptr.flags", "Flags", "What to look up next: S for SRV, A for an address, U for a URI."}, {kStr, "dns.naptr.service", "Service", "What the rule is for."}, {kStr, "dns.naptr.regex", "Regular expression", "How to rewrite."}, {kName, "dns.naptr.replacement", "Replacement", "The next name, if there is no expression."}}},
	36: {"A host that exchanges keys for this one (RFC 2230 §3).", []spec{{kU16, "dns.kx.preference", "Preference", ""}, {kName, "dns.kx.key_exchange", "Key exchanger", ""}}},
	37: {"A certificate (RFC 4398 §2).", []spec{{kU16, "dns.cert.type", "Type", ""}, {kU16, "dns.cert.key_tag", "Key tag", ""}, {kAlg, "dns.cert.algorithm", "Algorithm", ""}, {kRest64, "dns.cert.certificate", "Certificate", ""}}},
	38: {"An IPv6 address in pieces; historic (RFC 6563).", []spec{{kA6, "", "", ""}}},
	39: {"Renames everything below this name (RFC 6672 §2).", []spec{{kName, "dns.dname", "Target", "What the name is replaced by."}}},
	42: {"A list of address prefixes (RFC 3123 §4).", []spec{{kAPL, "", "", ""}}},
	43: {"A digest of the key that signs the child zone, signed by the parent: the link of the chain of trust (RFC 4034 §5).", ds},
	44: {"Fingerprint of a host's SSH key, to be compared on the first visit (RFC 4255 §3.1).", []spec{{kU8, "dns.sshfp.algorithm", "Algorithm", "Of the key: 1 RSA, 2 DSA, 3 ECDSA, 4 Ed25519, 6 Ed448."}, {kU8, "dns.sshfp.fingerprint.type", "Fingerprint type", "1 SHA-1, 2 SHA-256."}, {kRest, "dns.sshfp.fingerprint", "Fingerprint", ""}}},
	45: {"A key for IPsec (RFC 4025 §2).", []spec{{kIPSec, "", "", ""}}},
	46: {"Signs all records of one name and type (RFC 4034 §3). Who has the zone's key can tell whether they were forged.", rrsig},
	47: {"Says which name comes next in the zone and which types this one has: a signed proof that nothing lies between (RFC 4034 §4).", []spec{{kName, "dns.nsec.next_domain_name", "Next name", "In the zone's canonical order; the last one points to the first."}, {kTypes, "", "Types here", "Types of record that this name has."}}},
	48: {"A public key of the zone, with which its signatures are checked (RFC 4034 §2).", dnskey},
	49: {"Who got this name by DHCP (RFC 4701 §3).", []spec{{kRest, "dns.dhcid.rdata", "Identity", ""}}},
	50: {"As NSEC, with hashed names, so that the zone cannot be read off (RFC 5155 §3).", []spec{{kU8, "dns.nsec3.algo", "Hash algorithm", "1 is SHA-1, the only one (RFC 5155 §11)."}, {kN3Flags, "dns.nsec3.flags", "Flags", "Only the lowest bit is used (RFC 5155 §3.1.2)."}, {kU16, "dns.nsec3.iterations", "Iterations", "Additional rounds of hashing; 0 is recommended (RFC 9276 §3.1)."}, {kHex8, "dns.nsec3.salt_value", "Salt", "Added to the name before hashing; none is recommended (RFC 9276 §3.1)."}, {kB32, "dns.nsec3.hash_value", "Next hashed owner", "The next hash in the zone."}, {kTypes, "", "Types here", "Types of record that this name has."}}},
	51: {"How the zone hashes names for NSEC3 (RFC 5155 §4).", []spec{{kU8, "dns.nsec3.algo", "Hash algorithm", "1 is SHA-1, the only one (RFC 5155 §11)."}, {kU8, "dns.nsec3.flags", "Flags", "Zero (RFC 5155 §4.1.2)."}, {kU16, "dns.nsec3.iterations", "Iterations", "Additional rounds of hashing; 0 is recommended (RFC 9276 §3.1)."}, {kHex8, "dns.nsec3.salt_value", "Salt", "Added to the name before hashing."}}},
	52: {"Which certificate or key a TLS server of this name must show (RFC 6698 §2).", tlsa},
	53: {"Which certificate a mail user has (RFC 8162 §2).", tlsa},
	55: {"A host's identity, apart from its address (RFC 8005 §5).", []spec{{kHIP, "", "", ""}}},
	59: {"The DS that the child wants its parent to publish (RFC 7344 §3.1).", ds},
	60: {"The key of which the child wants its parent to publish a DS (RFC 7344 §3.2).", dnskey},
	61: {"A user's OpenPGP key (RFC 7929 §2).", []spec{{kRest64, "dns.openpgpkey", "Key", ""}}},
	62: {"Which records of the child its parent should copy (RFC 7477 §2).", []spec{{kU32, "dns.csync.soa", "SOA serial", ""}, {kU16, "dns.csync.flags", "Flags", "1 immediate, 2 only if the serial is at least this."}, {kTypes, "dns.csync.type_bitmap", "Types", "Types to copy."}}},
	63: {"A digest over the whole zone (RFC 8976 §2).", []spec{{kU32, "dns.zonemd.serial", "Serial", ""}, {kU8, "dns.zonemd.scheme", "Scheme", ""}, {kU8, "dns.zonemd.hash_algo", "Hash algorithm", ""}, {kRest, "dns.zonemd.digest", "Digest", ""}}},
	64: {"How a service is reached: at which name, port and addresses, by which protocols (RFC 9460 §2).", svcb},
	65: {"SVCB for HTTP: tells the browser before it connects of HTTP/3, other ports, address hints and encrypted ClientHello (RFC 9460 §9).", svcb},
	99: {"A sender policy; given up for TXT (RFC 7208 §3.1).", []spec{{kStrs, "dns.spf", "Text", ""}}},

	104: {"A node's identifier in ILNP (RFC 6742 §2.1).", []spec{{kU16, "dns.ilnp.nid.preference", "Preference", ""}, {kU64, "dns.ilnp.nid", "Node ID", ""}}},
	105: {"An IPv4 locator in ILNP (RFC 6742 §2.2).", []spec{{kU16, "dns.ilnp.l32.preference", "Preference", ""}, {kIP4, "dns.ilnp.l32", "Locator", ""}}},
	106: {"An IPv6 locator in ILNP (RFC 6742 §2.3).", []spec{{kU16, "dns.ilnp.l64.preference", "Preference", ""}, {kU64, "dns.ilnp.l64", "Locator", ""}}},
	107: {"The name of a locator in ILNP (RFC 6742 §2.4).", []spec{{kU16, "dns.ilnp.lp.preference", "Preference", ""}, {kName, "dns.ilnp.lp", "Locator", ""}}},
	108: {"A 48-bit link-layer address (RFC 7043 §3).", []spec{{kRest, "dns.eui48", "Address", ""}}},
	109: {"A 64-bit link-layer address (RFC 7043 §4).", []spec{{kRest, "dns.eui64", "Address", ""}}},
	249: {"Agrees on a key for signing transactions (RFC 2930 §2).", []spec{{kName, "dns.tkey.algo_name", "Algorithm", ""}, {kTime, "dns.tkey.signature_inception", "Inception", ""}, {kTime, "dns.tkey.signature_expiration", "Expiration", ""}, {kU16, "dns.tkey.mode", "Mode", ""}, {kU16, "dns.tkey.error", "Error", ""}, {kHex16, "dns.tkey.key_data", "Key data", ""}, {kHex16, "dns.tkey.other_data", "Other data", ""}}},
	250: {"Signs this one message with a key that both sides share (RFC 8945 §4.2).", []spec{{kName, "dns.tsig.algorithm_name", "Algorithm", ""}, {kU48, "dns.tsig.time_signed", "Time signed", ""}, {kU16, "dns.tsig.fudge", "Fudge", "Seconds that the clocks may differ."}, {kHex16, "dns.tsig.mac", "MAC", ""}, {kU16, "dns.tsig.original_id", "Original ID", ""}, {kU16, "dns.tsig.error", "Error", ""}, {kHex16, "dns.tsig.other_data", "Other data", ""}}},
	256: {"A URI at which a service is (RFC 7553 §4).", []spec{{kU16, "", "Priority", ""}, {kU16, "", "Weight", ""}, {kText, "", "Target", ""}}},
	257: {"Which certification authorities may issue for this name (RFC 8659 §4).", []spec{{kCAA, "", "", ""}}},
}

var soa = []spec{
	{kName, "dns.soa.mname", "Primary name server", "Where the zone is maintained."},
	{kName, "dns.soa.rname", "Responsible mailbox", "The first dot stands for an @ (RFC 1035 §8)."},
	{kU32, "dns.soa.serial_number", "Serial number", "The zone's version; it grows with each change (RFC 1982)."},
	{kU32, "dns.soa.refresh_interval", "Refresh interval", "Seconds after which secondaries look for a new version."},
	{kU32, "dns.soa.retry_interval", "Retry interval", "Seconds after which they try again if that fails."},
	{kU32, "dns.soa.expire_limit", "Expire limit", "Seconds after which they stop answering if it goes on failing."},
	{kU32, "dns.soa.minimum_ttl", "Minimum TTL", "How long it may be cached that something does not exist, in seconds (RFC 2308 §4)."},
}

var rrsig = []spec{
	{kType, "dns.rrsig.type_covered", "Type covered", "The type of the records that are signed."},
	{kAlg, "dns.rrsig.algorithm", "Algorithm", "How it is signed."},
	{kU8, "dns.rrsig.labels", "Labels", "Labels of the name as it stands in the zone; fewer than it has if a wildcard was expanded (RFC 4034 §3.1.3)."},
	{kU32, "dns.rrsig.original_ttl", "Original TTL", "The TTL in the zone, in seconds: caches count theirs down, and the signature is over this one."},
	{kTime, "dns.rrsig.signature_expiration", "Expiration", "The signature is not valid after it."},
	{kTime, "dns.rrsig.signature_inception", "Inception", "The signature is not valid before it."},
	{kU16, "dns.rrsig.key_tag", "Key tag", "Tells which of the zone's keys it was."},
	{kName, "dns.rrsig.signers_name", "Signer's name", "The zone whose key it is."},
	{kRest64, "dns.rrsig.signature", "Signature", "Over the records in canonical form and the fields above (RFC 4034 §3.1.8.1)."},
}

var dnskey = []spec{
	{kKeyFlags, "dns.dnskey.flags", "Flags", "What the key is for."},
	{kU8, "dns.dnskey.protocol", "Protocol", "Always 3 (RFC 4034 §2.1.2)."},
	{kAlg, "dns.dnskey.algorithm", "Algorithm", "How it signs."},
	{kRest64, "dns.dnskey.public_key", "Public key", "In the algorithm's own format."},
}

var ds = []spec{
	{kU16, "dns.ds.key_id", "Key tag", "Of the child's key."},
	{kAlg, "dns.ds.algorithm", "Algorithm", "Of the child's key."},
	{kHash, "dns.ds.digest_type", "Digest type", "How the digest was made."},
	{kRest, "dns.ds.digest", "Digest", "Over the child's name and key (RFC 4034 §5.1.4)."},
}

var tlsa = []spec{
	{kU8, "dns.tlsa.certificate_usage", "Certificate usage", "0 PKIX-TA, 1 PKIX-EE, 2 DANE-TA, 3 DANE-EE (RFC 7218 §2.1)."},
	{kU8, "dns.tlsa.selector", "Selector", "0 the whole certificate, 1 its public key."},
	{kU8, "dns.tlsa.matching_type", "Matching type", "0 as it is, 1 SHA-256, 2 SHA-512."},
	{kRest, "dns.tlsa.certificate_association_data", "Association data", "What must match."},
}

var svcb = []spec{
	{kU16, "dns.svcb.svcpriority", "Priority", "0: an alias for the target; else the lowest is tried first (RFC 9460 §2.4)."},
	{kName, "dns.svcb.targetname", "Target", "Where the service is; . is this very name (RFC 9460 §2.5)."},
	{kSVC, "", "", ""},
}
