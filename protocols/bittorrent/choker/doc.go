// Package choker decides which peers may have data from us: tit for tat.
//
// Every round (10 s) the interested peers are ranked by what they give us, or,
// when we have the whole file, by what they take or in rotation. The first few
// are unchoked, and beside or among them one optimistic peer that is chosen at
// random and changes every third round.
//
// A decision is a function of what is known of the peers, of the policy, of the
// state that the last decision left, and of a random source. A peer is an opaque
// number, so no decision can know who it is. The package knows neither network
// nor clock, and starts nothing.
package choker

import "time"

// Round is the time between two decisions, Rotation between two optimistic ones.
const (
	Round    = 10 * time.Second
	Rotation = 3 * Round
)

// ID names a peer to the caller. Nothing is decided by its value.
type ID uint64

// Rand is the random source: a *rand.Rand of math/rand/v2, say.
type Rand interface{ IntN(n int) int }

// Peer is what is known of a connected peer. Times are since any one fixed
// moment, the same for all.
type Peer struct {
	ID         ID
	Interested bool // it wants data from us
	Unchoked   bool // we let it have data now
	Complete   bool // it has the whole file and so wants nothing

	Down, Up float64 // bytes per second from it and to it, over the estimator's window

	Connected time.Duration // when
	Unchoking time.Duration // when we last changed from choking to unchoking it; 0 if never
	Pending   bool          // requests of it wait to be served
	Snubbed   bool          // it has sent nothing for long: see Snubbed
}

// Snubbed is the anti-snubbing rule: a peer that has sent no block for the time
// after counts as one that gives nothing. lastBlock is when its last block came,
// 0 if none ever did; since is when it could have begun: when it connected, or
// when we were last unchoked by it and wanted something.
func Snubbed(now, lastBlock, since, after time.Duration) bool {
	return now-max(lastBlock, since) > after
}

// SeedPolicy is how a peer with the whole file chooses.
type SeedPolicy uint8

// Ways to choose when there is nothing left to get.
const (
	// ByUpload ranks by the rate at which peers take data (BEP 3).
	ByUpload SeedPolicy = iota
	// Rotate serves all alike (mainline 4.x, as Legout et al. 2006 describe it):
	// unchoked peers are ordered by when they were unchoked, the latest first; in
	// two rounds of three all slots but one stay with the first of them and the
	// last goes to a choked, interested peer at random; in the third round the
	// first stay in all slots.
	Rotate
)

// String names the way.
func (s SeedPolicy) String() string {
	if s == Rotate {
		return "in rotation"
	}
	return "by upload rate"
}

// Policy is how a choker decides.
type Policy struct {
	Slots int // regular unchokes of interested peers, by rate

	// Among takes the optimistic peer's place from the regular ones when it is
	// interested: with Slots 4 three are chosen by rate (BEP 3: "it counts as
	// one of the four allowed downloaders"). It may then also be a peer that is
	// not interested.
	Among bool
	// Faster unchokes also peers that are not interested but give more than the
	// slowest regular one (BEP 3), so that they can begin at once.
	Faster bool
	// Idle lets peers that give nothing stand in the ranking, at its end.
	// Without it, slots that no giving peer takes stay empty, or see Fill.
	Idle bool
	// Fill gives slots that stay empty to interested peers at random.
	Fill bool
	// Replace chooses another optimistic peer at once when it has earned a
	// regular slot or is gone; without it only the rotation does.
	Replace bool
	// Snub is after how long a peer that sends nothing counts as snubbing us.
	Snub time.Duration

	Every int // rounds between optimistic choices; 0: 3
	Newer int // how many times likelier a new peer is chosen; 0: 3
	// New is for how long after its connection a peer counts as new; 0: Rotation.
	New time.Duration

	Seed      SeedPolicy
	SeedSlots int // slots of a seed, all kinds; 0: Slots + 1, or Slots if Among
}

// Textbook is the choker of the textbook: the four peers that give most, and
// one more, chosen at random.
func Textbook() Policy {
	return Policy{Slots: 4, Idle: true, Snub: time.Minute, Seed: ByUpload}
}

// BEP3 is the choker of BEP 3: four, the optimistic one among them, and faster
// peers that are not interested.
func BEP3() Policy {
	return Policy{Slots: 4, Among: true, Faster: true, Idle: true, Fill: true, Replace: true, Snub: time.Minute, Seed: ByUpload}
}

// Mainline4 is the choker of the mainline client 4.x that Legout et al. (2006,
// 2007) measured: three regular slots for peers that have sent a block in the
// last 30 s, one optimistic, free slots filled, seeds in rotation.
func Mainline4() Policy {
	return Policy{Slots: 3, Fill: true, Replace: true, Snub: 30 * time.Second, Seed: Rotate, SeedSlots: 4}
}

func (p Policy) every() int {
	if p.Every > 0 {
		return p.Every
	}
	return 3
}

func (p Policy) newer() int {
	if p.Newer > 0 {
		return p.Newer
	}
	return 3
}

func (p Policy) isNew(now, connected time.Duration) bool {
	d := p.New
	if d <= 0 {
		d = Rotation
	}
	return now-connected < d
}

func (p Policy) seedSlots() int {
	switch {
	case p.SeedSlots > 0:
		return p.SeedSlots
	case p.Among:
		return p.Slots
	}
	return p.Slots + 1
}
