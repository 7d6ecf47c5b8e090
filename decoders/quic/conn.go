package quic

import (
	"bytes"
	"fmt"

	"netscope/decoders"
)

// conn is one connection within a conversation.
type conn struct {
	version version
	known   bool         // version is
	client  decoders.Dir // the direction in which the client sends
	odcid   []byte       // the connection ID that the Initial keys are made from
	keyed   uint32       // the version they are made for, 0: none yet
	retried bool         // a Retry has been seen
	origin  []byte       // … and what odcid was before
	guesses int          // connection IDs tried
	proven  bool         // a packet has been decrypted with the Initial keys
	random  [32]byte     // of the ClientHello
	hasRand bool
	suite   suite // 0: not known yet
	sni     string
	offered []string // ALPN
	alpn    string   // what the server has chosen
	ends    [2]endpoint
	state   State
	streams map[int64]*stream
	order   []int64 // of opening
	held    int     // bytes in streams that wait behind holes
	app     application
	paths   paths
	closing string // the reason of a CONNECTION_CLOSE
	keep    func(d decoders.Dir, kept int64, r run)
	number  func() int64 // of the next kept stream
	crypto  [3]int64     // kept CRYPTO streams by level, 0: none yet
}

// endpoint is one side of a connection, as far as its packets tell.
type endpoint struct {
	cids    [][]byte // connection IDs that it has given out: packets to it carry one
	tokens  [][]byte // stateless reset tokens that it has given out
	keys    [3]*keys // for Initial, 0-RTT, Handshake packets that it sends
	app     *keys    // for 1-RTT
	prev    *keys    // before the last key update
	phase   byte
	updates int  // key updates so far
	told    int  // … that a summary has named
	unread  bool // some packet could not be decrypted
	space   [3]space
	crypto  [3]cryptoStream
	dcid    []byte // that its last packet carried
	exp     uint   // ack_delay_exponent that it has announced
}

// cryptoStream is the handshake bytes of one encryption level.
type cryptoStream struct {
	reasm
	buf   []byte // in order, not a whole message yet
	off   int64  // of buf in the stream
	holed bool   // a hole was given up on
}

// maxCIDs bounds how many connection IDs of an endpoint are kept.
const maxCIDs = 64

func (e *endpoint) addCID(id []byte) {
	for _, c := range e.cids {
		if bytes.Equal(c, id) {
			return
		}
	}
	if len(e.cids) == maxCIDs {
		e.cids = append(e.cids[:0], e.cids[1:]...)
	}
	e.cids = append(e.cids, bytes.Clone(id))
}

func (e *endpoint) addToken(t []byte) {
	if len(t) != 16 {
		return
	}
	if len(e.tokens) == maxCIDs {
		e.tokens = append(e.tokens[:0], e.tokens[1:]...)
	}
	e.tokens = append(e.tokens, bytes.Clone(t))
}

// has is the length of the connection ID of e that b starts with, -1 if none.
func (e *endpoint) has(b []byte) int {
	best := -1
	for _, c := range e.cids {
		if len(c) > best && bytes.HasPrefix(b, c) {
			best = len(c)
		}
	}
	return best
}

// is reports whether e has given out exactly this connection ID.
func (e *endpoint) is(id []byte) bool {
	for _, c := range e.cids {
		if bytes.Equal(c, id) {
			return true
		}
	}
	return false
}

// resets reports a datagram that ends with a stateless reset token of e (RFC
// 9000 §10.3).
func (e *endpoint) resets(b []byte) bool {
	for _, t := range e.tokens {
		if bytes.HasSuffix(b, t) {
			return true
		}
	}
	return false
}

// newConn makes a connection whose client sends in direction d.
func newConn(d decoders.Dir) *conn {
	c := &conn{client: d, streams: map[int64]*stream{}}
	for i := range c.ends {
		c.ends[i].exp = 3
	}
	return c
}

// side is "CLIENT" or "SERVER", for labels of a key log.
func (c *conn) side(d decoders.Dir) string {
	if d == c.client {
		return "CLIENT"
	}
	return "SERVER"
}

// initialFor makes the Initial keys of a version from a connection ID.
func (c *conn) initialFor(v version, dcid []byte) bool {
	cl, sv := initialKeys(v, dcid)
	if cl == nil || sv == nil {
		return false
	}
	c.odcid, c.keyed, c.version, c.known = bytes.Clone(dcid), v.id, v, true
	c.ends[c.client].keys[initial], c.ends[c.client.Other()].keys[initial] = cl, sv
	return true
}

// open decrypts a packet that is not an Initial one. why says why that is not
// possible; bad, that it breaks a rule rather than that something is not known.
func (c *conn) open(h header, b []byte, d decoders.Dir, src decoders.SecretSource) (p packet, why string, bad bool) {
	e := &c.ends[d]
	largest := e.space[h.kind.space()].last()
	if h.kind != oneRTT {
		if v, ok := lookup(h.version); ok {
			c.version, c.known = v, true
		}
		if k := e.keys[h.kind]; k != nil && k.label == c.version.label {
			if p, ok := k.decrypt(h, b, largest); ok {
				return p, "", false
			}
			return p, wrongKeys, true
		}
	} else if e.app != nil {
		return e.openApp(h, b, largest)
	}
	secret, why := c.secret(h.kind, d, src)
	if secret == nil {
		return p, why, false
	}
	suites := candidates(secret)
	if c.suite != 0 && h.kind != zeroRTT {
		if suites = []suite{c.suite}; !c.suite.known() {
			return p, c.suite.String(), false
		}
	}
	for _, s := range suites {
		k := newKeys(s, c.version.label, secret)
		if k == nil {
			continue
		}
		if p, ok := k.decrypt(h, b, largest); ok {
			if h.kind == oneRTT {
				e.app = k
			} else {
				e.keys[h.kind] = k
			}
			return p, "", false
		}
	}
	return p, wrongKeys, true
}

const wrongKeys = "the authentication tag does not fit the keys: damaged, cut short by the capture, or of another connection (RFC 9001 §5.3)"

// openApp decrypts a 1-RTT packet and follows key updates (RFC 9001 §6).
func (e *endpoint) openApp(h header, b []byte, largest int64) (p packet, why string, bad bool) {
	p, head, ok := e.app.unmask(h, b, largest)
	if !ok {
		return p, tooShort, true
	}
	try := func(k *keys) bool {
		if k == nil {
			return false
		}
		var ok bool
		p.payload, ok = k.open(p.number, head, b[len(head):])
		return ok
	}
	if p.phase() == e.phase {
		if try(e.app) {
			return p, "", false
		}
		return p, wrongKeys, true
	}
	if try(e.prev) {
		return p, "", false
	}
	if next := e.app.next(); try(next) {
		e.prev, e.app, e.phase, e.updates = e.app, next, p.phase(), e.updates+1
		return p, "", false
	}
	return p, wrongKeys, true
}

const tooShort = "the packet is too short to hold a sample for header protection (RFC 9001 §5.4.2)"

func (s suite) known() bool { return s >= aes128gcm && s <= chachaPoly }

// labels are the names of a secret in key logs; older programs put QUIC_ before.
func labels(t packetType, side string) [2]string {
	name := side + "_TRAFFIC_SECRET_0"
	switch t {
	case zeroRTT:
		name = "CLIENT_EARLY_TRAFFIC_SECRET"
	case handshake:
		name = side + "_HANDSHAKE_TRAFFIC_SECRET"
	}
	return [2]string{name, "QUIC_" + name}
}

// secret finds the secret for a packet, or says why there is none.
func (c *conn) secret(t packetType, d decoders.Dir, src decoders.SecretSource) (secret []byte, why string) {
	names := labels(t, c.side(d))
	switch {
	case !c.hasRand:
		return nil, "the ClientHello has not been captured, so that no secret can be looked up"
	case src == nil:
		return nil, "no key log (--keylog FILE)"
	}
	for _, n := range names {
		if s, ok := src.Secret(n, c.random); ok {
			if candidates(s) == nil {
				return nil, fmt.Sprintf("the key log's %s has %d bytes, not 32 or 48", n, len(s))
			}
			return s, ""
		}
	}
	return nil, "the key log has no " + names[0] + " for this connection"
}
