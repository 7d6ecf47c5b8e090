package bittorrent

import (
	"errors"
	"fmt"

	"netscope/decoders"
)

// Datagrams decodes what a BitTorrent program's UDP port carries, all mixed:
// UDP trackers (BEP 15), the DHT (BEP 5) and uTP (BEP 29), whose streams it
// hands to [Decoder]. Its zero value is ready for use.
type Datagrams struct{}

var _ decoders.Decoder = Datagrams{}

// Name is "bittorrent-udp".
func (Datagrams) Name() string { return "bittorrent-udp" }

// NewParser starts parsing one pair of ports.
func (Datagrams) NewParser(h decoders.Hint, _ decoders.Env) decoders.Parser {
	return &datagrams{udp: h.Transport == decoders.UDP, dht: map[dhtKey]uint64{}, tracker: map[uint32]call{}, utp: map[uint16]*utpConn{}}
}

// Probe accepts a first datagram that can hardly be anything else. Ports of
// DNS are left alone.
func (Datagrams) Probe(h decoders.Hint, _ decoders.Dir, b []byte, end bool) decoders.Verdict {
	if h.Transport != decoders.UDP || dnsPort(h.A.Port()) || dnsPort(h.B.Port()) {
		return decoders.Reject
	}
	if isConnect(b) || isDHT(b) || isSearch(b) || firstUTP(b) || firstAnnounce(b) {
		return decoders.Accept
	}
	if end || len(b) >= 1<<11 {
		return decoders.Reject
	}
	return decoders.NeedMore
}

func dnsPort(p uint16) bool { return p == 53 || p == 5353 || p == 5355 || p == 137 }

// datagrams is the parser.
type datagrams struct {
	udp     bool
	key     uint64
	ev      []decoders.Event
	inner   []decoders.Inner
	dht     map[dhtKey]uint64 // queries
	tracker map[uint32]call   // requests by transaction ID
	known   bool              // a tracker is at one end
	utp     map[uint16]*utpConn
}

// maxPending is how many unanswered queries of a kind are remembered.
const maxPending = 2048

// Next implements [decoders.Parser]. Over UDP a chunk is a datagram; whatever
// else comes is read as one, too.
func (p *datagrams) Next(c decoders.Chunk) (decoders.Step, error) {
	if !p.udp {
		return decoders.Step{}, errors.New("these messages are datagrams: they are read over UDP only")
	}
	c.Dir &= 1
	p.ev, p.inner = nil, nil
	if len(c.Buf) > 0 {
		p.datagram(&c)
	}
	return decoders.Step{Advance: len(c.Buf), Events: p.ev, Inner: p.inner}, nil
}

func (p *datagrams) datagram(c *decoders.Chunk) {
	b := c.Buf
	if p.trackerMessage(c) {
		return
	}
	if v, n, ok := parseDHT(b); ok {
		p.krpc(c, v, n)
		return
	}
	switch {
	case isSearch(b):
		p.emit(c, searchEvent(b), "")
	default:
		if h, ok := parseUTP(b); ok {
			p.packet(c, &h)
			return
		}
		p.emit(c, decoders.Event{Proto: "BitTorrent", Name: nameContinuation, Summary: fmt.Sprintf("%s bytes that are neither tracker, DHT nor uTP", thousands(int64(len(b))))}, "")
	}
}

// emit opens and closes a message that is the datagram. It returns its key.
func (p *datagrams) emit(c *decoders.Chunk, e decoders.Event, bad string) uint64 {
	p.key++
	e.Op, e.Key, e.Dir, e.Off, e.Stream = decoders.Open, p.key, c.Dir, c.Off, -1
	if e.HeadLen == 0 {
		e.HeadLen = int64(len(c.Buf))
	}
	end := c.Off + int64(len(c.Buf))
	p.ev = append(p.ev, e, decoders.Event{Op: decoders.Close, Key: p.key, Dir: c.Dir, End: end, Len: end - c.Off - e.HeadLen, Err: bad})
	return p.key
}

// Explain gives the field tree of a datagram.
func (Datagrams) Explain(m decoders.Exposed) decoders.Field {
	total := int(max(m.Total, int64(len(m.Raw))))
	root := decoders.Field{Label: clean(m.Proto + " " + m.Name), Len: total}
	switch m.Proto {
	case protoTracker:
		explainTracker(&root, m)
	case protoDHT:
		explainDHT(&root, m)
	case protoUTP:
		explainUTP(&root, m)
	case protoLSD:
		root.Doc = "A peer asks by multicast who on the local network shares a torrent (BEP 14)."
		root.Children = []decoders.Field{leaf("", "Text", text(m.Raw), 0, len(m.Raw), "")}
	default:
		root.Children = []decoders.Field{leaf("", "Data", thousands(int64(total))+" bytes", 0, total, "")}
	}
	return fit(root, total)
}
