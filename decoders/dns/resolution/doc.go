// Package resolution reads the story of name resolution out of a timeline:
// which messages belong to one resolution (a stub's query, everything that was
// sent to answer it, the response), who waits for whom, which zone a server is
// authoritative for, and what is in each resolver's cache.
//
// Messages, servers and their zones come from decoded DNS messages alone, so
// that it works for a capture as for a lab; what a resolver decided (the notes
// that protocols/dns/resolver describes) adds caches and validation.
//
// What has happened is read once into a [Log] that only grows; [State], the
// caches, is a pure fold over the log's notes, with checkpoints in [Tracker]
// that make going back cheap. The package must not know of screens.
package resolution
