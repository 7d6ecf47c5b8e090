// Package dns holds the labs about the Domain Name System.
//
// The protocol itself is in zone, server, resolver and dnssec. This package
// brings them together: which hosts there are, what their zones say, who asks,
// what is predicted and what is measured. It must not know of the emulated
// network, only of [lab.World], nor of screens.
package dns
