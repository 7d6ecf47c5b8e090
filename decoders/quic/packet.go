package quic

import (
	"bytes"
	"fmt"
	"strings"

	"netscope/decoders"
)

// long reads a packet with a long header at the front of b and says how many
// bytes it takes.
func (p *parser) long(b []byte) int {
	h, err := parseLong(b)
	p.until = p.at + int64(h.end)
	b = b[:h.end]
	if !h.known || err != nil && h.pnOff == 0 {
		p.opaque(h, b, "", err)
		return h.end
	}
	c := p.find(h)
	if c == nil {
		c = p.guess(h, b)
	}
	switch h.kind {
	case negotiation:
		p.opaque(h, b, versions(h), err)
		return h.end
	case retry:
		p.retry(c, h, b)
		return h.end
	}
	if c == nil {
		c = p.begin(h)
	}
	v, _ := lookup(h.version)
	if h.kind == initial {
		p.initial(c, v, h, b, err)
		return h.end
	}
	pk, why, bad := c.open(h, b, p.dir, p.secrets)
	p.learn(c, h)
	p.show(c, h, b, pk, why, bad, err)
	return h.end
}

// initial reads an Initial packet. Its keys follow from the destination
// connection ID of the client's first one, or of the first after a Retry.
func (p *parser) initial(c *conn, v version, h header, b []byte, broken error) {
	client := p.dir == c.client
	switch {
	case c.keyed == 0 && client:
		c.initialFor(v, h.dcid)
	case c.keyed != 0 && c.keyed != v.id: // the version was negotiated compatibly (RFC 9368 §2.1)
		c.initialFor(v, c.odcid)
	}
	p.turn(c, v, h, b)
	client = p.dir == c.client
	e := &c.ends[p.dir]
	k := e.keys[initial]
	if k == nil {
		p.learn(c, h)
		p.show(c, h, b, packet{}, "the client's first Initial packet, whose connection ID the keys are made from, has not been captured", false, broken)
		return
	}
	pk, ok := k.decrypt(h, b, e.space[0].last())
	if h.cut {
		p.learn(c, h)
		p.show(c, h, b, pk, wrongKeys, true, broken)
		return
	}
	if late := !ok && client && c.retried && string(h.dcid) == string(c.origin); late {
		// Sent before the client had the Retry.
		if cl, _ := initialKeys(v, c.origin); cl != nil {
			pk, ok = cl.decrypt(h, b, e.space[0].last())
		}
	} else if !ok && client && string(h.dcid) != string(c.odcid) && c.guesses < maxGuesses {
		c.guesses++
		old := *c
		if c.initialFor(v, h.dcid) {
			if pk, ok = c.ends[p.dir].keys[initial].decrypt(h, b, e.space[0].last()); !ok {
				c.odcid, c.ends = old.odcid, old.ends
			}
		}
	}
	p.learn(c, h)
	switch {
	case ok:
		c.proven = true
		p.show(c, h, b, pk, "", false, broken)
	case c.proven || broken != nil:
		p.show(c, h, b, pk, wrongKeys, true, broken)
	default:
		p.show(c, h, b, pk, "damaged, or not the client's first Initial packet, whose connection ID the keys are made from", false, nil)
	}
}

// maxGuesses bounds how many connection IDs are tried that Initial keys may be
// made from.
const maxGuesses = 64

// turn exchanges the roles if nothing has been decrypted so far and this packet
// is the first of a client: the capture began with a packet of the server.
func (p *parser) turn(c *conn, v version, h header, b []byte) {
	if c.proven || p.dir == c.client || c.guesses >= maxGuesses {
		return
	}
	c.guesses++
	k, _ := initialKeys(v, h.dcid)
	if k == nil {
		return
	}
	if _, ok := k.decrypt(h, b, -1); ok {
		c.client, c.state.Client = p.dir, p.dir
		c.initialFor(v, h.dcid)
	}
}

// learn notes the connection ID that a long header announces.
func (p *parser) learn(c *conn, h header) { c.ends[p.dir].addCID(h.scid) }

// retry reads a Retry packet (RFC 9000 §17.2.5): the client starts again, with
// the token, and to the connection ID that the server gives.
func (p *parser) retry(c *conn, h header, b []byte) {
	v, _ := lookup(h.version)
	var first []byte // the connection ID that the client's first packet was sent to
	if c != nil {
		if first = c.odcid; c.retried {
			first = c.origin
		}
	}
	valid := first != nil && retryValid(v, first, b)
	problem := ""
	if first != nil && !valid {
		problem = "the integrity tag is wrong: a client ignores this packet (RFC 9001 §5.8)"
	}
	summary := fmt.Sprintf("try again with a token of %s, to connection ID %x", plural(len(h.token), "byte"), h.scid)
	if c != nil && c.retried {
		summary += "; the client ignores it, because it has begun again already"
	}
	kvs := append(h.fields(), decoders.S("quic.retry_token", hexOf(h.token)), decoders.S("quic.retry_integrity_tag", hexOf(h.tag)))
	p.close(p.open(decoders.Event{Level: decoders.UnitLevel, Proto: proto, Name: h.kind.String(), Summary: "Retry: " + summary, Stream: -1, Fields: kvs}), int64(len(b)), problem)
	if valid && !c.retried && p.dir != c.client {
		c.retried, c.origin = true, c.odcid
		c.initialFor(v, h.scid)
		c.ends[p.dir].addCID(h.scid)
	}
}

// versions says what a Version Negotiation packet offers.
func versions(h header) string {
	var list []string
	for _, v := range h.supported {
		list = append(list, versionName(v))
	}
	return "the server does not speak the client's version, but: " + strings.Join(list, ", ")
}

// opaque shows a packet that has no protected payload, or whose header cannot be
// read.
func (p *parser) opaque(h header, b []byte, summary string, err error) {
	name := h.kind.String()
	if !h.known {
		name = "packet of an unknown version"
	}
	if summary == "" {
		summary = plural(len(b), "byte")
		if h.version != 0 && !h.known {
			summary = fmt.Sprintf("version %s, %s", versionName(h.version), summary)
		}
	}
	problem := ""
	if err != nil {
		problem = err.Error()
	}
	p.close(p.open(decoders.Event{Level: decoders.UnitLevel, Proto: proto, Name: name, Summary: name + ": " + summary, Stream: -1, Fields: h.fields()}), int64(len(b)), problem)
}

// short reads a packet with a short header, which is the last of its datagram.
func (p *parser) short(b, datagram []byte) {
	if r := p.resetting(datagram); r != nil {
		p.opaque(header{kind: oneRTT, known: true, first: b[0]}, b, "", nil)
		ev := &p.st.Events[len(p.st.Events)-2]
		ev.Name, ev.Summary = "Stateless Reset", "Stateless Reset: the sender no longer knows the connection"
		r.closing = "stateless reset"
		return
	}
	to := p.dir.Other()
	var c *conn
	n := -1
	for i := len(p.conns) - 1; i >= 0; i-- {
		if m := p.conns[i].ends[to].has(b[1:]); m > n {
			c, n = p.conns[i], m
		}
	}
	strange := c == nil
	for i := len(p.conns) - 1; i >= 0 && c == nil; i-- {
		// Perhaps a connection ID that was given out under encryption.
		if ids := p.conns[i].ends[to].cids; len(ids) > 0 {
			c, n = p.conns[i], len(ids[0])
		}
	}
	h, err := parseShort(b, max(n, 0))
	if c == nil || err != nil {
		why := "the connection's handshake has not been captured in this conversation, so that neither connection ID nor keys are known"
		p.show(nil, h, b, packet{}, why, false, err)
		return
	}
	pk, why, bad := c.open(h, b, p.dir, p.secrets)
	if strange && why != "" {
		h, _ = parseShort(b, 0)
		p.show(nil, h, b, packet{}, "the connection ID is not known: given out under encryption, or this is a stateless reset", false, nil)
		return
	}
	if strange {
		c.ends[to].addCID(h.dcid)
	}
	p.show(c, h, b, pk, why, bad, nil)
}

// resetting is the connection that a datagram resets, nil if none.
func (p *parser) resetting(b []byte) *conn {
	if len(b) < minShort {
		return nil
	}
	for _, c := range p.conns {
		if c.ends[p.dir].resets(b) {
			return c
		}
	}
	return nil
}

// show opens a packet and everything in it. why says why it could not be
// decrypted.
func (p *parser) show(c *conn, h header, b []byte, pk packet, why string, bad bool, broken error) {
	kvs := h.fields()
	size := len(b)
	if h.cut {
		size = h.pnOff + h.length
	}
	kvs = append(kvs, decoders.I("quic.packet_length", int64(size)))
	ev := decoders.Event{Level: decoders.UnitLevel, Proto: proto, Name: h.kind.String(), Stream: -1}
	problem := ""
	if broken != nil {
		problem = broken.Error()
	}
	if !h.long {
		kvs = append(kvs, decoders.B("quic.spin_bit", h.first&0x20 != 0))
	}
	if why != "" {
		if c != nil {
			c.ends[p.dir].unread = true
		}
		if bad {
			if problem == "" {
				problem = why
			}
			kvs = append(kvs, decoders.B("quic.decryption_failed", true))
		}
		if h.cut && pk.pnLen > 0 { // header protection could be removed
			kvs = append(kvs, decoders.I("quic.packet_number", pk.number), decoders.I("quic.packet_number_length", int64(pk.pnLen)))
		}
		moved, path := p.path(c, h, nil)
		kvs = append(kvs, path...)
		ev.Summary = fmt.Sprintf("%s, %s encrypted: %s", ev.Name, plural(len(b), "byte"), why) + moved
		ev.Fields = append(kvs, decoders.S("quic.encrypted", why))
		p.close(p.open(ev), int64(len(b)), problem)
		return
	}
	e := &c.ends[p.dir]
	again := e.space[h.kind.space()].add(pk.number)
	kvs = append(kvs, decoders.I("quic.packet_number", pk.number), decoders.I("quic.packet_number_length", int64(pk.pnLen)))
	if !h.long {
		kvs = append(kvs, decoders.B("quic.key_phase", pk.phase() != 0))
	}
	frames, ferr := parseFrames(pk.payload)
	for i := range frames {
		kvs = append(kvs, decoders.KV{Name: "quic.frame_type", Int: int64(frames[i].typ), Kind: decoders.IntValue, Many: true})
	}
	for i := range frames {
		if frames[i].typ&^7 == frameStream {
			kvs = append(kvs, decoders.KV{Name: "quic.stream.stream_id", Int: frames[i].stream, Kind: decoders.IntValue, Many: true})
		}
	}
	moved, path := p.path(c, h, frames)
	ev.Fields = append(kvs, path...)
	ev.Summary = fmt.Sprintf("%s %d: %s", ev.Name, pk.number, names(frames)) + c.moved(p.dir, h) + updated(e, h, pk) + moved
	switch {
	case problem != "":
	case ferr != nil:
		problem = ferr.Error()
	case again:
		problem = "a packet with this number has come before; a receiver drops it (RFC 9000 §12.3)"
	case pk.reserved() != 0:
		problem = "reserved bits are not zero (RFC 9000 §17.2, §17.3.1)"
	}
	p.packet = p.open(ev)
	for i := range frames {
		p.frame(c, h, &frames[i], again)
	}
	p.close(p.packet, int64(len(b)), problem)
}

// moved says that the sender uses another connection ID than before. The
// client's first one is made up, and gives way to the server's choice.
func (c *conn) moved(d decoders.Dir, h header) string {
	e, to := &c.ends[d], &c.ends[d.Other()]
	old := e.dcid
	e.dcid = bytes.Clone(h.dcid)
	if h.long || old == nil || bytes.Equal(old, h.dcid) {
		return ""
	}
	if bytes.Equal(old, c.odcid) && len(to.cids) > 0 && bytes.Equal(h.dcid, to.cids[0]) {
		return ""
	}
	return fmt.Sprintf(", now to connection ID %x", h.dcid)
}

// updated says that this packet is the first with new keys.
func updated(e *endpoint, h header, pk packet) string {
	if h.kind == oneRTT && e.updates > 0 && pk.number == e.space[2].largest && e.told != e.updates {
		e.told = e.updates
		return fmt.Sprintf(", key update %d", e.updates)
	}
	return ""
}

// parseFrames reads the frames of a payload.
func parseFrames(b []byte) (out []frame, err error) {
	if len(b) == 0 {
		return nil, errNoFrames
	}
	for len(b) > 0 {
		if len(out) == maxFrames {
			return out, errFrames
		}
		f, n, ferr := parseFrame(b)
		out = append(out, f)
		if ferr != nil && err == nil {
			err = ferr
		}
		b = b[n:]
	}
	return out, err
}

// names lists frames, streams with their numbers.
func names(frames []frame) string {
	var list []string
	for i := range frames {
		s := frames[i].name
		if frames[i].stream >= 0 {
			s += fmt.Sprintf(" %d", frames[i].stream)
		}
		if n := len(list); n > 0 && list[n-1] == s {
			continue
		}
		if list = append(list, s); len(list) == 8 && i < len(frames)-1 {
			list = append(list, "…")
			break
		}
	}
	return strings.Join(list, ", ")
}
