// Package torrent takes part in one swarm for a person: from a torrent file or
// magnet link to files that are verified, on disk, below one directory. It is
// the work that package realnet does on the real network; making torrents and
// being a tracker belong to it, so that a swarm of one's own needs nothing else.
//
// What a client does is package client's, what lies on disk package store's;
// here they are put together: what is wanted is checked before anything is
// opened, an end that is asked for is told to trackers, and what came of it is
// said in a sentence.
//
// The package must not know of flags or screens.
package torrent
