package quic

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"netscope/decoders"
)

// parser parses both directions of one conversation: the QUIC connections
// between two addresses.
type parser struct {
	hint    decoders.Hint
	secrets decoders.SecretSource
	conns   []*conn // the newest last
	ended   [2]bool
	off     [2]int64 // after everything used, by direction

	// While a datagram is read:
	st     *decoders.Step
	src    netip.AddrPort // who has sent it, if not whom the hint names
	key    uint64
	kept   int64 // streams whose bytes are kept, so far
	dir    decoders.Dir
	at     int64 // where the packet starts in the stream of datagrams
	until  int64 // where it ends
	packet uint64
}

// maxConns bounds how many connections of a conversation are remembered.
const maxConns = 16

var errTransport = errors.New("QUIC is carried by UDP only (RFC 9000 §5)")

// Next implements [decoders.Parser]. Every chunk is one datagram.
func (p *parser) Next(c decoders.Chunk) (decoders.Step, error) {
	var st decoders.Step
	if p.hint.Transport != decoders.UDP {
		return st, errTransport
	}
	p.st, p.dir, p.src = &st, c.Dir&1, c.Src
	if len(c.Buf) > 0 {
		p.datagram(c.Off, c.Buf)
		st.Advance = len(c.Buf)
		p.off[p.dir] = c.Off + int64(len(c.Buf))
	}
	if c.End && !p.ended[p.dir] {
		p.ended[p.dir] = true
		p.off[p.dir] = c.Off + int64(len(c.Buf))
		p.at, p.until = p.off[p.dir], p.off[p.dir]
		if p.ended[0] && p.ended[1] {
			for _, cn := range p.conns {
				why := "the capture ends before its end"
				if cn.closing != "" {
					why = "the connection was closed: " + cn.closing
				}
				cn.finish(why)
			}
		}
	}
	p.st = nil
	return st, nil
}

// datagram reads the packets of a datagram: several may share one, but only of
// one connection (RFC 9000 §12.2).
func (p *parser) datagram(off int64, b []byte) {
	whole := b
	var dcid []byte // of the first packet, its length before it
	for first := true; len(b) > 0; first = false {
		p.at, p.until = off, off+int64(len(b))
		n := len(b)
		switch {
		case isLong(b) && (first || len(b) > 5 && bytes.HasPrefix(b[5:], dcid)):
			if first && n > 5 {
				dcid = b[5:min(6+int(b[5]), n)]
			}
			n = p.long(b)
		case first || len(dcid) > 0 && b[0]&0xc0 == 0x40 && bytes.HasPrefix(b[1:], dcid[1:]):
			p.short(b, whole)
		default:
			p.padding(b)
		}
		b, off = b[n:], off+int64(n)
	}
}

// padding is what follows the last packet of a datagram without being one.
func (p *parser) padding(b []byte) {
	zero := !slices.ContainsFunc(b, func(c byte) bool { return c != 0 })
	ev := decoders.Event{Level: decoders.UnitLevel, Proto: proto, Name: "padding", Stream: -1,
		Summary: fmt.Sprintf("%s of zeros after the last packet", plural(len(b), "byte")),
		Fields:  []decoders.KV{decoders.I("quic.coalesced_padding_length", int64(len(b)))}}
	if !zero {
		ev.Summary = fmt.Sprintf("%s after the last packet that are no packet of this connection: random padding", plural(len(b), "byte"))
	}
	p.close(p.open(ev), int64(len(b)), "")
}

// open opens a message at the place of the packet that is read.
func (p *parser) open(ev decoders.Event) uint64 {
	ev.Dir = p.dir
	return p.Open(ev)
}

// Open opens a message of either direction: at the packet that is read, or after
// everything of that direction.
func (p *parser) Open(ev decoders.Event) uint64 {
	p.key++
	ev.Op, ev.Key, ev.Off = decoders.Open, p.key, p.off[ev.Dir]
	if ev.Dir == p.dir {
		ev.Off = p.at
	}
	p.st.Events = append(p.st.Events, ev)
	return p.key
}

// Update adds to a message.
func (p *parser) Update(key uint64, summary string, fields []decoders.KV) {
	p.st.Events = append(p.st.Events, decoders.Event{Op: decoders.Update, Key: key, Summary: summary, Fields: fields})
}

// close closes a message where the packet that is read ends.
func (p *parser) close(key uint64, n int64, problem string) {
	p.st.Events = append(p.st.Events, decoders.Event{Op: decoders.Close, Key: key, Dir: p.dir, End: p.until, Len: n, Err: problem})
}

// find is the connection that a packet belongs to, nil if none.
func (p *parser) find(h header) *conn {
	to, from := p.dir.Other(), p.dir
	for i := len(p.conns) - 1; i >= 0; i-- {
		c := p.conns[i]
		switch {
		case len(h.dcid) > 0 && c.ends[to].is(h.dcid),
			len(h.dcid) > 0 && from == c.client && (string(h.dcid) == string(c.odcid) || c.retried && string(h.dcid) == string(c.origin)),
			h.long && len(h.scid) > 0 && c.ends[from].is(h.scid) && (len(h.dcid) == 0 || h.kind != initial):
			return c
		case len(h.dcid) == 0 && (c.ends[to].is(nil) || len(c.ends[to].cids) == 0):
			return c
		}
	}
	return nil
}

// guess is the connection that a packet with a long header and an unknown
// destination probably belongs to: the sender may use a connection ID that it
// got under encryption. nil if there is none.
func (p *parser) guess(h header, b []byte) *conn {
	for i := len(p.conns) - 1; i >= 0; i-- {
		c := p.conns[i]
		if !c.ends[p.dir].is(h.scid) {
			continue
		}
		k := c.ends[p.dir].keys[initial]
		if h.kind == handshake {
			return c
		}
		if h.kind == initial && k != nil && c.keyed == h.version {
			if _, ok := k.decrypt(h, b, c.ends[p.dir].space[0].last()); ok {
				return c
			}
		}
	}
	return nil
}

// begin makes a connection for a packet that belongs to none.
func (p *parser) begin(h header) *conn {
	c := newConn(p.dir)
	c.keep, c.number = p.keep, p.number
	if h.kind != initial && h.kind != zeroRTT || !h.long {
		c.client = decoders.AtoB // the side that spoke first
	}
	if c.client == p.dir && h.long {
		c.odcid = bytes.Clone(h.dcid)
	}
	c.state.Client = c.client
	if len(p.conns) == maxConns {
		p.conns[0].finish("too many connections between the same addresses")
		p.conns = append(p.conns[:0], p.conns[1:]...)
	}
	p.conns = append(p.conns, c)
	return c
}
