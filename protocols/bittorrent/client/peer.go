package client

import (
	"net"
	"net/netip"
	"time"

	"netscope/protocols/bittorrent/picker"
	"netscope/protocols/bittorrent/rate"
	"netscope/protocols/bittorrent/wire"
)

// Bounds on what one peer may have waiting.
const (
	maxOut      = 512 << 10 // bytes to be sent that the peer does not read
	maxQueue    = 512       // requests of the peer; more are refused
	reqq        = 250       // what the extended handshake says of it
	maxReleased = 512       // requests given up whose blocks may still come
	maxEarly    = 4096      // haves before the metadata is known
)

// peer is a connection to a peer. The loop owns all of it but conn.
type peer struct {
	c         *Client
	conn      net.Conn
	addr      netip.AddrPort // of the connection
	listen    netip.AddrPort // where the peer accepts connections; invalid: unknown
	outgoing  bool           // we have dialled
	seq       int            // in order of arrival
	since     time.Duration  // when the connection was made
	gone      bool
	why       string        // it is gone
	candidate *candidate    // the address that was dialled, nil if it has called
	limit     *timer        // for the handshake
	rest      time.Duration // until then reading waits for the download limit

	shook    bool // its handshake has come
	id       [20]byte
	fast     bool // both sides speak the fast extension
	extended bool // both sides speak the extension protocol
	client   string
	ext      map[string]uint8 // its numbers of extensions

	open                        bool // the choker wants it unchoked
	amChoking, amInterested     bool
	peerChoking, peerInterested bool
	unchokedAt                  time.Duration // when we unchoked it last
	lastHeard                   time.Duration
	lastSent                    time.Duration

	have       picker.Bits
	early      []uint32 // haves before the metadata
	earlyField []byte   // bitfield before the metadata
	earlyAll   bool
	handle     picker.Peer
	haves      int // how many pieces it has

	allowedUs   []uint32 // pieces it may ask for while choked
	lastBlock   time.Duration
	snubbed     bool
	rtt         time.Duration // shortest from request to block
	asked       []ask         // requests that we wait for
	released    []ask         // requests given up whose blocks may still come
	out         []byte        // messages to be sent
	writing     bool
	writeSince  time.Duration
	queue       []ask // requests of the peer
	inLine      bool  // it waits for the upload limit
	granted     bool  // the limit has let its next block through
	reqq        int   // how many requests it queues; 0: not said
	metaSize    int   // of the info dictionary, as it says; 0: not said
	metaServed  int
	metaAsked   int // piece of metadata asked for, −1: none
	metaRefused bool
	pexSent     []netip.AddrPort // what it has been told
	pexAt       time.Duration
	pexHeard    time.Duration
	down, up    rate.Meter
}

// ask is one request for a block.
type ask struct {
	index, begin, length int
	at                   time.Duration
}

func (a ask) same(b ask) bool {
	return a.index == b.index && a.begin == b.begin && a.length == b.length
}

// send queues a message.
func (p *peer) send(m wire.Message) {
	if p.gone {
		return
	}
	p.out = m.Append(p.out)
	if len(p.out) > maxOut {
		p.c.drop(p, "it does not read what it asks for")
		return
	}
	p.kick()
}

// kick starts a writer if there is something to write and none is writing.
func (p *peer) kick() {
	if p.writing || p.gone || len(p.out) == 0 && (len(p.queue) == 0 || p.inLine) {
		return
	}
	p.writing, p.writeSince = true, p.c.now()
	p.c.start(p.write)
}

// write sends until nothing is left to be sent. It is a goroutine that lives
// only so long: what happens at one instant is written in one go, and the writers
// of a lab start one after the other.
func (p *peer) write() {
	var buf []byte
	for {
		ok := p.c.do(func() { buf = p.take(buf[:0]) })
		if !ok || len(buf) == 0 {
			return
		}
		if _, err := p.conn.Write(buf); err != nil {
			p.c.do(func() { p.c.drop(p, "sending failed: "+err.Error()) })
			return
		}
	}
}

// take is what goes out next: messages, and one block if the limit allows.
func (p *peer) take(buf []byte) []byte {
	p.writing = false
	if p.gone {
		return buf
	}
	now := p.c.now()
	buf = append(buf, p.out...)
	p.out = p.out[:0]
	buf = p.c.upload(p, buf)
	if p.gone {
		return buf[:0]
	}
	if len(buf) > 0 {
		p.writing, p.writeSince, p.lastSent = true, now, now
	}
	return buf
}

// read takes the peer's messages until the connection ends. It is the goroutine
// of the connection; each message is handled before the next is read.
func (p *peer) read() {
	r := wire.NewReader(p.conn, p.c.earlyLimits())
	h, err := r.ReadHandshake()
	ok := p.c.do(func() {
		if err != nil {
			p.c.drop(p, "no handshake: "+err.Error())
			return
		}
		p.c.handshake(p, h)
	})
	for ok {
		m, err := r.Read()
		var wait time.Duration
		stop := true
		ok = p.c.do(func() {
			switch {
			case p.gone:
			case err != nil:
				p.c.drop(p, reason(err))
			default:
				p.c.handle(p, m)
				stop = p.gone
				wait = p.c.downBucket.wait(p.c.now())
				p.rest = p.c.now() + wait
				r.SetLimits(p.c.limits())
			}
		})
		if stop {
			break
		}
		if wait > 0 && p.c.clock.Sleep(p.c.ctx, wait) != nil {
			break
		}
	}
	_ = p.conn.Close()
}
