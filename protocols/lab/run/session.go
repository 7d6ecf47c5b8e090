package run

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"time"

	"netscope/capture"
	"netscope/protocols/lab"
	"netscope/protocols/netlab"
)

const (
	// drainLimit is for how long, in the run's time, packets that are under
	// way when the lab has finished may take to arrive.
	drainLimit = time.Minute
	// stuck is what is said of a lab in which nothing goes on any more.
	stuck = "the lab waits for something that never happens: for a day of virtual time nothing was sent and no timer ran"
)

// session is one run, from request to end, in a bubble or on the wall clock.
type session struct {
	lab    lab.Lab
	req    Request
	top    lab.Topology
	sink   capture.Sink
	settle func() // synctest.Wait in a bubble, nil on the wall clock
	before func() // see netlab.Options

	hello func(Hello) error                 // told before anything else; may be nil
	acted func(lab.Action) error            // told of each action that came live; may be nil
	begin func(*netlab.Network)             // after the network is built, before time runs; may be nil
	ports func(*session) ([]Exposed, error) // opens forwarded ports; may be nil

	net    *netlab.Network
	world  *world
	cancel context.CancelCauseFunc
}

// newSession checks a request against the lab.
func newSession(l lab.Lab, req Request) (*session, error) {
	spec := l.Spec()
	if req.Index == 0 {
		req.Index = 1
	}
	known := len(spec.Variants) == 0 && req.Variant == ""
	for i, v := range spec.Variants {
		if req.Variant == "" && i == 0 {
			req.Variant = v.ID
		}
		known = known || v.ID == req.Variant
	}
	if !known {
		return nil, fmt.Errorf("lab %s has no variant %q", spec.ID, req.Variant)
	}
	params := lab.Defaults(spec.Params)
	for name, x := range req.Params {
		if _, ok := params[name]; !ok {
			return nil, fmt.Errorf("lab %s has no parameter %q", spec.ID, name)
		}
		params[name] = x
	}
	req.Params = params
	req.Lab = spec.ID
	return &session{lab: l, req: req, top: l.Topology(req.Variant, params)}, nil
}

// run does it all and returns when the lab has finished and its packets have
// landed. The network is closed by close.
func (s *session) run(ctx context.Context) End {
	ctx, s.cancel = context.WithCancelCause(ctx)
	defer s.cancel(nil)
	var err error
	opt := netlab.Options{
		Index: s.req.Index, Seed: s.req.Seed, All: s.req.All, Only: s.req.Only,
		Sink: s.sink, Settle: s.settle, Before: s.before,
		Fail: func(err error) { s.cancel(err) },
	}
	if s.settle != nil { // on the wall clock somebody may yet come
		opt.Idle = func() { s.cancel(errors.New(stuck)) }
	}
	s.net, err = netlab.Build(s.top, opt)
	if err != nil {
		return End{Err: err.Error()}
	}
	s.world = &world{World: s.net.World(), exposed: s.req.Wall}
	hello := s.describe()
	if s.ports != nil {
		if hello.Exposed, err = s.ports(s); err != nil {
			return End{Err: err.Error()}
		}
	}
	for _, a := range sorted(s.req.Journal) {
		s.schedule(a)
	}
	if s.begin != nil {
		s.begin(s.net)
	}
	if s.hello != nil {
		if err := s.hello(hello); err != nil {
			return End{Err: err.Error()}
		}
	}
	if err := s.net.Start(); err != nil {
		return End{Err: err.Error()}
	}
	return s.work(ctx)
}

// work runs the lab's own code.
func (s *session) work(ctx context.Context) End {
	done := make(chan error, 1)
	go func() { done <- s.lab.Run(ctx, s.world, s.req.Variant, s.req.Params) }()
	var err error
	select {
	case err = <-done:
		if err == nil && s.req.Wall {
			<-ctx.Done() // its services stay up
			err = context.Cause(ctx)
		}
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause // the lab's own error is only a consequence
	}
	end := End{At: s.net.Now()}
	if ctx.Err() == nil {
		end.At = s.net.Drain(ctx, drainLimit)
	}
	s.net.Mute()
	if err != nil && err != context.Canceled {
		end.Err = err.Error()
	}
	return end
}

// close ends the network. The lab's services end with the context of run.
func (s *session) close() error {
	if s.net == nil {
		return nil
	}
	return s.net.Close()
}

// describe fills in what is known once the network is built.
func (s *session) describe() Hello {
	h := Hello{
		Lab: s.req.Lab, Variant: s.req.Variant, Index: s.req.Index, Seed: s.req.Seed,
		Params: s.req.Params, Start: s.net.Epoch(),
	}
	for _, n := range s.top.Nodes {
		h.Hosts = append(h.Hosts, HostInfo{Name: n.Name, Role: n.Role, Kind: n.Kind, Addrs: s.net.Addrs(n.Name)})
	}
	for i, l := range s.net.Links() {
		spec := s.top.Links[i]
		h.Links = append(h.Links, LinkInfo{Tap: l.ID, Name: l.Name, A: l.A, B: l.B, AB: spec.AB, BA: spec.BA})
	}
	return h
}

func sorted(journal []lab.Action) []lab.Action {
	out := append([]lab.Action(nil), journal...)
	sort.SliceStable(out, func(i, j int) bool { return out[i].At < out[j].At })
	return out
}
