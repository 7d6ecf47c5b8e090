// Package swarm draws a BitTorrent swarm: who has which piece and how rare it
// is, who unchokes whom and how fast content flows, each peer's ranking of the
// others, and what has happened in sentences.
//
// The picture is computed as data by [Look] from the fold of
// decoders/bittorrent/swarm and drawn from it. The package must not read
// messages itself.
package swarm

import (
	"sort"

	"netscope/decoders"
	fold "netscope/decoders/bittorrent/swarm"
	"netscope/decoders/timeline"
	"netscope/tui/view/grid"
)

// Peer is a row of the picture.
type Peer struct {
	Node     int32
	Letter   string
	Name     string
	Client   string
	Pieces   int
	Seed     bool
	Gone     bool
	Here     bool    // it has a connection now, or has told the tracker that it is there
	Down, Up float64 // bytes a second
	Sent     int64   // bytes of content
	Got      int64
	Pending  int     // requests that it waits for
	Limit    float64 // what it may upload, as a note told; 0 unknown
	Free     bool    // a free rider, as a note told
	State    *fold.NodeState
}

// Link is one direction between two peers, from who chokes.
type Link struct {
	Up         bool // there is a connection
	Unchoked   bool
	Told       bool // the choke state was said, not only assumed
	Optimistic bool
	Wanted     bool          // the other is interested
	Rate       float64       // bytes a second from the first to the second
	Pending    int           // the second's requests
	Since      timeline.Time // of the last choke or unchoke that was said
	Recent     bool          // … which is less than a second ago
	Conv       int32         // index in Log.Conns
}

// Slot is a place in a peer's ranking.
type Slot struct {
	Peer       int // index in Scene.Peers; -1 not among them
	Rate       float64
	Optimistic bool
	Unchoked   bool
	Reason     string
}

// Ranking is whom a peer unchokes, and why.
type Ranking struct {
	Top    []Slot
	Noted  bool    // the choker's own, else computed from what was decoded
	Next   float64 // seconds to its next round, < 0 unknown
	Rotate bool    // … in which the optimistic one changes
}

// Scene is everything that is drawn, at one place of the timeline.
type Scene struct {
	Peers     []Peer
	Links     [][]Link // from, to
	Rankings  []Ranking
	Pieces    int
	Exact     bool
	Copies    []int // of each piece
	Lines     []fold.Line
	Hash      string
	Torrents  int
	Selected  int  // index in Peers, -1 none
	Other     int  // whom the selected one is looked at with, -1 nobody
	NoTracker bool // it was stopped
	Now       timeline.Time
}

// recent is for how long a change is marked.
const recent timeline.Time = 1e9

// maxPeers is how many peers are drawn.
const maxPeers = 400

// Look computes the scene of one torrent. follow is the node that a person
// follows, and other whom it is looked at with, or -1.
func Look(tr *fold.Tracker, st *fold.State, torrent, follow, other int32, now timeline.Time) *Scene {
	l := &tr.Log
	sc := &Scene{Selected: -1, Other: -1, NoTracker: st.TrackerOff, Now: now, Torrents: len(l.Torrents)}
	if int(torrent) < len(st.Torrents) {
		sc.Pieces, sc.Exact, sc.Hash = st.Torrents[torrent].Pieces, st.Torrents[torrent].Exact, l.Torrents[torrent]
	}
	at := make([]int, len(l.Nodes))
	for i := range at {
		at[i] = -1
	}
	for i := range st.Nodes {
		if !st.Nodes[i].Seen || l.Nodes[i].Torrent != torrent || len(sc.Peers) >= maxPeers {
			continue
		}
		n := &st.Nodes[i]
		at[i] = len(sc.Peers)
		if int32(i) == follow {
			sc.Selected = len(sc.Peers)
		}
		if int32(i) == other {
			sc.Other = len(sc.Peers)
		}
		h := st.HostOf(l, i)
		sc.Peers = append(sc.Peers, Peer{Node: int32(i), Letter: grid.Letters(len(sc.Peers)), Name: l.Nodes[i].Name(), Client: l.Nodes[i].Client,
			Pieces: n.Pieces(sc.Pieces), Seed: n.Seed || n.Full >= 0, Gone: n.Gone || h.Gone, Limit: h.Up, Free: h.Free, Up: n.Flow[0].PerSecond(now), Down: n.Flow[1].PerSecond(now),
			Sent: n.Flow[0].Total, Got: n.Flow[1].Total, State: n, Here: n.Tracker != "" && !n.Gone && !h.Gone})
	}
	sc.links(l, st, at)
	sc.Copies = st.Copies(l, torrent, sc.Pieces, func(i int) bool { return at[i] >= 0 && sc.Peers[at[i]].Here })
	for i := range sc.Peers {
		sc.Rankings = append(sc.Rankings, sc.ranking(i, at))
	}
	for _, x := range tr.Lines() {
		if x.From < 0 || l.Nodes[x.From].Torrent == torrent {
			sc.Lines = append(sc.Lines, x)
		}
	}
	return sc
}

// links fills in who chokes whom from the connections that are up.
func (sc *Scene) links(l *fold.Log, st *fold.State, at []int) {
	sc.Links = make([][]Link, len(sc.Peers))
	for i := range sc.Links {
		sc.Links[i] = make([]Link, len(sc.Peers))
	}
	for c := range st.Conns {
		k, x := &l.Conns[c], &st.Conns[c]
		if !x.Seen || !k.Active(sc.Now) || k.Node[0] < 0 || k.Node[1] < 0 || at[k.Node[0]] < 0 || at[k.Node[1]] < 0 {
			continue
		}
		for d := range 2 {
			a, b := at[k.Node[d]], at[k.Node[1-d]]
			sc.Peers[a].Here = true
			sc.Peers[a].Pending += int(x.Pending[d])
			sc.Links[a][b] = Link{Up: true, Unchoked: !x.Choking[d], Told: x.Told[d], Optimistic: x.Optimistic[d],
				Wanted: x.Interested[decoders.Dir(d).Other()], Rate: x.Flow[d].PerSecond(sc.Now), Pending: int(x.Pending[1-d]),
				Since: x.Since[d], Recent: x.Told[d] && sc.Now-x.Since[d] < recent, Conv: int32(c)}
		}
	}
}

// ranking is a peer's own, or who gives to it (takes from it, if it is a seed)
// most.
func (sc *Scene) ranking(i int, at []int) Ranking {
	r := Ranking{Next: -1}
	if round := sc.Peers[i].State.Round; round != nil {
		r.Noted = true
		if next := round.Next - (sc.Now - round.At).Seconds(); round.Next > 0 && next > -1 {
			r.Next = max(next, 0)
		}
		r.Rotate = round.Num%3 == 2
		for _, p := range round.Peers {
			if s := (Slot{Peer: -1, Rate: p.Rate, Optimistic: p.Optimistic, Unchoked: p.Unchoked, Reason: p.Reason}); p.Node >= 0 && int(p.Node) < len(at) && at[p.Node] >= 0 {
				s.Peer = at[p.Node]
				r.Top = append(r.Top, s)
			}
		}
		sort.SliceStable(r.Top, func(a, b int) bool { return rank(&r.Top[a]) < rank(&r.Top[b]) })
		return r
	}
	for j := range sc.Peers {
		k := &sc.Links[i][j]
		if !k.Up || !k.Unchoked && sc.Links[j][i].Rate == 0 {
			continue
		}
		s := Slot{Peer: j, Rate: sc.Links[j][i].Rate, Unchoked: k.Unchoked, Optimistic: k.Optimistic}
		if sc.Peers[i].Seed {
			s.Rate = k.Rate
		}
		r.Top = append(r.Top, s)
	}
	sort.SliceStable(r.Top, func(a, b int) bool { return r.Top[a].Rate > r.Top[b].Rate })
	return r
}

// rank puts those that are unchoked for what they give first, then the
// optimistic one, then the others.
func rank(s *Slot) int {
	switch {
	case s.Unchoked && !s.Optimistic:
		return 0
	case s.Optimistic:
		return 1
	}
	return 2
}
