package client

import (
	"crypto/sha1"
	"fmt"
	"net/netip"
	"time"

	"netscope/protocols/bittorrent/metainfo"
	"netscope/protocols/bittorrent/wire"
)

// Our numbers of extensions.
const (
	ourMetadata = 1
	ourPex      = 2
)

const (
	maxMetadata  = 16 << 20         // bytes of an info dictionary that is fetched
	metadataWait = 20 * time.Second // for one of its pieces
)

// metadata is the state of fetching an info dictionary from peers (BEP 9). Only
// one size at a time is believed; a wrong one costs one attempt.
type metadata struct {
	size   int
	pieces [][]byte
	from   []*peer // by piece: who was asked, or has sent it
	asked  []time.Duration
	have   int
	judged bool
	alone  bool // all of it is to come from one peer: it was wrong from several
}

// private reports whether peers come from the tracker only (BEP 27).
func (c *Client) private() bool {
	t := c.cfg.Torrent
	if t == nil {
		t = c.torrent
	}
	return t != nil && t.Private
}

// pex reports whether peers are exchanged. Not before it is known whether the
// torrent is private.
func (c *Client) pex() bool { return !c.cfg.NoPex && !c.private() }

// extHello is our extended handshake.
func (c *Client) extHello(p *peer) wire.ExtHandshake {
	h := wire.ExtHandshake{
		M: map[string]uint8{wire.UTMetadata: ourMetadata}, Port: c.port, Client: c.cfg.Client, YourIP: p.addr.Addr(), Reqq: reqq,
		UploadOnly: c.seeding(),
	}
	if c.pex() {
		h.M[wire.UTPex] = ourPex
	}
	if c.torrent != nil {
		h.MetadataSize = len(c.torrent.Info)
	}
	return h
}

// extension takes an extended message.
func (c *Client) extension(p *peer, m wire.Message) {
	var err error
	switch m.Ext {
	case 0:
		var h wire.ExtHandshake
		if h, err = wire.ParseExtHandshake(m.Data); err == nil {
			c.extended(p, h)
		}
	case ourMetadata:
		var x wire.Metadata
		if x, err = wire.ParseMetadata(m.Data); err == nil {
			c.metadataMessage(p, x)
		}
	case ourPex:
		var x wire.Pex
		if x, err = wire.ParsePex(m.Data); err == nil {
			c.takePex(p, x)
		}
	}
	if err != nil {
		c.drop(p, err.Error())
	}
}

// extended takes a peer's extended handshake; it may come again.
func (c *Client) extended(p *peer, h wire.ExtHandshake) {
	if p.ext == nil {
		p.ext = map[string]uint8{}
	}
	for _, name := range []string{wire.UTMetadata, wire.UTPex} {
		if n, ok := h.M[name]; ok {
			p.ext[name] = n
		}
	}
	if h.Reqq > 0 {
		p.reqq = h.Reqq
	}
	if h.Client != "" {
		p.client = h.Client
	}
	if h.Port != 0 && !p.outgoing {
		p.listen = netip.AddrPortFrom(p.addr.Addr(), h.Port)
		if k := c.learn(p.listen); k != nil && k.peer == nil && p.candidate == nil {
			k.peer, p.candidate = p, k
		}
	}
	if h.MetadataSize > 0 && h.MetadataSize <= maxMetadata {
		p.metaSize = h.MetadataSize
	}
	c.askMetadata()
}

// wantsMetadata reports whether the info dictionary is still to come.
func (c *Client) wantsMetadata() bool {
	return c.torrent == nil && c.cfg.Torrent == nil && !c.meta.judged && !c.stopping
}

// askMetadata asks peers for pieces of the info dictionary, each for one at a
// time.
func (c *Client) askMetadata() {
	if !c.wantsMetadata() {
		return
	}
	m := &c.meta
	for _, p := range c.snapshot() {
		if p.gone || p.ext[wire.UTMetadata] == 0 || p.metaSize == 0 || p.metaRefused || p.metaAsked >= 0 {
			continue
		}
		if m.size == 0 {
			n := (p.metaSize + wire.BlockSize - 1) / wire.BlockSize
			*m = metadata{alone: m.alone, size: p.metaSize, pieces: make([][]byte, n), from: make([]*peer, n), asked: make([]time.Duration, n)}
		}
		if p.metaSize != m.size || m.alone && m.from[0] != nil && m.from[0] != p {
			continue
		}
		for i := range m.pieces {
			if m.from[i] == nil {
				m.from[i], m.asked[i], p.metaAsked = p, c.now(), i
				p.send(wire.Message{Type: wire.Extension, Ext: p.ext[wire.UTMetadata], Data: wire.Metadata{Type: wire.MetadataRequest, Piece: i}.Append(nil)})
				break
			}
		}
	}
}

func (c *Client) metadataMessage(p *peer, x wire.Metadata) {
	switch x.Type {
	case wire.MetadataRequest:
		c.giveMetadata(p, x.Piece)
	case wire.MetadataData:
		c.takeMetadata(p, x)
	case wire.MetadataReject:
		p.metaRefused = true
		c.metaLost(p)
	}
}

// giveMetadata answers a request for a piece of the info dictionary.
func (c *Client) giveMetadata(p *peer, i int) {
	n := p.ext[wire.UTMetadata]
	if n == 0 {
		return
	}
	m := wire.Metadata{Type: wire.MetadataReject, Piece: i}
	if c.torrent != nil {
		info := c.torrent.Info
		count := (len(info) + wire.BlockSize - 1) / wire.BlockSize
		// Nobody needs more than twice of everything.
		if i < count && p.metaServed < 2*count {
			p.metaServed++
			m = wire.Metadata{Type: wire.MetadataData, Piece: i, Total: len(info), Data: info[i*wire.BlockSize : min(len(info), (i+1)*wire.BlockSize)]}
		}
	}
	p.send(wire.Message{Type: wire.Extension, Ext: n, Data: m.Append(nil)})
}

// takeMetadata keeps a piece of the info dictionary that was asked for.
func (c *Client) takeMetadata(p *peer, x wire.Metadata) {
	m := &c.meta
	if !c.wantsMetadata() || p.metaAsked != x.Piece || x.Piece >= len(m.pieces) || m.from[x.Piece] != p {
		return
	}
	p.metaAsked = -1
	if len(x.Data) != min(wire.BlockSize, m.size-x.Piece*wire.BlockSize) {
		c.drop(p, fmt.Sprintf("a piece of metadata of %d bytes", len(x.Data)))
		return
	}
	m.pieces[x.Piece] = append([]byte(nil), x.Data...)
	if m.have++; m.have < len(m.pieces) {
		c.askMetadata()
		return
	}
	c.judgeMetadata()
}

// judgeMetadata compares the info dictionary with the hash in the link.
func (c *Client) judgeMetadata() {
	m := &c.meta
	var info []byte
	for _, b := range m.pieces {
		info = append(info, b...)
	}
	if sha1.Sum(info) != c.infoHash {
		one := true
		for _, p := range m.from {
			one = one && p == m.from[0]
		}
		culprit := m.from[0]
		c.resetMetadata(true)
		c.note("hash-failed", "the metadata from peers has the wrong hash: it is fetched again", map[string]any{"metadata": true})
		if one {
			c.ban(culprit.key(), "all of the metadata came from it, and its hash is wrong")
		}
		c.askMetadata()
		return
	}
	t, err := metainfo.FromMagnet(c.cfg.Magnet, info)
	if err == nil && t.Version == metainfo.V2 {
		err = fmt.Errorf("a version 2 torrent cannot be downloaded")
	}
	if err != nil {
		c.fail(fmt.Errorf("the metadata has the right hash but cannot be used: %w", err))
		return
	}
	m.judged = true
	c.note("metadata", fmt.Sprintf("the metadata is complete: %q, %d pieces", t.Name, t.NumPieces()), map[string]any{"bytes": len(info), "pieces": t.NumPieces()})
	if known := c.cfg.Known; known != nil {
		c.start(func() { known(t) })
	}
	c.opening(t)
}

// metaLost lets others be asked for what a peer will not send.
func (c *Client) metaLost(p *peer) {
	if i := p.metaAsked; i >= 0 && i < len(c.meta.from) && c.meta.from[i] == p && c.meta.pieces[i] == nil {
		c.meta.from[i] = nil
	}
	p.metaAsked = -1
	if m := &c.meta; c.wantsMetadata() && m.size > 0 && (!c.anyMetadata() || m.alone && (m.from[0] == nil || m.from[0] == p)) {
		// Another size may be true; and what was to come from one peer has to
		// come from another, all of it.
		c.resetMetadata(m.alone)
	}
	c.askMetadata()
}

// resetMetadata begins anew.
func (c *Client) resetMetadata(alone bool) {
	c.meta = metadata{alone: alone}
	for _, p := range c.peers {
		p.metaAsked = -1
	}
}

// anyMetadata reports whether some peer may give metadata of the size that is
// believed.
func (c *Client) anyMetadata() bool {
	for _, p := range c.peers {
		if p.metaSize == c.meta.size && !p.metaRefused {
			return true
		}
	}
	return false
}

// metaSweep gives up requests for metadata that are not answered.
func (c *Client) metaSweep() {
	if !c.wantsMetadata() {
		return
	}
	for _, p := range c.snapshot() {
		if i := p.metaAsked; i >= 0 && i < len(c.meta.asked) && c.now()-c.meta.asked[i] > metadataWait {
			p.metaRefused = true
			c.metaLost(p)
		}
	}
}
