package run

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"

	"netscope/protocols/lab"
)

// openPorts opens every forwarded port of a session on the wall clock, or none.
// They are closed when ctx is done.
func openPorts(ctx context.Context, s *session) ([]Exposed, error) {
	var exposed []Exposed
	ctx, cancel := context.WithCancel(ctx)
	fail := func(err error) ([]Exposed, error) {
		cancel()
		return nil, err
	}
	for _, f := range s.exposes() {
		e, err := expose(ctx, s, beside(f, exposed))
		if err != nil && beside(f, exposed) != f {
			e, err = expose(ctx, s, f)
		}
		if err != nil {
			return fail(err)
		}
		exposed = append(exposed, e)
	}
	for _, f := range s.req.Reach {
		for _, network := range networks(f.Network) {
			if err := reach(ctx, s, f, network); err != nil {
				return fail(err)
			}
		}
	}
	context.AfterFunc(ctx, cancel)
	return exposed, nil
}

// exposes lists the forwards that are asked for, one for each transport: those
// named, or every service of the lab.
func (s *session) exposes() []Forward {
	var out []Forward
	if len(s.req.Expose) == 0 {
		for _, n := range s.top.Nodes {
			for _, v := range n.Services {
				out = append(out, Forward{Network: v.Network, Real: "127.0.0.1:0", Host: n.Name, Port: v.Port})
			}
		}
		return out
	}
	for _, f := range s.req.Expose {
		if f.Network != "" {
			out = append(out, f)
			continue
		}
		named := false
		for _, v := range s.services(f.Host, f.Port) {
			g := f
			g.Network, named = v.Network, true
			out = append(out, g)
		}
		if !named {
			g := f
			g.Network = "tcp"
			out = append(out, g)
			g.Network = "udp"
			out = append(out, g)
		}
	}
	return out
}

// beside gives a free port's forward the number that the same service has over
// the other transport: programs such as dig know one port for both.
func beside(f Forward, exposed []Exposed) Forward {
	addr, any := strings.CutSuffix(f.Real, ":0")
	if !any {
		return f
	}
	for _, e := range exposed {
		if e.Host == f.Host && e.Port == f.Port && e.Network != f.Network && strings.HasPrefix(e.Addr, addr+":") {
			f.Real = e.Addr
		}
	}
	return f
}

func (s *session) services(host string, port uint16) []lab.Service {
	var out []lab.Service
	for _, n := range s.top.Nodes {
		for _, v := range n.Services {
			if n.Name == host && v.Port == port {
				out = append(out, v)
			}
		}
	}
	return out
}

// caller is the lab host on whose behalf the real machine talks to target: a
// client if there is one, so that what it says crosses the network.
func (s *session) caller(target string) lab.Host {
	best := target
	for _, n := range s.top.Nodes {
		if n.Name == target || n.Kind != lab.HostNode {
			continue
		}
		if best == target || n.Role == "client" {
			best = n.Name
		}
		if n.Role == "client" {
			break
		}
	}
	return s.world.Host(best)
}

func networks(n string) []string {
	if n == "" {
		return []string{"tcp", "udp"}
	}
	return []string{n}
}

// expose opens a real port and forwards it into the lab.
func expose(ctx context.Context, s *session, f Forward) (Exposed, error) {
	if s.net.Addrs(f.Host) == nil {
		return Exposed{}, fmt.Errorf("cannot expose %s:%d: the lab has no host %q", f.Host, f.Port, f.Host)
	}
	e := Exposed{Host: f.Host, Network: f.Network, Port: f.Port}
	for _, v := range s.services(f.Host, f.Port) {
		if v.Network == f.Network {
			e.Service = v.Name
		}
	}
	target := net.JoinHostPort(f.Host, fmt.Sprint(f.Port))
	from := s.caller(f.Host)
	switch f.Network {
	case "tcp":
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", f.Real)
		if err != nil {
			return e, bindError(f, err)
		}
		e.Addr = l.Addr().String()
		go forwardTCP(ctx, l, func() (net.Conn, error) { return from.DialContext(ctx, "tcp", target) })
	case "udp":
		c, err := (&net.ListenConfig{}).ListenPacket(ctx, "udp", f.Real)
		if err != nil {
			return e, bindError(f, err)
		}
		e.Addr = c.LocalAddr().String()
		go forwardUDP(ctx, c, func() (net.Conn, error) { return from.DialContext(ctx, "udp", target) })
	default:
		return e, fmt.Errorf("cannot expose %s: %q is neither tcp nor udp", target, f.Network)
	}
	return e, nil
}

// reach opens a port of a lab host and forwards it to the real machine.
func reach(ctx context.Context, s *session, f Forward, network string) error {
	h := s.world.Host(f.Host)
	if s.net.Addrs(f.Host) == nil {
		return fmt.Errorf("cannot reach %s from %s:%d: the lab has no host %q", f.Real, f.Host, f.Port, f.Host)
	}
	listen := fmt.Sprintf(":%d", f.Port)
	dial := func() (net.Conn, error) { return (&net.Dialer{}).DialContext(ctx, network, f.Real) }
	switch network {
	case "tcp":
		l, err := h.Listen("tcp", listen)
		if err != nil {
			return fmt.Errorf("cannot listen on port %d of %s: %w", f.Port, f.Host, err)
		}
		go forwardTCP(ctx, l, dial)
	case "udp":
		c, err := h.ListenPacket("udp", listen)
		if err != nil {
			return fmt.Errorf("cannot listen on port %d of %s: %w", f.Port, f.Host, err)
		}
		go forwardUDP(ctx, c, dial)
	default:
		return fmt.Errorf("cannot reach %s: %q is neither tcp nor udp", f.Real, network)
	}
	return nil
}

// bindError is one sentence that says what to do.
func bindError(f Forward, err error) error {
	var why syscall.Errno
	if !errors.As(err, &why) {
		return fmt.Errorf("cannot listen on %s: %s", f.Real, strings.TrimPrefix(err.Error(), "listen "))
	}
	hint := "choose another"
	if errors.Is(why, syscall.EACCES) {
		hint = "choose one above 1023"
	}
	return fmt.Errorf("cannot listen on %s: %s; %s with --expose PORT=%s:%d", f.Real, why.Error(), hint, f.Host, f.Port)
}
