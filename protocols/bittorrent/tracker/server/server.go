// Package server is a tracker: it keeps which peers share a torrent and tells
// each of some others, chosen at random, over HTTP and UDP.
//
// Memory is bounded: by torrents, by peers of each, and by time, since a peer
// that does not announce again is forgotten. The package takes listeners that
// are already there; it must not know of labs or screens.
package server

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"netscope/protocols/bittorrent/tracker"
)

// Clock tells the time. A lab.Clock is one.
type Clock interface{ Now() time.Time }

// Config is what a tracker is made of. Zero fields take the defaults named.
type Config struct {
	Clock Clock
	Rand  *rand.Rand // chooses peers; used under the server's lock

	Interval    time.Duration // that peers are to announce at; 30 min
	MinInterval time.Duration // none
	Expiry      time.Duration // without an announce; twice the interval and a minute

	NumWant     int // peers given to one who does not say; 50
	MaxNumWant  int // most peers given; 200
	MaxTorrents int // 1,000
	MaxPeers    int // of one torrent; 5,000
	MaxConns    int // HTTP connections at a time; 1,000

	// Allow says whether a torrent is tracked; nil: all are.
	Allow func(tracker.Hash) bool
	// TrustIP believes a peer that says which address it has (BEP 3's ip), which
	// lets it send others to anybody.
	TrustIP bool
	// Told is called after every announce, under no lock; may be nil.
	Told func(from netip.AddrPort, a tracker.Announce, answer tracker.Answer)
}

// Server is a tracker.
type Server struct {
	cfg    Config
	secret [16]byte // of the connection IDs

	mu       sync.Mutex
	torrents map[tracker.Hash]*swarm
	swept    time.Time
}

// swarm is the peers of one torrent. They stand in a list as well, since the
// order of a map is nobody's to choose.
type swarm struct {
	at         map[netip.AddrPort]int
	peers      []member
	downloaded int
	swept      time.Time
}

type member struct {
	addr netip.AddrPort
	id   tracker.PeerID
	seed bool
	seen time.Time
}

// New makes a tracker without torrents.
func New(cfg Config) *Server {
	or := func(n *int, d int) {
		if *n <= 0 {
			*n = d
		}
	}
	or(&cfg.NumWant, 50)
	or(&cfg.MaxNumWant, 200)
	or(&cfg.MaxTorrents, 1000)
	or(&cfg.MaxPeers, 5000)
	or(&cfg.MaxConns, 1000)
	if cfg.Interval <= 0 {
		cfg.Interval = 30 * time.Minute
	}
	if cfg.Expiry <= 0 {
		cfg.Expiry = 2*cfg.Interval + time.Minute
	}
	s := &Server{cfg: cfg, torrents: map[tracker.Hash]*swarm{}}
	binary.BigEndian.PutUint64(s.secret[:8], cfg.Rand.Uint64())
	binary.BigEndian.PutUint64(s.secret[8:], cfg.Rand.Uint64())
	return s
}

// Announce registers a peer that announced from an address, and answers it.
func (s *Server) Announce(a tracker.Announce, from netip.Addr) tracker.Answer {
	return s.answer(a, from, anyFamily)
}

// family says which peers an answer has room for.
type family uint8

const (
	anyFamily family = iota
	onlyV4
	onlyV6
)

func (f family) has(a netip.Addr) bool {
	return f == anyFamily || a.Is6() == (f == onlyV6)
}

func (s *Server) answer(a tracker.Announce, from netip.Addr, f family) tracker.Answer {
	from = from.Unmap().WithZone("")
	if s.cfg.TrustIP && a.IP.IsValid() {
		from = a.IP.Unmap()
	}
	addr := netip.AddrPortFrom(from, a.Port)
	answer := s.announce(a, addr, f)
	if s.cfg.Told != nil {
		s.cfg.Told(addr, a, answer)
	}
	return answer
}

func (s *Server) announce(a tracker.Announce, addr netip.AddrPort, f family) tracker.Answer {
	if s.cfg.Allow != nil && !s.cfg.Allow(a.InfoHash) {
		return tracker.Answer{Failure: "this tracker does not know the torrent"}
	}
	if a.Port == 0 {
		return tracker.Answer{Failure: tracker.ErrNoPort.Error()}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.cfg.Clock.Now()
	w := s.torrents[a.InfoHash]
	if w == nil {
		if len(s.torrents) >= s.cfg.MaxTorrents {
			s.sweep(now)
		}
		if len(s.torrents) >= s.cfg.MaxTorrents {
			return tracker.Answer{Failure: "this tracker has too many torrents"}
		}
		w = &swarm{at: map[netip.AddrPort]int{}, swept: now}
		if a.Event != tracker.Stopped {
			s.torrents[a.InfoHash] = w
		}
	}
	w.expire(now, s.cfg.Expiry)
	w.update(a, addr, now, s.cfg.MaxPeers)
	answer := tracker.Answer{Interval: s.cfg.Interval, MinInterval: s.cfg.MinInterval}
	answer.Complete, answer.Incomplete = w.count()
	if a.Event != tracker.Stopped {
		answer.Peers = w.choose(s.want(a.NumWant), addr, a.Left == 0, f, s.cfg.Rand)
	}
	return answer
}

func (s *Server) want(n int) int {
	if n < 0 {
		n = s.cfg.NumWant
	}
	return min(n, s.cfg.MaxNumWant)
}

// Scrape counts torrents, in the order asked.
func (s *Server) Scrape(hashes []tracker.Hash) []tracker.Scrape {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]tracker.Scrape, len(hashes))
	for i, h := range hashes {
		out[i].InfoHash = h
		if w := s.torrents[h]; w != nil {
			w.expire(s.cfg.Clock.Now(), s.cfg.Expiry)
			out[i].Complete, out[i].Incomplete = w.count()
			out[i].Downloaded = w.downloaded
		}
	}
	return out
}

// sweep forgets torrents without peers, at most once a second.
func (s *Server) sweep(now time.Time) {
	if now.Sub(s.swept) < time.Second {
		return
	}
	s.swept = now
	for h, w := range s.torrents {
		w.expire(now, s.cfg.Expiry)
		if len(w.peers) == 0 {
			delete(s.torrents, h)
		}
	}
}

// update registers, renews or removes a peer. A full swarm takes no more.
func (w *swarm) update(a tracker.Announce, addr netip.AddrPort, now time.Time, most int) {
	i, known := w.at[addr]
	if a.Event == tracker.Completed && (!known || !w.peers[i].seed) {
		w.downloaded++
	}
	switch {
	case a.Event == tracker.Stopped:
		if known && w.peers[i].id == a.PeerID {
			w.remove(i)
		}
		return
	case !known && len(w.peers) >= most:
		return
	case !known:
		i = len(w.peers)
		w.at[addr] = i
		w.peers = append(w.peers, member{})
	}
	w.peers[i] = member{addr: addr, id: a.PeerID, seed: a.Left == 0, seen: now}
}

func (w *swarm) remove(i int) {
	last := len(w.peers) - 1
	delete(w.at, w.peers[i].addr)
	if i != last {
		w.peers[i] = w.peers[last]
		w.at[w.peers[i].addr] = i
	}
	w.peers = w.peers[:last]
}

func (w *swarm) expire(now time.Time, after time.Duration) {
	if w.swept.Equal(now) {
		return
	}
	w.swept = now
	for i := 0; i < len(w.peers); {
		if now.Sub(w.peers[i].seen) > after {
			w.remove(i)
		} else {
			i++
		}
	}
}

func (w *swarm) count() (seeds, leechers int) {
	for _, p := range w.peers {
		if p.seed {
			seeds++
		}
	}
	return seeds, len(w.peers) - seeds
}

// choose draws up to n peers for one of them, each set as likely as any other.
// A seed gets leechers only: it has nothing to say to seeds.
func (w *swarm) choose(n int, to netip.AddrPort, seed bool, f family, r *rand.Rand) []tracker.Peer {
	var out []tracker.Peer
	for i := 0; i < len(w.peers) && len(out) < n; i++ {
		// The next of a shuffle that goes no further than needed.
		k := i + r.IntN(len(w.peers)-i)
		w.peers[i], w.peers[k] = w.peers[k], w.peers[i]
		w.at[w.peers[i].addr], w.at[w.peers[k].addr] = i, k
		if p := w.peers[i]; p.addr != to && f.has(p.addr.Addr()) && !(seed && p.seed) {
			out = append(out, tracker.Peer{ID: p.id, Addr: p.addr})
		}
	}
	return out
}
