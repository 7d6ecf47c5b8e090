package web

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"netscope/capture"
	"netscope/protocols/lab"
	"netscope/protocols/web/http3"
)

// LostPacket is the lab http3: the same objects over HTTP/2 and over HTTP/3,
// and one packet that is lost. The zero value works; NewLostPacket remembers
// predictions.
type LostPacket struct{ memo *memo }

var _ lab.Lab = LostPacket{}

// NewLostPacket makes the lab with a memory of its predictions.
func NewLostPacket() LostPacket { return LostPacket{newMemo()} }

// The variants of labs that compare versions of HTTP.
const (
	overHTTP2 = "http2"
	overHTTP3 = "http3"
)

// Spec implements lab.Lab.
func (LostPacket) Spec() lab.Spec {
	return lab.Spec{
		ID:      "http3",
		Title:   "HTTP/3: one lost packet",
		Group:   "Web and HTTP",
		Summary: "one lost packet: over HTTP/2 every stream waits for it, over HTTP/3 only those with bytes in it",
		About:   aboutLostPacket,
		Params: []lab.Param{
			{Name: "rtt", Label: "RTT", Doc: "round-trip time: a small packet to the server and back", Kind: lab.Duration, Default: 0.05, Min: 0.0001, Max: 10},
			{Name: "rate", Label: "rate", Doc: "R, the rate of the link in each direction", Kind: lab.Rate, Default: 1e7, Min: 1e4, Max: 1e11},
			{Name: "drop", Label: "lost packet (0: none)", Doc: "which of the server's packets with responses is lost: the Nth of at least 1000 bytes", Kind: lab.Count, Default: 20, Min: 0, Max: 1e6, Zero: "none"},
			{Name: "objects", Label: "objects", Doc: "how many objects are asked for at the same time", Kind: lab.Count, Default: 5, Min: 1, Max: 100},
			{Name: "size", Label: "object size", Doc: "size of each object", Kind: lab.Bytes, Default: 3e4, Min: 1, Max: 1e9},
			{Name: "big", Label: "size of O1", Doc: "size of O1, which is asked for first", Kind: lab.Bytes, Default: 0, Min: 0, Max: 1e9, Zero: "as the others"},
			{Name: "loss", Label: "loss", Doc: "probability that any other packet is lost, in each direction", Kind: lab.Prob, Default: 0, Min: 0, Max: 0.5},
			{Name: "frame", Label: "frame", Doc: "content of a DATA frame of HTTP/2 at most; about one packet by default, as HTTP/3 cuts it", Kind: lab.Bytes, Default: 1200, Min: 256, Max: 1 << 20},
		},
		Variants: []lab.Variant{
			{ID: overHTTP2, Title: "HTTP/2 over TCP", Summary: "one sequence of bytes for all streams: nothing behind a lost segment can be passed on"},
			{ID: overHTTP3, Title: "HTTP/3 over QUIC", Summary: "every stream is a sequence of its own: only those with bytes in a lost packet wait"},
		},
	}
}

const aboutLostPacket = `HTTP/2 ended the waiting of one response behind another: their frames take turns on one connection. But below it TCP knows nothing of streams. It delivers one sequence of bytes, in order. If a segment is lost, everything that arrives after it has to wait in the receiver until the segment has been sent again, whichever stream it is of: head-of-line blocking is back, one layer lower, and takes a round trip or more each time.

HTTP/3 gives up TCP for QUIC, which runs over UDP and knows streams itself. Packets have numbers, but bytes are put in order stream by stream. When a packet is lost, only the streams with bytes in it wait; the others go on as if nothing had happened, but for the congestion window, which all of them share and which a loss makes smaller.

Choose the packet that is lost and see which streams wait. "Streams stalled" counts them and names them: bytes of them were lost, or came and could not be passed on. "Stall of O1", and so on, say for how long. The packet counts from the first response on, so that the handshakes make no difference.

QUIC encrypts everything, even most of its headers. The lab tells the keys, so that the packets are decoded all the same; the frames of the lost packet are known from its sender's side. HTTP/2 goes over clear TCP here: TLS would be one more round trip at the beginning, and nothing else.

For TCP a model predicts every packet, the repair of the loss too. For QUIC there is no such prediction, as the standard leaves much to the program: how large the first window is, how bursts are spread, which stream's turn it is. A band says what to expect.`

// mux are these parameters as the lab http2 has them.
func muxOf(p lab.Params) lab.Params {
	q := lab.Defaults(Multiplexing{}.Spec().Params)
	for _, name := range [...]string{"rtt", "rate", "loss", "frame"} {
		q[name] = p[name]
	}
	q["small"], q["big"], q["objects"] = p["size"], p["size"], p["objects"]-1
	if p["big"] > 0 {
		q["big"] = p["big"]
	}
	// Windows that never hold anything back: the lab is about something else.
	q["window"], q["stream-window"] = 1<<30, 1<<30
	return q
}

const fullSize = 1000 // bytes of a packet that counts for "drop"

// Topology implements lab.Lab: a client and a server, one link.
func (LostPacket) Topology(variant string, p lab.Params) lab.Topology {
	t := Multiplexing{}.Topology("round-robin", muxOf(p))
	if variant == overHTTP3 {
		t.Nodes[1].Services = []lab.Service{{Name: "https", Network: "udp", Port: 443}}
		return t // the packet is chosen when responses begin
	}
	t.Links[0].BA.Drops = dropped(p)
	return t
}

// dropped is the packet that the person has chosen.
func dropped(p lab.Params) []lab.Drop {
	if n := p.Int("drop"); n > 0 {
		return []lab.Drop{{Nth: n, MinLen: fullSize, Carries: true}}
	}
	return nil
}

// Run implements lab.Lab: it serves the objects until ctx is done, fetches them,
// and returns. An exposed lab only serves.
func (l LostPacket) Run(ctx context.Context, w lab.World, variant string, p lab.Params) error {
	if variant != overHTTP3 {
		return Multiplexing{}.Run(ctx, w, "round-robin", muxOf(p))
	}
	o := objectsOf("round-robin", muxOf(p))
	q := quicRun{world: w, handle: o.handle, idle: o.patience(muxOf(p)), lose: l.Topology(variant, p).Links[0].BA}
	q.lose.Drops = dropped(p)
	if err := q.serve(ctx); err != nil {
		return err
	}
	if lab.Exposed(w) {
		<-ctx.Done()
		return nil
	}
	k, err := q.dial(ctx)
	if err != nil {
		return err
	}
	defer k.Close()
	var targets []string
	for i := range o.n {
		targets = append(targets, "/o"+itoa(i+1))
	}
	return q.fetch(ctx, k, targets)
}

// quicRun is a server of HTTP/3 and its client in a world.
type quicRun struct {
	world  lab.World
	handle http3.Handler
	idle   time.Duration
	lose   lab.Path // from the server, once responses begin

	id   *http3.Identity
	once sync.Once
}

// serve starts the server, which ends with ctx.
func (q *quicRun) serve(ctx context.Context) error {
	var seed [32]byte
	r := q.world.Rand("certificate")
	for i := range seed {
		seed[i] = byte(r.Uint32())
	}
	clock := q.world.Clock()
	var err error
	if q.id, err = http3.NewIdentity("server", seed, clock.Now()); err != nil {
		return err
	}
	c, err := q.world.Host("server").ListenPacket("udp", ":443")
	if err != nil {
		return err
	}
	srv := &http3.Server{
		Handle: q.handle, Identity: q.id, Keys: keyTeller{q.world}, Now: clock.Now, Idle: q.idle,
		Date: lab.Exposed(q.world),
		Turn: func(ctx context.Context, stream int64) {
			q.once.Do(func() {
				if len(q.lose.Drops) > 0 {
					_ = q.world.SetPath("server", "client", q.lose)
				}
			})
			_ = clock.Sleep(ctx, time.Duration(1+stream/4)*settle)
		},
	}
	lab.Go(q.world, func() { _ = srv.Serve(ctx, c) })
	return nil
}

func (q *quicRun) dial(ctx context.Context) (*http3.Client, error) {
	c, err := q.world.Host("client").DialContext(ctx, "udp", "server:443")
	if err != nil {
		return nil, fmt.Errorf("client has no way to server:443: %w", err)
	}
	return http3.Dial(ctx, c, q.id, q.world.Clock().Now, q.idle)
}

// fetch asks for all targets at once and waits until all of them are there.
func (q *quicRun) fetch(ctx context.Context, k *http3.Client, targets []string) error {
	rs, err := k.Ask(ctx, targets...)
	if err != nil {
		return err
	}
	done := make(chan error, len(rs))
	for _, r := range rs {
		lab.Go(q.world, func() {
			_, err := r.Read(io.Discard)
			done <- err
		})
	}
	for range rs {
		if err := <-done; err != nil {
			return err
		}
	}
	return nil
}

// keyTeller tells the capture the keys, so that it can be read.
type keyTeller struct{ world lab.World }

// nssKeyLog is the type of a pcapng decryption secrets block that holds a TLS
// key log.
const nssKeyLog = 0x544c534b

// Write implements io.Writer.
func (k keyTeller) Write(b []byte) (int, error) {
	k.world.Secrets(capture.Secrets{Type: nssKeyLog, Data: append([]byte(nil), b...)})
	return len(b), nil
}
