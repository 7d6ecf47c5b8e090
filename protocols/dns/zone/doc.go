// Package zone holds the data of DNS zones: what a master file says (RFC 1035
// §5) and how a name server finds an answer in it (RFC 1034 §4.3.2).
//
// It is data in, data out: it must not know of sockets, clocks or caches. A
// [Zone] never changes once made; a [Set] replaces whole zones, so that a zone
// can be edited while a server answers from it.
package zone
