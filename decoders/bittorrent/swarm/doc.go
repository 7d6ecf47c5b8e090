// Package swarm computes the state of BitTorrent swarms from decoded messages
// alone: who has which piece, who is interested in whom, who chokes whom, at
// which rates content flows. It works for a capture as for a lab; what a
// choker decided (notes named "choke-round") is added where there is any.
//
// A swarm is more than a conversation, so that the folder of package timeline
// does not fit; [Tracker] keeps its contract over all conversations: what has
// happened is read once into a [Log] of small events, [State] is a pure fold
// over these, and checkpoints make going back cheap. Cloning a state shares the
// sets of pieces until they are written to.
//
// A note's data is the JSON that protocols/bittorrent/client writes: "round"
// (from 0), "t" and "next_s" in seconds, "mode" ("leecher" or "seed"), "slots",
// and "peers" in the order of the ranking, each with "id" (the peer ID in
// hexadecimal), "peer" and "listen" (addresses), "rate" in bytes a second,
// "reason", "unchoked", "regular", "optimistic", "interested". Everything is
// optional. Other notes tell what a [Told] holds: "torrent" and "torrent-known" how long a torrent is,
// "joined", "left", "killed" and "changed" what becomes of a host, and of the
// tracker.
//
// The package must not know of screens.
package swarm
