package web

import (
	"context"
	"strconv"
	"time"

	"netscope/protocols/lab"
	"netscope/protocols/web/http1"
	"netscope/protocols/web/model"
)

// Connections is the lab http-connections: what a browser's use of connections
// does to the time that a page takes. The zero value works; NewConnections
// remembers predictions.
type Connections struct{ memo *memo }

var _ lab.Lab = Connections{}

// NewConnections makes the lab with a memory of its predictions.
func NewConnections() Connections { return Connections{newMemo()} }

// variants in the order in which they are shown.
var variants = [...]struct {
	lab.Variant
	way model.Way
}{
	{lab.Variant{ID: "non-persistent", Title: "non-persistent", Summary: "HTTP/1.0: a new connection for each object, one after the other"}, model.NonPersistent},
	{lab.Variant{ID: "persistent", Title: "persistent", Summary: "HTTP/1.1: one connection, a request after each response"}, model.Persistent},
	{lab.Variant{ID: "pipelined", Title: "pipelined", Summary: "HTTP/1.1: one connection, after the base page all requests at once"}, model.Pipelined},
	{lab.Variant{ID: "parallel", Title: "parallel", Summary: "HTTP/1.0: several connections at a time, a new one as soon as one is done"}, model.Pool},
	{lab.Variant{ID: "parallel-waves", Title: "parallel, in waves", Summary: "HTTP/1.0: several connections at a time, new ones when all are done"}, model.Waves},
}

// Spec implements lab.Lab.
func (Connections) Spec() lab.Spec {
	s := lab.Spec{
		ID:      "http-connections",
		Title:   "HTTP: connections",
		Group:   "Web and HTTP",
		Summary: "one page over non-persistent, persistent, pipelined and parallel connections",
		About:   about,
		Params: []lab.Param{
			{Name: "rtt", Label: "RTT", Doc: "round-trip time: a small packet to the server and back", Kind: lab.Duration, Default: 0.1, Min: 0.0001, Max: 10},
			{Name: "rate", Label: "rate", Doc: "R, the rate of the link in each direction", Kind: lab.Rate, Default: 1e6, Min: 1e4, Max: 1e11},
			{Name: "loss", Label: "loss", Doc: "probability that a packet is lost, in each direction", Kind: lab.Prob, Default: 0, Min: 0, Max: 0.5},
			{Name: "objects", Label: "objects", Doc: "how many objects the base page refers to", Kind: lab.Count, Default: 10, Min: 0, Max: 1000},
			{Name: "size", Label: "object size L", Doc: "L, the size of an object", Kind: lab.Bits, Default: 1e5, Min: 1, Max: 1e10},
			{Name: "page", Label: "base page", Doc: "size of the base page; 0: the same as an object", Kind: lab.Bits, Default: 0, Min: 0, Max: 1e10, Zero: "as an object"},
			{Name: "connections", Label: "connections", Doc: "how many connections the browser has at a time, in the parallel variants", Kind: lab.Count, Default: 6, Min: 1, Max: 100},
		},
	}
	for _, v := range variants {
		s.Variants = append(s.Variants, v.Variant)
	}
	return s
}

const about = `A web page is a base page and the objects it refers to. To get one object over a new TCP connection takes a round trip to open the connection, a round trip for the request and the beginning of the answer, and the time to transmit the object: 2·RTT + L/R.

Non-persistent connections (HTTP/1.0) pay that for every object. A persistent connection (HTTP/1.1) stays open, which saves one round trip an object. With pipelining the browser asks for all objects as soon as it knows them, so they share a single round trip. Parallel connections hide round trips behind each other's transmissions, but the link is the same for all of them: they do not make it faster. In waves the browser waits until all connections of a wave are done; in a pool it opens the next one at once.

The ideal numbers count nothing but round trips and the bits of the objects. A real connection also carries headers, begins slowly (TCP sends ten segments and then waits for acknowledgements), may wait for its window, and may send again what only waits in a queue. The causes under each prediction say how much of the difference each of these makes.`

// Topology implements lab.Lab: a client and a server, one link.
func (Connections) Topology(variant string, p lab.Params) lab.Topology {
	path := lab.Path{
		Delay: p.Duration("rtt") / 2,
		Rate:  p["rate"],
		Loss:  p["loss"],
		// The queue never overflows: it can hold every window at once. A
		// loss is then always one that was asked for.
		Queue: 2 * recvBuffer * max(p.Int("connections"), 1),
	}
	return lab.Topology{
		Nodes: []lab.Node{
			{Name: "client", Role: "client"},
			{Name: "server", Role: "server", Services: []lab.Service{{Name: "http", Network: "tcp", Port: 80}}},
		},
		Links:      []lab.Link{{A: "client", B: "server", AB: path, BA: path}},
		SendBuffer: sendBuffer,
		RecvBuffer: recvBuffer,
	}
}

// wayOf finds the variant; the first if there is none of that name.
func wayOf(variant string) model.Way {
	for _, v := range variants {
		if v.ID == variant {
			return v.way
		}
	}
	return variants[0].way
}

// Run implements lab.Lab: it serves the site until ctx is done, fetches the
// page, and returns. An exposed lab only serves.
func (Connections) Run(ctx context.Context, w lab.World, variant string, p lab.Params) error {
	s := siteOf(p)
	ln, err := w.Host("server").Listen("tcp", ":80")
	if err != nil {
		return err
	}
	idle := patience(s, p)
	srv := &http1.Server{Handle: s.handle, Now: w.Clock().Now, Limits: headLimits, Idle: idle, Head: idle}
	go func() { _ = srv.Serve(ctx, ln) }()
	if lab.Exposed(w) {
		<-ctx.Done() // the person's own programs are the browser
		return nil
	}
	b := &browser{world: w, host: w.Host("client"), way: wayOf(variant), conns: p.Int("connections")}
	return b.fetchPage(ctx)
}

// patience is how long the server waits for a request, or for the rest of one.
// Over a slow link the response before it may be on its way for long, and so
// may a request that is sent again.
func patience(s site, p lab.Params) time.Duration {
	bits := 8 * float64(s.page+s.size*int64(max(p.Int("connections"), 1)))
	return 2*time.Minute + 100*p.Duration("rtt") + time.Duration(min(20*bits/p["rate"], 1e6)*float64(time.Second))
}

func itoa(k int) string { return strconv.Itoa(k) }
