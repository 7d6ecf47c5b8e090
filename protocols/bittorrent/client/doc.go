// Package client is a BitTorrent client: it downloads and seeds one torrent,
// speaking the peer wire protocol of package wire over the connections of a
// host, emulated or real.
//
// What is decided elsewhere: which blocks to ask for (package picker), whom to
// unchoke (package choker). This package gives them what they have to know and
// does what they say.
//
// One goroutine, the loop, owns the state of a client. Each connection has a
// goroutine that reads and, while there is something to send, one that writes;
// they hand what they do to the loop and wait, so that in virtual time a run
// repeats itself exactly. Time comes from the clock in Config and chance from
// its random source.
//
// What a peer can cost is bounded: message lengths before anything is
// allocated, requests and bytes that wait, connections, half-open connections,
// connections that have not shaken hands, and those of one address; a peer that
// breaks the protocol is cut off, and one that sends wrong data is banned, but
// only when it is certain that it was this one.
//
// The package must not know of labs' topologies, of screens, or of peers' names.
package client
