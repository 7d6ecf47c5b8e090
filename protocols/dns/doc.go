// Package dns holds the labs about the Domain Name System.
//
// The protocol itself is in zone, server, resolver and dnssec. This package
// brings them together: which hosts there are, what their zones say, who asks,
// what is predicted and what is measured. It must not know of the emulated
// network, only of [lab.World], nor of screens.
//
// # Notes
//
// Beside the notes of package resolver the labs tell, with Proto "dns":
//
//	learned       a client has its answer: name, type, rcode, value (list)
//	resolved      the same in dns-resolve, without data
//	zone-edited   a zone was changed while it is served
//	trust-anchor  ds, dnskey: the root's key in zone file form, if zones are signed
//	race          an attempt at forging is over: windows, successes, one (the
//	              probability of one attempt), by_now (of at least one so far),
//	              forged (answers sent for each attempt)
//
// # Actions
//
// An action of kind "param" edits a zone or asks a question: its name is a
// zone's and its text "add NAME TTL TYPE DATA" or "delete NAME TYPE"; or its
// name is "query" and its text "NAME TYPE" (dns-records).
package dns
