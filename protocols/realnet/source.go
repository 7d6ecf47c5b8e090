package realnet

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"netscope/capture"
	"netscope/protocols/lab"
)

// Options say how this machine takes part.
type Options struct {
	Name string     // of this machine, as it is shown; "" is "this machine"
	Bind netip.Addr // sockets that name no address use this one; invalid: the system chooses
	Seed [32]byte   // of random choices: one that nobody can guess

	// Untold lets the sockets work without telling of packets: for work that
	// nobody looks at. Notes and names are told.
	Untold bool
}

// Source is a piece of work on the real network, and the packets of its sockets.
type Source struct {
	opt  Options
	work func(ctx context.Context, w lab.World) error
}

var _ capture.Source = (*Source)(nil)

// New makes a source of some work. Sockets that it leaves open when it returns
// are closed.
func New(opt Options, work func(ctx context.Context, w lab.World) error) *Source {
	if opt.Name == "" {
		opt.Name = "this machine"
	}
	return &Source{opt: opt, work: work}
}

// Run implements capture.Source: it does the work once and returns its error,
// or the sink's.
func (s *Source) Run(ctx context.Context, sink capture.Sink) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	t := &tap{sink: sink, fail: cancel, open: map[closer]bool{}, named: map[netip.Addr]bool{}, name: s.opt.Name}
	if err := sink.Meta(capture.Tap{Name: "sockets", Description: Notice, Link: capture.LinkRaw, SnapLen: 65535}); err != nil {
		return err
	}
	quiet := make(chan struct{})
	go func() { defer close(quiet); t.goOn(ctx) }()
	err := s.work(ctx, world{t, s.opt})
	t.closeAll()
	cancel(nil)
	<-quiet
	if err := t.failure(); err != nil {
		return err
	}
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// closer is a socket.
type closer interface{ Close() error }

// tap tells the sink what passes the sockets, one thing at a time.
type tap struct {
	mu    sync.Mutex
	sink  capture.Sink
	fail  context.CancelCauseFunc
	err   error
	over  bool
	next  capture.PacketID
	last  time.Time
	name  string
	named map[netip.Addr]bool
	open  map[closer]bool
}

// packet tells of a packet at an instant. Time does not go back.
func (t *tap) packet(at time.Time, data []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over || t.err != nil {
		return
	}
	if at.Before(t.last) {
		at = t.last
	}
	t.last = at
	t.check(t.sink.Packet(capture.Packet{ID: t.next, At: at, Arrived: at, Link: capture.LinkRaw, Length: len(data), Data: data, Ref: -1}))
	t.next++
}

// meta tells of something else.
func (t *tap) meta(m capture.Meta) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.over && t.err == nil {
		t.check(t.sink.Meta(m))
	}
}

// local gives an address of this machine its name.
func (t *tap) local(a netip.Addr) { t.call(a, t.name) }

// call gives an address a name, once.
func (t *tap) call(a netip.Addr, name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if a = a.Unmap().WithZone(""); !a.IsValid() || a.IsUnspecified() || t.named[a] || t.over || t.err != nil {
		return
	}
	t.named[a] = true
	t.check(t.sink.Meta(capture.Name{Addr: a, Host: name}))
}

func (t *tap) check(err error) {
	if err != nil {
		t.err = err
		t.fail(err)
	}
}

// failure is the sink's error.
func (t *tap) failure() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

// tickEvery is how often time passes though nothing happens.
const tickEvery = 250 * time.Millisecond

// goOn tells that time goes on while nothing is sent: rates fall, and what waits
// waits longer.
func (t *tap) goOn(ctx context.Context) {
	for (Clock{}).Sleep(ctx, tickEvery) == nil {
		now := time.Now()
		t.mu.Lock()
		if now.Sub(t.last) >= tickEvery/2 && !t.last.IsZero() && !t.over && t.err == nil {
			t.last = now
			t.check(t.sink.Meta(capture.Clock{At: now}))
		}
		t.mu.Unlock()
	}
}

// keep remembers a socket until it is closed.
func (t *tap) keep(c closer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open[c] = true
}

func (t *tap) forget(c closer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.open, c)
}

// closeAll closes what is still open; after that nothing is told.
func (t *tap) closeAll() {
	t.mu.Lock()
	var left []closer
	for c := range t.open {
		left = append(left, c)
	}
	t.mu.Unlock()
	for _, c := range left {
		_ = c.Close()
	}
	t.mu.Lock()
	t.over = true
	t.mu.Unlock()
}

// world implements lab.World.
type world struct {
	t   *tap
	opt Options
}

// Host is this machine, whatever its name.
func (w world) Host(string) lab.Host { return host(w) }

// Clock is the wall clock.
func (w world) Clock() lab.Clock { return Clock{} }

// Rand is a random stream fixed by the seed and its name.
func (w world) Rand(stream string) *rand.Rand {
	return rand.New(rand.NewChaCha8(sha256.Sum256(append(w.opt.Seed[:], stream...))))
}

// Note tells the sink of a note.
func (w world) Note(n capture.Note) {
	if n.At.IsZero() {
		n.At = time.Now()
	}
	w.t.meta(n)
}

// Secrets tells the sink of key material.
func (w world) Secrets(s capture.Secrets) { w.t.meta(s) }

// Named says that an address belongs to a host.
func (w world) Named(a netip.Addr, host string) { w.t.call(a, host) }

// SetPath fails: nobody changes the real network.
func (w world) SetPath(from, to string, _ lab.Path) error {
	return fmt.Errorf("the way from %s to %s is the real network's and cannot be changed", from, to)
}

// Clock is the wall clock as a lab.Clock.
type Clock struct{}

// Now implements lab.Clock.
func (Clock) Now() time.Time { return time.Now() }

// Sleep implements lab.Clock.
func (Clock) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
