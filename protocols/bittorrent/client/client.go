package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"net"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"netscope/capture"
	"netscope/protocols/bittorrent/choker"
	"netscope/protocols/bittorrent/metainfo"
	"netscope/protocols/bittorrent/picker"
	"netscope/protocols/bittorrent/rate"
	"netscope/protocols/bittorrent/store"
)

// Client is one peer of a swarm.
type Client struct {
	loop
	cfg      Config
	rand     picker.Rand
	id       [20]byte
	infoHash [20]byte
	cancel   context.CancelFunc
	began    atomic.Bool
	last     Status        // when the loop has ended
	finished chan struct{} // closed when last is there

	torrent *metainfo.Torrent // nil: not known, or being checked
	store   store.Store
	picker  *picker.Picker
	meta    metadata

	listener net.Listener
	port     uint16
	peers    []*peer // in order of arrival
	byHandle map[picker.Peer]*peer
	seq      int
	known    []*candidate
	byAddr   map[netip.AddrPort]*candidate
	halfOpen int
	banned   map[string]bool
	strikes  map[netip.Addr]int

	blocks     []picker.Block // scratch
	held       map[int]*held
	sums       maphash.Seed
	alone      map[int]*alone
	aloneOrder []int
	suspects   map[int]*held // failed attempts by several peers
	endgame    bool
	doneAt     time.Duration // when the last piece came; −1: not yet

	settled  time.Duration // when the last chokes have left, see Config.Settle
	policy   choker.Policy
	decision *choker.Decision
	choking  choker.State
	rounds   int
	free     bool

	upBucket, downBucket bucket
	line                 []*peer // that wait for the upload limit
	lineTimer            *timer
	uploaded, downloaded rate.Meter
	wasted               int64

	ann      announcing
	stopping bool
	failed   error
}

// New makes a client that does nothing until Run.
func New(cfg Config) (*Client, error) {
	cfg, err := cfg.filled()
	if err != nil {
		return nil, err
	}
	c := &Client{
		cfg: cfg, rand: cfg.Rand, finished: make(chan struct{}), sums: maphash.MakeSeed(), byHandle: map[picker.Peer]*peer{}, byAddr: map[netip.AddrPort]*candidate{},
		banned: map[string]bool{}, strikes: map[netip.Addr]int{}, held: map[int]*held{}, alone: map[int]*alone{},
		suspects: map[int]*held{}, policy: cfg.Policy, free: cfg.Free, doneAt: -1,
	}
	c.infoHash = cfg.Magnet.InfoHash
	if cfg.Torrent != nil {
		c.infoHash = cfg.Torrent.InfoHash
	}
	n := copy(c.id[:], cfg.ID)
	const letters = "0123456789abcdefghijklmnopqrstuvwxyz"
	for ; n < len(c.id); n++ {
		c.id[n] = letters[cfg.Rand.IntN(len(letters))]
	}
	c.loop = loop{clock: cfg.Clock, start: cfg.Go, events: make(chan call), done: make(chan struct{})}
	return c, nil
}

// PeerID is what the client calls itself.
func (c *Client) PeerID() [20]byte { return c.id }

// Run takes part in the swarm until Stop, the end of ctx, or, with Leave, its
// own work is done. It returns nil then, and else what made it impossible to go
// on. Peers and files are closed when it returns. It can be called once.
func (c *Client) Run(ctx context.Context) error {
	c.ctx, c.cancel = context.WithCancel(ctx)
	defer c.cancel()
	c.epoch = c.clock.Now()
	c.upBucket, c.downBucket = newBucket(c.cfg.UpRate, 0), newBucket(c.cfg.DownRate, 0)
	stop := context.AfterFunc(ctx, func() { c.do(c.end) })
	defer stop()
	c.start(func() { c.do(c.begin) })
	c.began.Store(true)
	c.loop.run()
	c.last = c.status()
	close(c.finished)
	if c.store != nil {
		if err := c.store.Close(); err != nil && c.failed == nil {
			c.failed = err
		}
	}
	return c.failed
}

// begin is the first thing on the loop.
func (c *Client) begin() {
	if c.cfg.Listen != "" {
		ln, err := c.cfg.Host.Listen("tcp", c.cfg.Listen)
		if err != nil {
			c.fail(fmt.Errorf("peers cannot be listened for on %s: %w", c.cfg.Listen, err))
			return
		}
		c.listener = ln
		if a, ok := ln.Addr().(*net.TCPAddr); ok {
			c.port = uint16(a.Port)
		}
		c.start(func() { c.accept(ln) })
	}
	c.every(sweepEvery, c.sweep)
	c.every(choker.Round, c.round)
	c.round()
	if c.cfg.Torrent != nil {
		c.opening(c.cfg.Torrent)
		return
	}
	c.join()
}

// every has f run each d from the start on, exactly.
func (c *Client) every(d time.Duration, f func()) {
	n := time.Duration(0)
	var next func()
	next = func() {
		n++
		c.at(n*d, func() { next(); f() })
	}
	next()
}

// opening opens the store and looks for what is there already, off the loop.
func (c *Client) opening(t *metainfo.Torrent) {
	c.start(func() {
		s, err := c.cfg.Open(c.ctx, t)
		if !c.do(func() { c.opened(t, s, err) }) && err == nil {
			_ = s.Close()
		}
	})
}

// opened is when the download can begin.
func (c *Client) opened(t *metainfo.Torrent, s store.Store, err error) {
	if err != nil {
		c.fail(fmt.Errorf("the files cannot be used: %w", err))
		return
	}
	c.torrent, c.store = t, s
	c.tellTorrent(t)
	// No SeedsApart: it spares the capacity of a swarm's one seed at the price of
	// pieces that stay incomplete until a seed unchokes us again. A real swarm
	// mostly has many seeds, and a client gains nothing by waiting for one.
	c.picker = picker.New(picker.Config{PieceLength: t.PieceLength, TotalLength: t.Span(), RandomFirst: c.cfg.RandomFirst, NoEndgame: c.cfg.NoEndgame})
	for i := range t.NumPieces() {
		if s.Has(i) {
			c.picker.Complete(i)
		}
	}
	if c.picker.Left() == 0 {
		c.doneAt = c.now()
	}
	for _, p := range c.snapshot() {
		c.nowKnown(p)
	}
	if c.cfg.Torrent != nil {
		c.join()
	}
	if c.picker.Left() == 0 {
		c.leaveLater()
	}
}

// join looks for peers.
func (c *Client) join() {
	for _, a := range c.cfg.Peers {
		c.learnName(a)
	}
	c.beginAnnouncing()
	c.dialMore()
}

// complete is when the last piece has come.
func (c *Client) complete() {
	c.doneAt = c.now()
	c.note("complete", "the download is complete", map[string]any{"wasted": c.wasted})
	if !c.store.Complete() {
		c.fail(errors.New("all pieces are there, but the files could not be completed: free some space and start again"))
		return
	}
	c.announceDone()
	for _, p := range c.snapshot() {
		c.reconsider(p)
	}
	c.leaveLater()
}

func (c *Client) leaveLater() {
	if c.cfg.Leave {
		c.after(c.cfg.SeedFor, c.stop)
	}
}

// seeding reports whether we have everything.
func (c *Client) seeding() bool { return c.picker != nil && c.picker.Left() == 0 }

// Stop leaves the swarm: trackers are told, connections closed. Run returns soon
// after.
func (c *Client) Stop() { c.do(c.stop) }

func (c *Client) stop() {
	if c.stopping {
		return
	}
	c.stopping = true
	if c.listener != nil {
		_ = c.listener.Close()
	}
	for _, p := range c.snapshot() {
		c.drop(p, "we leave")
	}
	c.announceStop(c.end)
	c.after(stopTimeout, c.end)
}

// fail ends the client for a reason.
func (c *Client) fail(err error) {
	if c.failed == nil {
		c.failed = err
	}
	c.end()
}

func (c *Client) storeFailed(err error) {
	c.fail(fmt.Errorf("the files cannot be used any more: %w", err))
}

// end is the last thing on the loop.
func (c *Client) end() {
	if c.ended {
		return
	}
	c.ended, c.stopping = true, true
	if c.listener != nil {
		_ = c.listener.Close()
	}
	for _, p := range c.snapshot() {
		c.drop(p, "we leave")
	}
	c.cancel()
}

// SetRates changes the limits in bytes per second; 0 is none.
func (c *Client) SetRates(up, down float64) {
	c.do(func() {
		now := c.now()
		c.upBucket.set(up, now)
		c.downBucket.set(down, now)
		c.cancelTimer(&c.lineTimer)
		c.nextInLine()
	})
}

// SetFree makes the client a free rider, or no longer one, from the next round
// on.
func (c *Client) SetFree(free bool) { c.do(func() { c.free = free }) }

// AddPeers tells of peers to connect to.
func (c *Client) AddPeers(addrs ...netip.AddrPort) {
	c.do(func() {
		for _, a := range addrs {
			c.learn(a)
		}
		c.dialMore()
	})
}

func (c *Client) cancelTimer(t **timer) {
	c.forget(*t)
	*t = nil
}

// snapshot is the peers as they are now, for loops in which some may go.
func (c *Client) snapshot() []*peer { return slices.Clone(c.peers) }

// note tells of a decision.
func (c *Client) note(name, text string, data map[string]any) {
	if c.cfg.Note == nil {
		return
	}
	b, err := json.Marshal(data)
	if err != nil {
		b = nil
	}
	c.cfg.Note(capture.Note{At: c.clock.Now(), Host: c.cfg.Name, Proto: "bittorrent", Name: name, Summary: text, Data: b})
}
