package session

import (
	"context"
	"errors"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"netscope/capture"
	"netscope/capture/store"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/protocols/lab/run"
	"netscope/tui/view"
)

// firstPace is how far a lab runs before the shell has said how far.
const firstPace = 10 * time.Minute

// nearPace is the same for a lab that a person can change while it runs.
const nearPace = 500 * time.Millisecond

// OpenLab implements Opener: it starts the lab as a child process.
func (r Real) OpenLab(ctx context.Context, q LabRequest) (*Session, error) {
	spec := q.Lab.Spec()
	if q.Index == 0 {
		q.Index = VariantIndex(spec, q.Variant)
	}
	req := run.Request{
		Lab: spec.ID, Variant: q.Variant, Index: q.Index, Params: q.Params, Seed: q.Seed, Journal: q.Journal,
		Wall: q.Wall, Expose: q.Expose, Reach: q.Reach, KeyLog: r.KeyLog,
	}
	first := firstPace
	if len(spec.Acts) > 0 {
		first = nearPace // what a person changes is to happen now, not in a past to be run again
	}
	if !q.Wall {
		req.Until = first
	}
	// The run must outlive ctx, which ends with the opening.
	started := make(chan struct{})
	runCtx, cancel := context.WithCancel(context.Background())
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-started:
		default:
			cancel()
		}
	})
	child, err := run.Start(runCtx, req)
	close(started)
	stop()
	if err == nil && ctx.Err() != nil {
		err = ctx.Err()
		_ = child.Close()
	}
	if err != nil {
		cancel()
		return nil, err
	}
	o := timeline.Options{Decoders: r.Decoders, Force: r.Force, Lab: true, Store: store.New(0), Details: store.New(0)}
	plain := r
	plain.Tee = nil
	s := plain.pump(fromStart{child}, o, func() error { cancel(); return child.Close() })
	s.Subject = view.Subject{
		Title: spec.Title, Kind: view.LabSubject, Params: spec.Params, Values: q.Params,
		Topology: q.Lab.Topology(q.Variant, q.Params), Hosts: hosts(child.Hello()), Source: spec.ID, Acts: spec.Acts,
	}
	s.Run = q
	s.Act, s.Journal = child.Act, child.Journal
	s.Banner = banner(child.Hello())
	s.Measures = func(snap *timeline.Snapshot, at timeline.Position) []lab.Measure {
		return q.Lab.Measure(q.Variant, q.Params, snap, at)
	}
	if !q.Wall {
		s.Pace = pacer(child.Allow, first)
		if first == nearPace {
			s.Ahead = nearPace
		}
	}
	return s, nil
}

// pacer passes a limit on when it has grown by a good part, and without
// waiting: the child may be slow to read.
func pacer(allow func(time.Duration), first time.Duration) func(time.Duration) {
	limits := make(chan time.Duration, 1)
	last := first
	var begin sync.Once
	return func(until time.Duration) {
		if until < last+first/4 {
			return
		}
		begin.Do(func() {
			go func() {
				for d := range limits {
					allow(d)
					if d >= run.Forever/2 {
						return
					}
				}
			}()
		})
		select {
		case limits <- until:
			last = until
		default:
		}
	}
}

// hosts are the lifelines: clients at the left, servers at the right.
func hosts(h run.Hello) []view.Host {
	var left, middle, right []view.Host
	for _, n := range h.Hosts {
		if n.Kind != lab.HostNode {
			continue
		}
		v := view.Host{Name: n.Name, Role: n.Role}
		for _, a := range n.Addrs {
			v.Addrs = append(v.Addrs, a.String())
		}
		switch n.Role {
		case "client":
			left = append(left, v)
		case "server":
			right = append(right, v)
		default:
			middle = append(middle, v)
		}
	}
	return append(append(left, middle...), right...)
}

// banner says where the lab's services can be reached from this machine.
func banner(h run.Hello) string {
	s := ""
	for _, e := range h.Exposed {
		if s != "" {
			s += ",  "
		}
		where := e.Addr
		if e.Service == "http" {
			where = "http://" + e.Addr + "/"
		}
		s += where + " is " + e.Host + ":" + strconv.Itoa(int(e.Port))
	}
	if s == "" {
		return ""
	}
	return "join in: " + s + "  (not reproducible)"
}

func once(f func() error) func() error {
	return sync.OnceValue(f)
}

func baseName(path string) string {
	if path == "-" {
		return "standard input"
	}
	return filepath.Base(path)
}

var errStopped = errors.New("writing was stopped; nothing has been written")

// fromStart tells when a run started before anything that happens in it, so
// that times of the timeline count from there, as an action's do.
type fromStart struct{ child *run.Run }

// Run implements capture.Source.
func (s fromStart) Run(ctx context.Context, sink capture.Sink) error {
	if err := sink.Meta(capture.Clock{At: s.child.Hello().Start}); err != nil {
		return err
	}
	return s.child.Run(ctx, sink)
}
