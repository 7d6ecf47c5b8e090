package client

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"time"

	"netscope/capture"
	"netscope/protocols/bittorrent/choker"
	"netscope/protocols/bittorrent/metainfo"
	"netscope/protocols/bittorrent/store"
	"netscope/protocols/bittorrent/tracker"
)

// Host is what a client needs of the machine it runs on. A lab.Host is one.
type Host interface {
	DialContext(ctx context.Context, network, addr string) (net.Conn, error)
	Listen(network, addr string) (net.Listener, error)
}

// Clock is the clock of everything. A lab.Clock is one.
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error
}

// Config is what a client is made of.
type Config struct {
	Host  Host
	Name  string // of the host, in notes
	Clock Clock
	Rand  *rand.Rand
	// Go starts a goroutine; nil: a go statement. A lab gives lab.Go, which
	// starts what begins at one instant one after the other.
	Go   func(func())
	Note func(capture.Note) // told what is decided; may be nil

	// Torrent is what to download or seed; or Magnet, and the metadata is
	// fetched from peers (BEP 9).
	Torrent *metainfo.Torrent
	Magnet  metainfo.Magnet
	// Open opens the store once the torrent is known; what it has already is
	// not downloaded again. The client closes it.
	Open func(context.Context, *metainfo.Torrent) (store.Store, error)
	// Known is called, on a goroutine of its own, when a magnet link's torrent
	// has become known; may be nil.
	Known func(*metainfo.Torrent)

	// Announce tells a tracker; nil: no trackers.
	Announce func(ctx context.Context, url string, a tracker.Announce) (tracker.Answer, error)
	Peers    []string // peers known beforehand, host:port

	Listen string // address to listen on, ":6881"; "": none
	Client string // name and version; "netscope" if empty
	ID     string // first characters of the peer ID; "-NS0001-" if empty

	Policy   choker.Policy // zero: choker.Textbook()
	UpRate   float64       // bytes per second of blocks; 0: no limit
	DownRate float64       // the same for what comes
	Free     bool          // a free rider: unchokes nobody
	Leave    bool          // leaves when the download is complete, after SeedFor
	SeedFor  time.Duration // how long it seeds then

	// Settle is how long the unchokes of a decision wait for its chokes to leave,
	// which stand behind a block perhaps: so nobody is served beside those that
	// have a slot. 0: not at all, as clients do.
	Settle time.Duration

	RandomFirst int  // pieces at random before rarest first; 0: mainline's 4
	NoEndgame   bool //
	NoFast      bool // without the fast extension (BEP 6)
	NoExtended  bool // without the extension protocol (BEP 10)
	NoPex       bool // without peer exchange; private torrents never have it
	AllowedFast int  // pieces given to a choked peer that has few (BEP 6); 0: none

	MaxPeers    int // connections at a time; 0: 55, as the mainline client
	DialUntil   int // dials while it has fewer connections; 0: 40, or MaxPeers if less
	MaxHalfOpen int // dials at a time; 0: 8
	MaxWaiting  int // incoming connections without a handshake; 0: 20
	PerAddress  int // incoming connections from one address; 0: a half of MaxPeers
}

// Timing of a connection.
const (
	dialTimeout      = 15 * time.Second
	handshakeTimeout = 20 * time.Second
	keepAliveAfter   = 100 * time.Second // of silence of ours
	silentFor        = 150 * time.Second // of the peer: no complete message, then it is cut off
	writeTimeout     = 90 * time.Second  // for one write
	sweepEvery       = 5 * time.Second
	stopTimeout      = 5 * time.Second // for telling trackers that we leave
)

func (cfg Config) filled() (Config, error) {
	switch {
	case cfg.Host == nil || cfg.Clock == nil || cfg.Rand == nil || cfg.Open == nil:
		return cfg, errors.New("a client needs a host, a clock, a random source and a store")
	case cfg.Torrent == nil && !cfg.Magnet.HasV1:
		return cfg, errors.New("a client needs a torrent, or a magnet link with xt=urn:btih: (version 1)")
	case cfg.Torrent != nil && cfg.Torrent.Version == metainfo.V2:
		return cfg, errors.New("a version 2 torrent cannot be downloaded: use a version 1 or hybrid one")
	}
	or := func(n *int, d int) {
		if *n <= 0 {
			*n = d
		}
	}
	or(&cfg.MaxPeers, 55)
	or(&cfg.DialUntil, 40)
	or(&cfg.MaxHalfOpen, 8)
	or(&cfg.MaxWaiting, 20)
	or(&cfg.PerAddress, max(4, cfg.MaxPeers/2))
	or(&cfg.RandomFirst, 4)
	cfg.DialUntil = min(cfg.DialUntil, cfg.MaxPeers)
	if cfg.Policy == (choker.Policy{}) {
		cfg.Policy = choker.Textbook()
	}
	if cfg.Go == nil {
		cfg.Go = func(f func()) { go f() }
	}
	if cfg.Client == "" {
		cfg.Client = "netscope"
	}
	if cfg.ID == "" {
		cfg.ID = "-NS0001-"
	}
	return cfg, nil
}
