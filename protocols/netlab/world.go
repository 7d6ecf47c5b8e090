package netlab

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"time"

	"netscope/capture"
	"netscope/protocols/lab"
)

// World is what a lab's Run gets of a network. It implements lab.World.
type World struct{ net *Network }

var _ lab.World = World{}

// World is the network as lab code sees it.
func (n *Network) World() World { return World{n} }

// Host is the host or router called name. If there is none, everything that is
// asked of it fails.
func (w World) Host(name string) lab.Host {
	if nd := w.net.byName[name]; nd != nil && nd.host != nil {
		return nd.host
	}
	return nobody(name)
}

// nobody is a host that the topology does not have.
type nobody string

func (n nobody) err() error { return fmt.Errorf("the lab has no host %q", string(n)) }

// Name implements lab.Host.
func (n nobody) Name() string { return string(n) }

// DialContext implements lab.Host.
func (n nobody) DialContext(_ context.Context, network, _ string) (net.Conn, error) {
	return nil, opError("dial", network, n.err())
}

// Listen implements lab.Host.
func (n nobody) Listen(network, _ string) (net.Listener, error) {
	return nil, opError("listen", network, n.err())
}

// ListenPacket implements lab.Host.
func (n nobody) ListenPacket(network, _ string) (net.PacketConn, error) {
	return nil, opError("listen", network, n.err())
}

// Clock is the run's clock.
func (w World) Clock() lab.Clock { return labClock{w.net.clock} }

// Rand is a random stream fixed by the seed and the stream's name. Each call
// starts it anew.
func (w World) Rand(name string) *rand.Rand { return stream(w.net.opt.Seed, "lab/"+name) }

// Note tells the sink of a note at this instant, in order with the packets.
func (w World) Note(m capture.Note) {
	if m.At.IsZero() {
		m.At = w.net.clock.time(w.net.clock.since())
	}
	w.net.clock.post(0, quiet, func() { w.net.tell(m) })
}

// Secrets tells the sink of key material, before packets that are sent later.
func (w World) Secrets(s capture.Secrets) {
	w.net.clock.post(0, quiet, func() { w.net.tell(s) })
}

// Go starts f on a goroutine of its own, see lab.Go. Nothing starts on a closed
// network.
func (w World) Go(f func()) { w.net.clock.post(0, work, func() { go f() }) }

// SetPath implements lab.World.
func (w World) SetPath(from, to string, p lab.Path) error { return w.net.SetPath(from, to, p) }

// labClock implements lab.Clock on the event heap.
type labClock struct{ c *clock }

// Now is the time of day.
func (l labClock) Now() time.Time { return l.c.time(l.c.since()) }

// Sleep returns after d, or with ctx's error when ctx is done before.
func (l labClock) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
	}
	over := make(chan struct{})
	e := l.c.post(d, work, func() { close(over) })
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		l.c.cancel(e)
		return ctx.Err()
	case <-l.c.done:
		return context.Canceled // the network is closed
	}
}
