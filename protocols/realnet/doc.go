// Package realnet is the real network as a lab's code sees it: a [lab.World]
// with one host, this machine, and the wall clock. What its sockets send and
// receive is a [capture.Source], so that clients that were written for the
// emulated network work on the real one and are looked at in the same way.
//
// Packets cannot be captured without privileges; bytes at a socket can. So each
// write and each read becomes a packet with headers made for it: addresses,
// ports and bytes are real, and so is their time at the socket; how TCP cut them
// into segments, acknowledged and repeated them is not known and not shown.
// Whoever shows them has to say so: [Notice].
//
// It knows no protocol above transport, and no screen.
package realnet

// Notice says what the packets of this package are.
const Notice = "seen at this program's sockets: bytes and times are real, segments are not those of the wire"
