package sim

import (
	"math/rand/v2"
	"time"

	"netscope/protocols/bittorrent/choker"
	"netscope/protocols/bittorrent/picker"
	"netscope/protocols/bittorrent/rate"
)

// Sim is a simulation under way. It is not safe for concurrent use.
type Sim struct {
	cfg     Config
	rng     *rand.Rand
	now     int64
	events  heap
	peers   []node
	present []int32 // peers that are here; each knows its place
	regular [][]float64

	leechers, done int
	pieces, count  int64
	ended          bool

	// has is who has which piece, a set for each peer, all in one block: who is
	// interested in whom is read from it alone.
	has   []uint64
	words int // of a set
	// unread are the haves that a peer's picker has not been told of: pickers
	// are large, and are told only when they have to decide.
	unread [][]news

	in       []choker.Peer
	slots    []int32 // of in
	decision choker.Decision
	blocks   []picker.Block
}

// node is a peer. What a neighbour's news touches stands first.
type node struct {
	place   int32 // in present; -1: not here
	seed    bool  // has everything now
	sending bool
	pending bool // a between is planned
	class   int32
	serving int32          // links that we unchoke and whose other end is interested
	pick    *picker.Picker // nil: has everything from the start
	links   []link
	traffic []traffic // by the same slots

	policy *choker.Policy
	perNs  float64 // nanoseconds that sending a byte takes; 0: sends nothing
	downNs float64 // and receiving; 0: no limit
	ready  int64   // when the downlink has received all that was sent to it

	free      []int32 // slots of links that are gone
	degree    int
	turns     []int32 // slots of links with requests waiting, in turn
	sendSlot  int32
	sendGen   uint32
	sendBlock picker.Block
	unchokers []int32 // slots of links whose other end unchokes us

	state choker.State
	out   Peer
}

// link is one end of a connection: what its owner knows of the other. It is
// small, since a new piece and every choke round look at all of a peer's.
type link struct {
	other int32 // -1: gone
	back  int32 // the slot of the other end
	gen   uint32
	asked int16 // blocks that we asked the other for, and that did not come

	interested bool // the other wants something of ours
	wanting    bool // we want something of the other's
	unchoked   bool // by us
	regular    bool // unchoked as a reward, and counted since regularSince
	queued     bool // stands in turns
	complete   bool // the other has everything

	connected, lastBlock time.Duration
}

// traffic is what else belongs to a link, for those few on which data flows.
type traffic struct {
	handle picker.Peer
	down   rate.Meter // from the other to us
	queue  []picker.Block

	unchoking, regularSince time.Duration
}

// news is a piece that the peer at the other end of a link has now.
type news struct{ slot, piece int32 }

// New prepares a simulation.
func New(cfg Config) *Sim {
	s := &Sim{cfg: cfg.withDefaults()}
	s.rng = rand.New(rand.NewPCG(cfg.Seed, 0x6269742d73696d))
	s.regular = make([][]float64, len(cfg.Classes))
	for c, class := range s.cfg.Classes {
		s.regular[c] = make([]float64, len(cfg.Classes))
		for k := range class.Count {
			at := class.From
			if class.Spread > 0 {
				at += time.Duration((float64(k) + s.rng.Float64()) / float64(class.Count) * float64(class.Spread))
			}
			s.add(c, class, at)
		}
	}
	s.words = (s.cfg.Pieces + 63) / 64
	s.has = make([]uint64, s.words*len(s.peers))
	s.unread = make([][]news, len(s.peers))
	for i := range s.peers {
		for p := 0; s.peers[i].seed && p < s.cfg.Pieces; p++ {
			s.addPiece(int32(i), p)
		}
	}
	// Those that come at the same time come in random order.
	order := s.rng.Perm(len(s.peers))
	for _, i := range order {
		s.events.push(event{at: int64(s.peers[i].out.Arrived), kind: arrive, peer: int32(i)})
	}
	return s
}

func (s *Sim) add(c int, class Class, at time.Duration) {
	n := node{class: int32(c), place: -1, seed: class.Seed, policy: class.Policy}
	if n.policy == nil {
		n.policy = &s.cfg.Policy
	}
	if class.Up > 0 {
		n.perNs = 1e9 / class.Up
	}
	if class.Down > 0 {
		n.downNs = 1e9 / class.Down
	}
	n.out = Peer{Class: c, Arrived: at, Done: -1, Left: -1}
	if class.Seed {
		n.out.Done, n.out.Pieces = at, s.cfg.Pieces
	} else {
		s.leechers++
	}
	s.peers = append(s.peers, n)
}

func (s *Sim) hasPiece(i int32, piece int) bool {
	return s.has[int(i)*s.words+piece>>6]&(1<<(piece&63)) != 0
}

func (s *Sim) addPiece(i int32, piece int) { s.has[int(i)*s.words+piece>>6] |= 1 << (piece & 63) }

func (s *Sim) pieces64(i int32) []uint64 { return s.has[int(i)*s.words : (int(i)+1)*s.words] }

// lacks reports whether peer i lacks a piece that peer j has.
func (s *Sim) lacks(i, j int32) bool {
	mine := s.pieces64(i)
	for k, theirs := range s.pieces64(j) {
		if theirs&^mine[k] != 0 {
			return true
		}
	}
	return false
}

// read tells a peer's picker of all haves that came since it was last asked.
func (s *Sim) read(i int32) {
	n := &s.peers[i]
	for _, x := range s.unread[i] {
		n.pick.Have(n.traffic[x.slot].handle, int(x.piece))
	}
	s.unread[i] = s.unread[i][:0]
}

// Run goes on for at most n events, or until the simulation has ended. It
// reports whether it has.
func (s *Sim) Run(n int) bool {
	for ; n > 0 && !s.ended; n-- {
		if len(s.events.list) == 0 || s.done == s.leechers {
			s.ended = true
			break
		}
		e := s.events.pop()
		if time.Duration(e.at) > s.cfg.Horizon {
			s.now, s.ended = int64(s.cfg.Horizon), true
			break
		}
		s.now = e.at
		s.count++
		s.handle(e)
	}
	return s.ended
}

func (s *Sim) handle(e event) {
	switch e.kind {
	case arrive:
		s.arrive(e.peer)
	case sent:
		s.sent(e.peer)
	case deliver:
		if n := &s.peers[e.peer]; n.place >= 0 && n.links[e.slot].gen == e.gen && n.links[e.slot].other >= 0 {
			s.receive(e.peer, e.slot, e.block)
		}
	case round:
		if s.peers[e.peer].place >= 0 {
			s.choke(e.peer, false)
			s.events.push(event{at: s.now + int64(choker.Round), kind: round, peer: e.peer})
		}
	case between:
		s.peers[e.peer].pending = false
		if s.peers[e.peer].place >= 0 {
			s.choke(e.peer, true)
		}
	case leave:
		s.leave(e.peer)
	}
}

// Result tells what happened so far. The caller may keep it.
func (s *Sim) Result() Result {
	r := Result{Now: time.Duration(s.now), Ended: s.ended, Worst: -1, Done: s.done, Leechers: s.leechers, Pieces: s.pieces, Events: s.count}
	all := true
	for i := range s.peers {
		p := s.peers[i].out
		r.Peers = append(r.Peers, p)
		if p.Done < 0 {
			all = false
		} else if !s.cfg.Classes[p.Class].Seed {
			r.Worst = max(r.Worst, p.Done)
		}
	}
	if !all {
		r.Worst = -1
	}
	for _, row := range s.regular {
		r.Regular = append(r.Regular, append([]float64(nil), row...))
	}
	// Rewards that still last count up to now.
	for i := range s.peers {
		n := &s.peers[i]
		for k := range n.links {
			if l := &n.links[k]; l.other >= 0 && l.regular {
				r.Regular[n.class][s.peers[l.other].class] += (time.Duration(s.now) - n.traffic[k].regularSince).Seconds()
			}
		}
	}
	return r
}

// Progress is the share of all pieces of all leechers that has arrived, 0 to 1.
func (s *Sim) Progress() float64 {
	if s.leechers == 0 {
		return 1
	}
	return float64(s.pieces) / float64(s.leechers) / float64(s.cfg.Pieces)
}
