package web

import (
	"context"
	"fmt"
	"time"

	"netscope/capture"
	"netscope/protocols/lab"
	"netscope/protocols/web/http1"
	"netscope/protocols/web/http2"
	"netscope/protocols/web/model"
)

// Multiplexing is the lab http2: one big object and some small ones over one
// connection, whose frames the server sends in one order or another. The zero
// value works; NewMultiplexing remembers predictions.
type Multiplexing struct{ memo *memo }

var _ lab.Lab = Multiplexing{}

// NewMultiplexing makes the lab with a memory of its predictions.
func NewMultiplexing() Multiplexing { return Multiplexing{newMemo()} }

// orders are the variants, as they are shown.
var orders = [...]struct {
	lab.Variant
	scheduler model.Scheduler
	pick      http2.Pick
}{
	{lab.Variant{ID: "first-come", Title: "first come, first served", Summary: "one response after the other, in order of the requests: the small objects wait behind the big one"}, model.FirstCome, http2.FirstCome},
	{lab.Variant{ID: "round-robin", Title: "interleaved", Summary: "a frame of each response in turn: the small objects are through after a few frames"}, model.RoundRobin, http2.RoundRobin},
	{lab.Variant{ID: "priority", Title: "by priority", Summary: "as the client asked: the most urgent response first"}, model.ByPriority, http2.ByPriority},
}

// choices of the parameters that are yes or no.
const yes = 1

// Spec implements lab.Lab.
func (Multiplexing) Spec() lab.Spec {
	s := lab.Spec{
		ID:      "http2",
		Title:   "HTTP/2: frames and streams",
		Group:   "Web and HTTP",
		Summary: "why a small object waits behind a big one, and how frames of several streams take turns",
		About:   aboutHTTP2,
		Params: []lab.Param{
			{Name: "rtt", Label: "RTT", Doc: "round-trip time: a small packet to the server and back", Kind: lab.Duration, Default: 0.01, Min: 0.0001, Max: 10},
			{Name: "rate", Label: "rate", Doc: "R, the rate of the link in each direction", Kind: lab.Rate, Default: 1e7, Min: 1e4, Max: 1e11},
			{Name: "loss", Label: "loss", Doc: "probability that a packet is lost, in each direction", Kind: lab.Prob, Default: 0, Min: 0, Max: 0.5},
			{Name: "big", Label: "big object", Doc: "size of O1, which is asked for first", Kind: lab.Bytes, Default: 1e6, Min: 1, Max: 1e9},
			{Name: "small", Label: "small objects", Doc: "size of each other object", Kind: lab.Bytes, Default: 2e4, Min: 1, Max: 1e9},
			{Name: "objects", Label: "how many small", Doc: "how many small objects there are: O2, O3, …", Kind: lab.Count, Default: 3, Min: 0, Max: 100},
			{Name: "frame", Label: "frame", Doc: "content of a DATA frame at most", Kind: lab.Bytes, Default: http2.DefaultFrame, Min: 256, Max: 1 << 20},
			{Name: "window", Label: "connection window", Doc: "flow-control window of the connection", Kind: lab.Bytes, Default: 1 << 20, Min: http2.DefaultWindow, Max: 1<<31 - 1},
			{Name: "stream-window", Label: "stream window", Doc: "flow-control window of each stream", Kind: lab.Bytes, Default: 512 << 10, Min: 256, Max: 1<<31 - 1},
			{Name: "buffer", Label: "send buffer", Zero: "automatic", Doc: "what the server gives TCP before it is acknowledged; 0: two frames, or twice what the path holds if that is more", Kind: lab.Bytes, Default: 0, Min: 0, Max: 1 << 24},
			{Name: "push", Label: "push", Doc: "the server pushes the small objects when O1 is asked for", Kind: lab.Choice, Max: 1, Choices: []string{"off", "on"}},
			{Name: "later", Label: "small asked for later", Zero: "at once", Doc: "how long after O1 the small objects are asked for", Kind: lab.Duration, Default: 0, Min: 0, Max: 3600},
			{Name: "big-urgency", Label: "urgency of O1", Doc: "what the client asks for O1: 0 (most urgent) to 7; for the variant priority", Kind: lab.Count, Default: 5, Min: 0, Max: 7},
			{Name: "small-urgency", Label: "urgency of the small", Doc: "what the client asks for the small objects; for the variant priority", Kind: lab.Count, Default: 2, Min: 0, Max: 7},
			{Name: "incremental", Label: "incremental", Doc: "responses of the same urgency take turns; for the variant priority", Kind: lab.Choice, Max: 1, Choices: []string{"no", "yes"}},
			{Name: "update", Label: "priority told later", Zero: "no", Doc: "0: requests carry their priority; else PRIORITY_UPDATE frames follow so long after the first request", Kind: lab.Duration, Default: 0, Min: 0, Max: 3600},
		},
	}
	for _, o := range orders {
		s.Variants = append(s.Variants, o.Variant)
	}
	return s
}

const aboutHTTP2 = `A page needs one big object, O1, and some small ones. Over one HTTP/1.1 connection the responses come one after the other, so the small ones wait behind the big one, although each would take a moment only: head-of-line blocking.

HTTP/2 cuts every response into frames and writes on each to which stream it belongs. Frames of different streams may follow each other on the connection, and the receiver sorts them. What goes next is the server's choice, its scheduler's. First come, first served is HTTP/1.1 again. With frames in turn a small object is through after a few frames, and the big one is late by no more than the size of the small ones. By priority the server does as the client asks: each request carries an urgency from 0 to 7 and whether a part of the response is already of use (RFC 9218), and PRIORITY_UPDATE frames change it later.

Each receiver also says how much content it is ready to take, on each stream and on the connection: the flow-control windows, opened again with WINDOW_UPDATE frames. Below them TCP has its own window and begins slowly. What the server has given TCP cannot be taken back: the larger the send buffer, the later a request or a new priority has any effect. Try it with small objects that are asked for later.

With push the client asks for O1 only and the server promises (PUSH_PROMISE) and sends the rest unasked. The ideal numbers count nothing but the frames' content, from the moment at which a request has arrived at the server; the causes below each say what the rest is made of.`

// Topology implements lab.Lab: a client and a server, one link.
func (Multiplexing) Topology(variant string, p lab.Params) lab.Topology {
	path := lab.Path{
		Delay: p.Duration("rtt") / 2,
		Rate:  p["rate"],
		Loss:  p["loss"],
		Queue: 2 * (recvBuffer + serverBuffer(p)), // never overflows
	}
	return lab.Topology{
		Nodes: []lab.Node{
			{Name: "client", Role: "client"},
			{Name: "server", Role: "server", Services: []lab.Service{{Name: "http", Network: "tcp", Port: 80}, https}},
		},
		Links:      []lab.Link{{A: "client", B: "server", AB: path, BA: path}},
		SendBuffer: serverBuffer(p),
		RecvBuffer: recvBuffer,
	}
}

// serverBuffer is the send buffer of the server's socket: of what is in it two
// frames at most have not been sent, unless the path holds more. TCP lets a
// writer go on when half of the buffer is free, so half of it must keep the
// path full.
func serverBuffer(p lab.Params) int {
	if b := p.Int("buffer"); b > 0 {
		return max(b, 4096) // what the stack grants at least
	}
	frames := 2 * (int(p["frame"]) + http2.FrameHeader)
	path := 1.1*p["rate"]*p["rtt"]/8 + 4*1472
	return max(frames, int(min(2*path, 2*recvBuffer)))
}

// settle is how long the server waits before each decision, so that all that
// happens at an instant has happened. It is too short to be seen.
const settle = time.Nanosecond

// Run implements lab.Lab: it serves the objects until ctx is done, fetches them,
// and returns. An exposed lab only serves.
func (Multiplexing) Run(ctx context.Context, w lab.World, variant string, p lab.Params) error {
	o := objectsOf(variant, p)
	ln, err := w.Host("server").Listen("tcp", ":80")
	if err != nil {
		return err
	}
	clock := w.Clock()
	srv := &http2.Server{
		Handle: o.handle, Pick: o.pick, Frame: o.frame, Now: clock.Now, Idle: o.patience(p),
		Note: func(name, text string) {
			w.Note(capture.Note{Host: "server", Proto: "http2", Name: name, Summary: text})
		},
	}
	if o.push {
		srv.Pushes = o.pushes
	}
	if lab.Exposed(w) {
		srv.Date = true
		if err := alsoOverTLS(ctx, w, srv); err != nil {
			return err
		}
		_ = srv.Serve(ctx, ln) // the person's own programs are the clients
		<-ctx.Done()
		return nil
	}
	srv.Settle = func() { _ = clock.Sleep(ctx, settle) }
	lab.Go(w, func() { _ = srv.Serve(ctx, ln) })
	return o.fetch(ctx, w)
}

// fetch asks for the objects and waits until all of them are there.
func (o objects) fetch(ctx context.Context, w lab.World) error {
	c, err := w.Host("client").DialContext(ctx, "tcp", "server:80")
	if err != nil {
		return fmt.Errorf("client cannot connect to server:80: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	k := http2.NewClient(c, o.config)
	defer k.Close()
	ask := func(from, to int) {
		for i := from; i < to; i++ {
			k.Ask(o.request(i))
		}
	}
	at := func(d time.Duration, f func()) {
		lab.Go(w, func() {
			if w.Clock().Sleep(ctx, d) == nil {
				f()
				_ = k.Flush() // if it fails, Receive fails too
			}
		})
	}
	asked := o.n
	if o.push || o.later > 0 {
		asked = 1
	}
	ask(0, asked)
	if err := k.Flush(); err != nil {
		return err
	}
	if asked < o.n && !o.push {
		at(o.later, func() { ask(1, o.n) })
	}
	if o.update > 0 {
		at(o.update, func() {
			for i := range o.updated() {
				k.Reprioritise(uint32(2*i+1), o.wanted(i)) // requests take odd streams in order
			}
		})
	}
	return k.Receive(o.n)
}

// patience is how long the server waits for a silent client.
func (o objects) patience(p lab.Params) time.Duration {
	bits := 8 * float64(o.big+o.small*int64(o.n))
	return 2*time.Minute + 100*p.Duration("rtt") + p.Duration("later") + p.Duration("update") +
		time.Duration(min(20*bits/p["rate"], 1e6)*float64(time.Second))
}

// handle answers a request for an object, or for a page that names them all.
func (o objects) handle(r *http1.Request) http1.Reply {
	path := r.Path()
	if path == "/" || path == "/index.html" {
		s := site{page: 1000, size: 1, objects: o.n}
		return s.base()
	}
	if k, ok := (site{objects: o.n}).number(path); ok {
		return o.reply(k - 1)
	}
	return http1.NotFound(fmt.Sprintf("%.100q", r.Target))
}
