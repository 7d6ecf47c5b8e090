package web

import (
	"netscope/protocols/lab"
	"netscope/protocols/web/http2"
	"netscope/protocols/web/model"
)

// Race is the lab page-race: one page over every version of HTTP, on identical
// links. The zero value works; NewRace remembers predictions.
type Race struct{ memo *memo }

var _ lab.Lab = Race{}

// NewRace makes the lab with a memory of its predictions.
func NewRace() Race { return Race{newMemo()} }

// racers are the variants, as they are shown. HTTP/2 and HTTP/3 have the ideal
// of pipelining: all requests at once over one connection.
var racers = [...]struct {
	lab.Variant
	way model.Way
}{
	{lab.Variant{ID: "http1.0", Title: "HTTP/1.0", Summary: "a new connection for each object, one after the other"}, model.NonPersistent},
	{lab.Variant{ID: "http1.1", Title: "HTTP/1.1", Summary: "one connection, a request after each response"}, model.Persistent},
	{lab.Variant{ID: "http1.1x6", Title: "HTTP/1.1 ×6", Summary: "several connections that stay open, a request after each response on each of them"}, model.Lanes},
	{lab.Variant{ID: overHTTP2, Title: "HTTP/2", Summary: "one connection, all requests at once, responses in turn frame by frame"}, model.Pipelined},
	{lab.Variant{ID: overHTTP3, Title: "HTTP/3", Summary: "the same over QUIC: a lost packet holds back only the streams in it"}, model.Pipelined},
}

func racerWay(variant string) model.Way {
	for _, r := range racers {
		if r.ID == variant {
			return r.way
		}
	}
	return racers[0].way
}

// Spec implements lab.Lab.
func (Race) Spec() lab.Spec {
	s := lab.Spec{
		ID:      "page-race",
		Title:   "One page, five ways",
		Group:   "Web and HTTP",
		Summary: "the same page over HTTP/1.0, 1.1, 1.1 with six connections, 2 and 3, on one clock: who finishes when, and why",
		About:   aboutRace,
		Params: []lab.Param{
			{Name: "rtt", Label: "RTT", Doc: "round-trip time: a small packet to the server and back", Kind: lab.Duration, Default: 0.05, Min: 0.0001, Max: 10},
			{Name: "rate", Label: "rate", Doc: "R, the rate of the link in each direction", Kind: lab.Rate, Default: 1e7, Min: 1e4, Max: 1e11},
			{Name: "loss", Label: "loss", Doc: "probability that a packet is lost, in each direction", Kind: lab.Prob, Default: 0, Min: 0, Max: 0.5},
			{Name: "drop", Label: "lost packet (0: none)", Doc: "which of the server's packets with responses is lost: the Nth of at least 1000 bytes", Kind: lab.Count, Default: 0, Min: 0, Max: 1e6, Zero: "none"},
			{Name: "objects", Label: "objects", Doc: "how many objects the base page refers to", Kind: lab.Count, Default: 12, Min: 0, Max: 1000},
			{Name: "size", Label: "object size L", Doc: "L, the size of an object", Kind: lab.Bytes, Default: 1e4, Min: 1, Max: 1e9},
			{Name: "page", Label: "base page", Doc: "size of the base page", Kind: lab.Bytes, Default: 0, Min: 0, Max: 1e9, Zero: "as an object"},
			{Name: "connections", Label: "connections", Doc: "how many connections the browser has at a time in the variant http1.1x6", Kind: lab.Count, Default: 6, Min: 1, Max: 100},
			{Name: "frame", Label: "frame", Doc: "content of a DATA frame of HTTP/2 at most", Kind: lab.Bytes, Default: http2.DefaultFrame, Min: 256, Max: 1 << 20},
		},
	}
	for _, r := range racers {
		s.Variants = append(s.Variants, r.Variant)
	}
	return s
}

const aboutRace = `A base page and the objects it refers to, fetched in five ways over five links that are exactly alike. All five run on one clock: at any moment you see how far each has come.

HTTP/1.0 opens a connection for every object and pays two round trips each time: one to open it, one to ask. HTTP/1.1 keeps the connection, which saves the first, but still asks only when it has the last response. Browsers therefore open six connections: six requests are on their way at a time, and six handshakes, six slow starts and six windows compete for one link. HTTP/2 asks for everything at once over one connection and mixes the responses. HTTP/3 does the same over QUIC.

Without losses the last two should arrive together, when nothing but the link's rate holds them back. Now let a packet be lost, and they part: on a TCP connection everything behind the lost segment waits for it, on QUIC only the streams with bytes in it. With six connections a loss stops one of six. HTTP/1.0 has little on its way at any time and so little to lose by it.

The times count from the first packet of the handshake to the last byte of the last object. HTTP/1 and HTTP/2 go over clear TCP, whose handshake is one round trip. QUIC's is one round trip too, encryption included; over TCP, TLS would add another.

The ideal counts only round trips and the bits of the content. The causes under each time say what the rest is made of: headers, slow start, windows, and the repair of losses. "Waiting for lost packets" is how long at least one response had bytes that were lost or could not be passed on.`

// pageOf is the page that the parameters describe.
func pageOf(p lab.Params) site {
	s := site{size: max(int64(p["size"]), 1), objects: p.Int("objects")}
	s.page = s.size
	if p["page"] > 0 {
		s.page = int64(p["page"])
	}
	return s
}

// bitsOf are these parameters as the lab http-connections has them.
func bitsOf(p lab.Params) lab.Params {
	q, s := p.Clone(), pageOf(p)
	q["size"], q["page"] = float64(8*s.size), float64(8*s.page)
	return q
}

// frames are these parameters as the lab http2 has them, as far as its server
// and its sockets need them.
func framesOf(p lab.Params) lab.Params {
	q, s := lab.Defaults(Multiplexing{}.Spec().Params), pageOf(p)
	for _, name := range [...]string{"rtt", "rate", "loss", "frame"} {
		q[name] = p[name]
	}
	q["big"], q["small"], q["objects"] = float64(s.page), float64(s.size), p["objects"]
	return q
}

// Topology implements lab.Lab: a client and a server, one link, the same for
// all variants but for the send buffer of the HTTP/2 server, which must be
// small for frames to take turns.
func (Race) Topology(variant string, p lab.Params) lab.Topology {
	q := bitsOf(p)
	if variant != "http1.1x6" {
		q["connections"] = 1
	}
	t := Connections{}.Topology("", q)
	switch variant {
	case overHTTP3:
		t.Nodes[1].Services = []lab.Service{{Name: "https", Network: "udp", Port: 443}}
		return t // the packet is chosen when responses begin
	case overHTTP2:
		t.Nodes[1].Services = append(t.Nodes[1].Services, https)
		t.SendBuffer = serverBuffer(framesOf(p))
	}
	t.Links[0].BA.Drops = dropped(p)
	return t
}
