package client

import (
	"net/netip"
	"time"

	"netscope/protocols/bittorrent/choker"
	"netscope/protocols/bittorrent/metainfo"
	"netscope/protocols/bittorrent/picker"
)

// State is what a client is doing.
type State string

// States.
const (
	Starting    State = "starting"
	Checking    State = "checking" // what is on disk
	Metadata    State = "fetching metadata"
	Downloading State = "downloading"
	Seeding     State = "seeding"
	Stopped     State = "stopped"
)

// Status is what a client knows of itself and its peers at one moment.
type Status struct {
	State    State
	Torrent  *metainfo.Torrent // nil: not known yet
	InfoHash [20]byte
	PeerID   [20]byte
	Port     uint16

	Now       time.Duration // since the start
	NextRound time.Duration // until the choker's next round
	DoneAt    time.Duration // when the last piece came; −1: not yet

	Have, Pieces         int
	Bits                 picker.Bits // the pieces that are here
	Left                 int64       // bytes of pieces that are not
	Downloaded, Uploaded int64       // bytes of blocks, in this session
	Wasted               int64       // of them: came twice, or had to be thrown away
	DownRate, UpRate     float64     // bytes per second
	Endgame              bool

	Peers    []PeerStatus
	Known    int // addresses of peers
	HalfOpen int
	Banned   int
	Trackers []TrackerStatus
	Err      error
}

// PeerStatus is one connected peer.
type PeerStatus struct {
	Addr, Listen netip.AddrPort // of the connection; where it accepts others
	ID           [20]byte
	Client       string
	Outgoing     bool
	Connected    time.Duration // when

	AmChoking, AmInterested     bool
	PeerChoking, PeerInterested bool
	Optimistic, Snubbed         bool

	Have             int // pieces
	Bits             picker.Bits
	Down, Up         float64 // bytes per second
	FromPeer, ToPeer int64   // bytes of blocks
	Asked, Waiting   int     // requests: ours to it, its to us
	RTT              time.Duration
}

// TrackerStatus is one tracker.
type TrackerStatus struct {
	URL             string
	Announces       int
	Seeds, Leechers int // −1: not said
	Peers           int // of the last answer
	Err             string
	Last, Next      time.Duration // since the start; 0: none
}

// Status takes a picture of the client. It may be called from any goroutine,
// before, while and after it runs.
func (c *Client) Status() Status {
	s := Status{State: Starting, InfoHash: c.infoHash, PeerID: c.id, DoneAt: -1, Torrent: c.cfg.Torrent}
	if !c.began.Load() {
		return s
	}
	if !c.do(func() { s = c.status() }) {
		<-c.finished
		s = c.last
		s.State = Stopped
	}
	return s
}

func (c *Client) status() Status {
	now := c.now()
	s := Status{
		State: Checking, Torrent: c.torrent, InfoHash: c.infoHash, PeerID: c.id, Port: c.port,
		Now: now, NextRound: choker.Round - now%choker.Round, DoneAt: c.doneAt,
		Downloaded: c.downloaded.Total(), Uploaded: c.uploaded.Total(), Wasted: c.wasted,
		DownRate: c.downloaded.Rate(now), UpRate: c.uploaded.Rate(now), Endgame: c.endgame,
		Known: len(c.known), HalfOpen: c.halfOpen, Banned: len(c.banned), Err: c.failed,
	}
	switch {
	case c.seeding():
		s.State = Seeding
	case c.torrent != nil:
		s.State = Downloading
	case c.cfg.Torrent == nil && !c.meta.judged:
		s.State = Metadata
	}
	if t := c.torrent; t != nil {
		s.Pieces = t.NumPieces()
		s.Have = s.Pieces - c.picker.Left()
		s.Bits = picker.NewBits(s.Pieces)
		for i := range s.Pieces {
			if c.picker.Has(i) {
				s.Bits.Add(i)
			}
		}
		s.Left = c.left()
	}
	for _, p := range c.peers {
		if p.shook {
			s.Peers = append(s.Peers, c.peerStatus(p, now))
		}
	}
	s.Trackers = c.trackerStatus()
	return s
}

func (c *Client) peerStatus(p *peer, now time.Duration) PeerStatus {
	return PeerStatus{
		Addr: p.addr, Listen: p.listen, ID: p.id, Client: p.client, Outgoing: p.outgoing, Connected: p.since,
		AmChoking: p.amChoking, AmInterested: p.amInterested, PeerChoking: p.peerChoking, PeerInterested: p.peerInterested,
		Optimistic: c.choking.Chosen && c.choking.Optimistic == choker.ID(p.seq), Snubbed: p.snubbed,
		Have: p.haves, Bits: append(picker.Bits(nil), p.have...), Down: p.down.Rate(now), Up: p.up.Rate(now),
		FromPeer: p.down.Total(), ToPeer: p.up.Total(), Asked: len(p.asked), Waiting: len(p.queue), RTT: p.rtt,
	}
}

// left is how many bytes of pieces are still to come.
func (c *Client) left() int64 {
	if c.torrent == nil {
		return max(c.cfg.Magnet.Length, 1) // not known; more than nothing
	}
	n := int64(0)
	for i := range c.torrent.NumPieces() {
		if !c.picker.Has(i) {
			n += c.torrent.PieceLen(i)
		}
	}
	return n
}
