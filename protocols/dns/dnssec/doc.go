// Package dnssec signs zones and checks signatures (RFC 4033 to 4035, 5155).
//
// Keys follow from the random numbers that are given, and signatures from the
// keys alone, so that a run of a lab can be repeated to the bit. Times are
// arguments. It must not know of sockets or caches.
package dnssec
