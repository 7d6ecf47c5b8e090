// Package server is a name server: it answers DNS messages over UDP and TCP
// from the zones that it is the authority for (RFC 1035, RFC 6891, RFC 7766).
//
// [Server.Respond] makes an answer of a question's bytes; [Serve] carries bytes
// between sockets of a [lab.Host] and any [Handler], of which the local
// resolver is another. It must not know of caches, labs or screens.
package server
