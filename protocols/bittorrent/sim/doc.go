// Package sim simulates a swarm block by block in virtual time. Every peer
// decides with the very same picker and choker as the live client; only the
// network is simplified, so that ten thousand peers fit in one process:
//
//   - Messages take no time and are never lost. Hashes are always right.
//   - A sender gives its upload rate to one block at a time, in turn over the
//     peers that have requests waiting: each gets a fair share, and what one
//     cannot take goes to the others.
//   - A receiver takes blocks at its download rate. While it is behind, blocks
//     on their way count as asked for, so its requests slow down and senders
//     turn to others: together an approximation of max-min fairness, exact to a
//     few blocks.
//   - A choke lets the block that is being sent arrive; the other requests go
//     back at once (as with the fast extension).
//
// A peer's picker is told of haves when it has to decide, not when they come:
// who is interested in whom is read from the sets of pieces alone. That decides
// nothing differently, and saves most of the memory traffic that large swarms
// cost.
//
// Cost of a piece that arrives at a peer, of 512, with 40 neighbours each, as CPU
// time on a shared 2-core machine: 17 µs with 100 peers and 36 µs with 1,000 (a
// piece in four blocks); with a piece in one block, 23 to 26 µs with 700 peers,
// and 34 µs with 4,000 as with 10,000, of which a run takes three minutes and
// 400 MB. It grows while fewer of the peers fit into the processor's caches, and
// no more from then on.
//
// A simulation is a function of its Config, the seed of all its random choices
// included. It knows no clock, no network and no screen.
package sim

import (
	"time"

	"netscope/protocols/bittorrent/choker"
)

// Class is a group of alike peers.
type Class struct {
	Name  string
	Count int
	Up    float64 // bytes per second that each can send; 0: nothing (a free rider)
	Down  float64 // bytes per second that each can receive; 0: no limit

	Seed   bool          // has the whole file
	From   time.Duration // the first arrives
	Spread time.Duration // and the others, evenly and in random order, within this time
	// Stay is for how long a peer that is done goes on sharing; negative: for ever.
	Stay time.Duration

	Policy *choker.Policy // nil: Config.Policy
}

// Config is a swarm.
type Config struct {
	Seed    uint64 // of all random choices
	Classes []Class

	Pieces    int
	PieceSize int // bytes
	BlockSize int // bytes: the grain of transfers; 0: 16 KiB

	Policy      choker.Policy
	RandomFirst int  // see picker.Config
	SeedsMixed  bool // not picker.Config.SeedsApart
	NoEndgame   bool
	Pipeline    int // blocks asked of one peer at a time; 0: two, and what comes in four seconds, as mainline

	// Initiate is how many peers of the tracker's random list a newcomer
	// connects to, and Max how many connections a peer accepts. 0: 25 and 80.
	Initiate, Max int
	// Least is below how many connections a peer asks the tracker again; 0: 10.
	Least int

	Horizon time.Duration // ends here at the latest; 0: 1000 h
	// UntilFirst ends the simulation when the first leecher is done.
	UntilFirst bool
}

func (c Config) withDefaults() Config {
	set := func(x *int, d int) {
		if *x <= 0 {
			*x = d
		}
	}
	set(&c.BlockSize, 16<<10)
	set(&c.Initiate, 25)
	set(&c.Max, 80)
	set(&c.Least, 10)
	set(&c.Pieces, 1)
	set(&c.PieceSize, c.BlockSize)
	if c.Horizon <= 0 {
		c.Horizon = 1000 * time.Hour
	}
	return c
}

// Peer is what became of a peer.
type Peer struct {
	Class   int
	Arrived time.Duration
	Done    time.Duration // has the whole file; -1: not yet
	Left    time.Duration // -1: still here
	Pieces  int           // that it has
	Sent    int64         // bytes
	Got     int64         // bytes, waste included
	Waste   int64         // bytes that came twice (endgame)
}

// Result is what happened so far.
type Result struct {
	Now   time.Duration
	Ended bool // all leechers are done, or the horizon is reached
	Peers []Peer
	// Regular[i][j] is for how long, in seconds, peers of class i that were
	// leechers let leechers of class j have data as a reward (not as the
	// optimistic one).
	Regular [][]float64
	// Worst is when the last leecher was done; -1 if one is not.
	Worst time.Duration
	// Done is how many leechers are, of how many.
	Done, Leechers int
	Pieces         int64 // that arrived at leechers
	Events         int64 // simulated
}
