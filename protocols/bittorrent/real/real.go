// Package real is the BitTorrent client on the real network: package client on
// the host of package realnet, with files below one directory and nothing
// outside it.
//
// Its packets are a capture.Source, so that a real swarm is looked at as a lab's
// is; what it is doing is a client.Status. The package must not know of screens
// or flags.
package real

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"netscope/capture"
	"netscope/protocols/bittorrent/choker"
	"netscope/protocols/bittorrent/client"
	"netscope/protocols/bittorrent/metainfo"
	"netscope/protocols/bittorrent/store"
	"netscope/protocols/bittorrent/tracker/announce"
	"netscope/protocols/lab"
	"netscope/protocols/realnet"
)

// What is chosen where nothing is asked for: the ports that BitTorrent has used
// from the beginning.
const (
	firstPort = 6881
	lastPort  = 6889
)

// Options say what to do.
type Options struct {
	Torrent *metainfo.Torrent // what to download and seed; or
	Magnet  metainfo.Magnet   // a link to it
	Dir     string            // below which files are kept; made if it is not there

	Bind netip.Addr // address of all sockets; invalid: the system chooses
	Port uint16     // to listen on; 0: 6881–6889, or any if they are taken
	Seed [32]byte   // of random choices: one that nobody can guess

	UpRate, DownRate float64       // bytes per second of blocks; 0: no limit
	Leave            bool          // ends when the download is complete, after SeedFor
	SeedFor          time.Duration // how long it seeds then
	NoPex            bool          // no peer exchange; private torrents never have it
	Peers            []string      // peers known beforehand, host:port
	MaxPeers         int           // connections at a time; 0: 55
	Policy           choker.Policy // zero: the textbook's
}

// Load reads a torrent file, or a magnet link.
func Load(arg string) (*metainfo.Torrent, metainfo.Magnet, error) {
	if strings.HasPrefix(strings.ToLower(arg), "magnet:") {
		m, err := metainfo.ParseMagnet(arg)
		return nil, m, err
	}
	f, err := os.Open(arg)
	if err != nil {
		return nil, metainfo.Magnet{}, err
	}
	defer f.Close()
	var b bytes.Buffer
	if _, err := io.Copy(&b, io.LimitReader(f, metainfo.MaxTorrent+1)); err != nil {
		return nil, metainfo.Magnet{}, fmt.Errorf("%s cannot be read: %w", arg, err)
	}
	t, err := metainfo.Parse(b.Bytes())
	if err != nil {
		return nil, metainfo.Magnet{}, fmt.Errorf("%s: %w", arg, err)
	}
	return t, metainfo.Magnet{}, nil
}

// Session is one torrent being downloaded and seeded.
type Session struct {
	o   Options
	src *realnet.Source

	mu         sync.Mutex
	client     *client.Client // nil: not yet
	stopped    bool           // Stop came before the client
	looked, of int            // pieces on disk that have been looked at
}

// New prepares a session; nothing happens before Run.
func New(o Options) *Session {
	s := &Session{o: o}
	s.src = realnet.New(realnet.Options{Bind: o.Bind, Seed: o.Seed}, s.work)
	return s
}

var _ capture.Source = (*Session)(nil)

// Run implements capture.Source: it takes part in the swarm and tells sink what
// passes the sockets and what is decided. When ctx ends it takes leave of the
// tracker, which may take seconds, and returns. It can be called once.
func (s *Session) Run(ctx context.Context, sink capture.Sink) error { return s.src.Run(ctx, sink) }

// work is done on the real network.
func (s *Session) work(ctx context.Context, w lab.World) error {
	h := host{w.Host(""), s.o.Port}
	ann := announce.New(announce.Config{Host: h, Clock: w.Clock(), Rand: w.Rand("announce")})
	c, err := client.New(client.Config{
		Host: h, Name: h.Name(), Clock: w.Clock(), Rand: w.Rand("client"), Note: w.Note,
		Torrent: s.o.Torrent, Magnet: s.o.Magnet, Open: s.open, Announce: ann.Announce, Peers: s.o.Peers,
		Listen: net.JoinHostPort("", strconv.Itoa(int(s.o.Port))), UpRate: s.o.UpRate, DownRate: s.o.DownRate,
		Leave: s.o.Leave, SeedFor: s.o.SeedFor, NoPex: s.o.NoPex, MaxPeers: s.o.MaxPeers, AllowedFast: 5, Policy: s.o.Policy,
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.client = c
	stopped := s.stopped
	s.mu.Unlock()
	if stopped {
		return nil
	}
	defer context.AfterFunc(ctx, c.Stop)()
	return c.Run(context.WithoutCancel(ctx))
}

// open opens the files.
func (s *Session) open(ctx context.Context, t *metainfo.Torrent) (store.Store, error) {
	return store.OpenDisk(ctx, s.o.Dir, t, store.Options{Progress: func(done, of int) {
		s.mu.Lock()
		s.looked, s.of = done, of
		s.mu.Unlock()
	}})
}

func (s *Session) running() *client.Client {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.client
}

// Status is a picture of the client, from any goroutine at any time.
func (s *Session) Status() client.Status {
	if c := s.running(); c != nil {
		return c.Status()
	}
	return client.Status{State: client.Starting, Torrent: s.o.Torrent, DoneAt: -1}
}

// Looked is how many pieces of what is on disk have been looked at, of how many:
// while the state is Checking.
func (s *Session) Looked() (done, of int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.looked, s.of
}

// SetRates changes the limits in bytes per second; 0 is none.
func (s *Session) SetRates(up, down float64) {
	if c := s.running(); c != nil {
		c.SetRates(up, down)
	}
}

// Stop takes leave of the trackers and peers; Run returns soon after.
func (s *Session) Stop() {
	s.mu.Lock()
	c := s.client
	s.stopped = true
	s.mu.Unlock()
	if c != nil {
		c.Stop()
	}
}

// host is this machine, which finds a port by itself if none is asked for.
type host struct {
	lab.Host
	port uint16
}

// Listen implements client.Host.
func (h host) Listen(network, addr string) (net.Listener, error) {
	if h.port != 0 {
		return h.Host.Listen(network, addr)
	}
	for port := firstPort; port <= lastPort; port++ {
		if ln, err := h.Host.Listen(network, net.JoinHostPort("", strconv.Itoa(port))); err == nil {
			return ln, nil
		}
	}
	return h.Host.Listen(network, ":0")
}
