package tls

import "netscope/decoders"

// Epochs of TLS 1.3: each has its own secret, and sequence numbers that start
// from 0 (RFC 8446 §5.3). From epochApplication on, each update of the keys is
// a further one.
const (
	epochEarly = iota
	epochHandshake
	epochApplication
)

const (
	maxTries = 4096     // sequence numbers that are tried for one record
	maxSpent = 64 << 20 // bytes of tries that failed, per direction; then it is given up
	// minSealed is the least that a record of AEAD takes in the stream, in bytes.
	minSealed = headerLen + 16 + 1
)

// protection is how one direction's records are protected, and where in the
// sequence of records it is. Sequence numbers are not on the wire: where bytes
// are missing, several are tried.
type protection struct {
	on    bool // TLS 1.2 and older: the cipher has been changed
	epoch int  // TLS 1.3
	next  uint64
	seen  uint64 // records since next was certain that were not decrypted
	lost  uint64 // … that may have been in a gap, at most
	bytes int64  // plaintext lost with them, about
	spent int    // bytes of failed tries
	hole  bool   // plaintext is missing before what comes next
	told  bool   // a failure has been told

	keys    map[int][]*opener // by epoch; TLS 1.2: 0
	pending params            // TLS 1.2: what the next keys are made of
	current params
}

// params is what the keys of TLS 1.2 are derived from, beside the master secret.
type params struct {
	suite          *suite
	version        uint16
	client, server [32]byte
}

// begin starts a connection anew.
func (x *protection) begin(early bool) {
	*x = protection{spent: x.spent}
	if !early {
		x.epoch = epochHandshake
	}
}

// turn goes on to an epoch.
func (x *protection) turn(epoch int) {
	x.epoch = epoch
	x.certain(0)
	for e := range x.keys {
		if e < epoch-1 {
			delete(x.keys, e)
		}
	}
}

// certain says that the next record has this sequence number.
func (x *protection) certain(seq uint64) { x.next, x.seen, x.lost = seq, 0, 0 }

// miss counts a record that cannot be decrypted.
func (x *protection) miss(n int) {
	x.seen++
	x.bytes += int64(max(n-minSealed, 0))
}

// lose counts the records that n missing bytes may have held.
func (x *protection) lose(n int64) {
	x.lost = min(x.lost+uint64(n)/minSealed+1, maxTries)
	x.bytes += n
}

// renewKeys takes note of a ServerHello: it settles what keys are made of.
func (p *parser) renewKeys() {
	c := &p.conn
	if c.version == tls13 {
		return
	}
	for d := range p.side {
		p.side[d].prot.pending = params{c.suite, c.version, c.hello.random, c.server.random}
	}
}

// switchKeys makes the new keys of TLS 1.2 the current ones.
func (p *parser) switchKeys(s *side) {
	if p.conn.version == tls13 || p.conn.version == 0 && p.conn.hello.early {
		return // it means nothing there
	}
	x := &s.prot
	x.on, x.current, x.keys = true, x.pending, nil
	x.certain(0)
}

// unseal decrypts a record if it is encrypted and the keys are known.
func (p *parser) unseal(s *side, r record) unsealed {
	plain := unsealed{typ: r.typ(), data: r.payload()}
	c, x := &p.conn, &s.prot
	switch {
	case c.version == tls13, c.version == 0 && c.haveHello && s.dir == c.client && r.typ() == typeData:
		if r.typ() != typeData {
			return plain
		}
		return p.unseal13(s, r)
	case x.on:
		return p.unseal12(s, r)
	case r.typ() == typeData, !s.plausible(r, c.haveHello):
		// Nobody sends this in clear: the change of the cipher was missed.
		x.on, x.current, x.keys = true, x.pending, nil
		if c.haveHello && c.answered {
			return p.unseal12(s, r)
		}
		return p.sealed(s, r, p.why())
	}
	return plain
}

// plausible says whether a record that comes before any change of the cipher
// can be in clear. What starts no message is believed only where nothing has
// been missed.
func (s *side) plausible(r record, haveHello bool) bool {
	b := r.payload()
	switch r.typ() {
	case typeAlert:
		return len(b) == 2
	case typeCCS:
		return len(b) == 1
	case typeHandshake:
		if s.prot.lost == 0 && haveHello || len(s.hs.buf) > 0 || len(b) < hsHeaderLen {
			return true
		}
		return handshakeName(b[0]) != "" && be24(b[1:]) < 1<<16
	}
	return true
}

// sealed is a record that stays encrypted.
func (p *parser) sealed(s *side, r record, why string) unsealed {
	s.prot.miss(len(r.raw))
	return unsealed{typ: r.typ(), sealed: true, why: why}
}

// opened is a record that was decrypted. Plaintext that was missed before it
// goes with it.
func (p *parser) opened(s *side, epoch int, seq uint64, typ byte, data []byte) unsealed {
	x := &s.prot
	u := unsealed{typ: typ, data: data, sealed: true}
	first := uint64(0)
	if epoch == x.epoch {
		first = x.next
	} else if x.epoch >= epochApplication && x.seen+x.lost > 0 {
		x.hole = true
	}
	x.hole = x.hole || seq > first
	if typ == typeData {
		if x.hole {
			u.lost = max(x.bytes, 1)
		}
		x.hole, x.bytes = false, 0
	}
	x.epoch, x.spent, x.told = epoch, 0, false
	x.certain(seq + 1)
	return u
}

// failed is a record that the keys do not fit.
func (p *parser) failed(s *side, r record) unsealed {
	u := p.sealed(s, r, whyFailed)
	if !s.prot.told {
		s.prot.told = true
		u.bad = badDecrypt
	}
	return u
}

// try opens a record with one sequence number. Failures are paid for.
func (s *side) try(o *opener, r record, seq uint64) (typ byte, data []byte, ok bool) {
	x := &s.prot
	if x.spent > maxSpent {
		return 0, nil, false
	}
	typ, data, ok = o.open(r, seq)
	if !ok {
		x.spent += len(r.raw) + 256
	}
	return typ, data, ok
}

// why says why nothing can be decrypted, "" if the keys should be there.
func (p *parser) why() string {
	c := &p.conn
	switch {
	case !c.haveHello:
		return whyNoHello
	case !c.answered || c.version == 0:
		return whyNoServer
	case c.version < tls10:
		return notDecrypted(whyVersion, versionName(c.version))
	case c.suite == nil:
		return notDecrypted(whyUnknown, c.server.suite)
	case c.suite.kind == otherCipher:
		return notDecrypted(whyOldSuite, c.suite.name)
	case p.secrets == nil && c.suite.rsa:
		return whyRSA
	case p.secrets == nil:
		return whyNoLog
	}
	return ""
}

// secret finds a secret of this connection.
func (p *parser) secret(label string, random [32]byte) []byte {
	if p.secrets == nil {
		return nil
	}
	b, _ := p.secrets.Secret(label, random)
	return b
}

// known says whether a key log has anything of this connection.
func known(src decoders.SecretSource, random [32]byte) bool {
	for _, label := range []string{"CLIENT_RANDOM", labelClientHandshake, labelServerHandshake, labelClientTraffic, labelServerTraffic, labelEarly} {
		if _, ok := src.Secret(label, random); ok {
			return true
		}
	}
	return false
}
