// Package swarm is the lab bittorrent: a tracker, seeds and leechers of our own
// client on the emulated network, with upload rates, arrivals and departures of
// their own, while a person watches who unchokes whom.
package swarm

import (
	"netscope/protocols/bittorrent/choker"
	"netscope/protocols/lab"
)

// Lab is the lab bittorrent. The zero value works.
type Lab struct{}

var _ lab.Lab = Lab{}

// The variants: how chokers decide.
const (
	textbook = "textbook"
	bep3     = "bep3"
	mainline = "mainline"
)

// The scenarios.
const (
	liveScenario = iota
	clusteringScenario
)

// Spec implements lab.Lab.
func (Lab) Spec() lab.Spec {
	return lab.Spec{
		ID: "bittorrent", Title: "BitTorrent: a swarm", Group: "P2P",
		Summary: "a live swarm chokes and unchokes: rarest first, tit for tat, optimistic unchokes, free riders, churn",
		About:   about,
		Params: []lab.Param{
			{Name: "scenario", Label: "scenario", Doc: "swarm: a live one; clustering: do peers cluster by upload rate? simulated, after Legout et al. 2007", Kind: lab.Choice, Choices: []string{"swarm", "clustering"}},
			{Name: "leechers", Label: "leechers", Doc: "peers that want the file", Kind: lab.Count, Default: 12, Min: 1, Max: 50},
			{Name: "seeds", Label: "seeds", Doc: "peers that have it", Kind: lab.Count, Default: 1, Min: 1, Max: 5},
			{Name: "size", Label: "file", Doc: "length of the file", Kind: lab.Bytes, Default: 3 << 20, Min: 16 << 10, Max: 64 << 20},
			{Name: "piece", Label: "piece", Doc: "length of a piece, a power of two", Kind: lab.Bytes, Default: 32 << 10, Min: 16 << 10, Max: 4 << 20},
			{Name: "seed-up", Label: "seed's upload", Doc: "upload rate of each seed", Kind: lab.Rate, Default: 512e3, Min: 1e3, Max: 1e9},
			{Name: "medium", Label: "medium upload", Doc: "upload rate of the 1st, 4th, 7th leecher and so on", Kind: lab.Rate, Default: 256e3, Min: 1e3, Max: 1e9},
			{Name: "fast", Label: "fast upload", Doc: "upload rate of the 2nd, 5th, 8th leecher and so on", Kind: lab.Rate, Default: 512e3, Min: 1e3, Max: 1e9},
			{Name: "slow", Label: "slow upload", Doc: "upload rate of the 3rd, 6th, 9th leecher and so on", Kind: lab.Rate, Default: 96e3, Min: 1e3, Max: 1e9},
			{Name: "down", Label: "download", Doc: "download rate of every leecher", Kind: lab.Rate, Default: 4e6, Min: 1e3, Max: 1e9},
			{Name: "rtt", Label: "RTT", Doc: "round-trip time between any two peers", Kind: lab.Duration, Default: 0.08, Min: 0, Max: 2},
			{Name: "arrive", Label: "arrivals every", Doc: "mean time between two arrivals, which are random", Kind: lab.Duration, Default: 2, Min: 0, Max: 600, Zero: "all at once"},
			{Name: "free", Label: "free riders", Doc: "leechers, of those above, that upload nothing", Kind: lab.Count, Default: 1, Min: 0, Max: 49},
			{Name: "selfish", Label: "selfish", Doc: "share of the leechers that leave once they have the file; the others stay as seeds", Kind: lab.Prob, Default: 0, Min: 0, Max: 1},
			{Name: "churn", Label: "churn after", Doc: "mean time that a leecher stays before it goes away for some ten seconds, and comes back with what it has", Kind: lab.Duration, Default: 0, Min: 0, Max: 3600, Zero: "none"},
			{Name: "tracker", Label: "tracker", Doc: "how peers talk to the tracker", Kind: lab.Choice, Choices: []string{"HTTP", "UDP"}},
			{Name: "runs", Label: "simulated runs", Doc: "of the clustering scenario, each with another seed", Kind: lab.Count, Default: 10, Min: 1, Max: 100},
		},
		Acts: []lab.Act{
			{Name: "kill", Args: "PEER", Doc: "end a peer's program: it tells nobody"},
			{Name: "add", Doc: "let one more leecher join"},
			{Name: "rate", Args: "PEER KBIT/S", Doc: "change what a peer may upload"},
			{Name: "free", Args: "PEER [off]", Doc: "make a peer a free rider, or no longer one"},
			{Name: "tracker", Args: "on|off", Doc: "start or stop the tracker"},
		},
		Variants: []lab.Variant{
			{ID: textbook, Title: "textbook: 4 + 1", Summary: "the four that give most, and one more chosen at random every 30 s"},
			{ID: bep3, Title: "BEP 3: 4, one of them at random", Summary: "the optimistic peer takes one of the four places; faster peers that are not interested are unchoked, too"},
			{ID: mainline, Title: "mainline 4.x: 3 + 1", Summary: "three that give most and one at random; seeds serve everybody in rotation"},
		},
	}
}

// policyOf is how a variant's chokers decide.
func policyOf(variant string) choker.Policy {
	switch variant {
	case bep3:
		return choker.BEP3()
	case mainline:
		return choker.Mainline4()
	}
	return choker.Textbook()
}

const about = `A file is cut into pieces. Who has one tells everybody, and who lacks it asks
for it: rarest piece first, so that none dies out. Each peer uploads to the four
that upload most to it (it unchokes them, looking anew every 10 s), and to one
more that it chooses at random every 30 s (it unchokes it optimistically). So who
gives gets, and a newcomer gets a chance to give.

The story to look for, between any two peers: Alice unchokes Bob optimistically;
Alice becomes one of Bob's top four, and Bob unchokes her in return; Bob becomes
one of Alice's top four. The swarm view tells who stands where in whose ranking,
and its log tells each step.

Each peer is our own BitTorrent client on a host of its own. A peer's upload rate
is the limit that its user has set: what its client gives to all others together.
The access link is five times as fast, so that a short message, such as a choke,
waits little behind blocks. Free riders upload nothing. The ranking itself is not on the wire:
chokers tell it in notes.

A person can change it, in the swarm view: K kills the peer that is followed, A
adds one, U changes its upload rate, R makes it a free rider or no longer one, X
stops or starts the tracker. At the live end of a run the change is made there;
in its past the run is made once more with the change from the playhead on, and
both are shown beside each other. On the command line: --act '30s kill alice'.

With scenario=clustering the swarm is simulated, block by block, by the very
same picker and choker (the simulation says so): 40 leechers of three upload
classes, once with a fast seed and once with a starved one. The index is the
share of the time of regular unchokes that stays in the own class, until the
first leecher leaves; by chance it would be .31 to .33. With a fast seed it is
about .8 for the fast class, .5 for the medium one, .3 for the slow one, and .53
for all together; with a starved seed .2, .3, .4, and .28. So the fast peers
cluster clearly, the medium ones less, and the slow ones do not within that time:
a faster stranger's optimistic unchoke gives a slow peer more, for 30 s, than any
peer of its own class, and ranks first until it counts as snubbing 30 s later;
about half of the slow peers' slots go to such strangers. When the file is four
times as long, so that peers have longer to find each other, the indices are
about .4, .6, .9, and .64.`
