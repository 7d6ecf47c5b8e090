package netlab

import (
	"fmt"
	"math"
	"time"

	"netscope/protocols/lab"
)

// checkPath says what is wrong with a path, if anything.
func checkPath(p lab.Path) error {
	bad := func(x float64) bool { return math.IsNaN(x) || x < 0 || x > 1 }
	switch {
	case p.Delay < 0 || p.Jitter < 0:
		return fmt.Errorf("delay %v and jitter %v must not be negative", p.Delay, p.Jitter)
	case p.Delay > 24*time.Hour || p.Jitter > 24*time.Hour:
		return fmt.Errorf("delay %v and jitter %v must be at most a day", p.Delay, p.Jitter)
	case math.IsNaN(p.Rate) || p.Rate < 0:
		return fmt.Errorf("a rate of %v bit/s is impossible: give a positive one, or 0 for no limit", p.Rate)
	case p.Queue < 0:
		return fmt.Errorf("a queue of %d bytes is impossible", p.Queue)
	case bad(p.Loss) || bad(p.Reorder):
		return fmt.Errorf("loss %v and reordering %v must be probabilities, 0 to 1", p.Loss, p.Reorder)
	}
	for _, d := range p.Drops {
		if d.Nth < 1 {
			return fmt.Errorf("drop number %d does not exist: packets count from 1", d.Nth)
		}
		if d.Late < 0 || d.Late > 24*time.Hour {
			return fmt.Errorf("a packet cannot be late by %v: give at most a day", d.Late)
		}
		if d.Proto != "" && d.Proto != "tcp" && d.Proto != "udp" {
			return fmt.Errorf("cannot drop packets of protocol %q: say tcp, udp or nothing", d.Proto)
		}
	}
	return nil
}

// SetPath changes the direction from one node to its neighbour, for packets
// that begin transmission from now on.
func (n *Network) SetPath(from, to string, p lab.Path) error {
	d, err := n.find(from, to)
	if err == nil {
		err = checkPath(p)
	}
	if err != nil {
		return err
	}
	n.clock.post(0, quiet, func() { d.setPath(p) })
	return nil
}

// ChangePath is SetPath for use inside [Network.Act]: it has happened when the
// call returns, before whatever else is due at the instant. Chosen drops that
// have not hit yet stay if p has none.
func (n *Network) ChangePath(from, to string, p lab.Path) error {
	d, err := n.find(from, to)
	if err == nil {
		err = checkPath(p)
	}
	if err != nil {
		return err
	}
	if p.Drops == nil {
		p.Drops = d.path.Drops
		d.path = p
		return nil
	}
	d.setPath(p)
	return nil
}

// AddDrops drops chosen packets beside those that the direction drops already;
// they count from now. For use inside [Network.Act].
func (n *Network) AddDrops(from, to string, drops ...lab.Drop) error {
	d, err := n.find(from, to)
	if err == nil {
		err = checkPath(lab.Path{Drops: drops})
	}
	if err != nil {
		return err
	}
	d.path.Drops = append(append([]lab.Drop(nil), d.path.Drops...), drops...)
	d.matched = append(d.matched, make([]int, len(drops))...)
	return nil
}

// find is the direction from one node to its neighbour.
func (n *Network) find(from, to string) (*direction, error) {
	for _, l := range n.links {
		if l.A == from && l.B == to {
			return l.ab, nil
		}
		if l.B == from && l.A == to {
			return l.ba, nil
		}
	}
	return nil, fmt.Errorf("no link leads from %q to %q", from, to)
}

// Bounds of a socket buffer that the network chooses itself, in bytes.
const (
	minBuffer = 256 << 10
	maxBuffer = 16 << 20
)

// bufferSizes are the send and receive buffers of TCP sockets. By default they
// hold twice what the longest path at the highest rate can have in flight, so
// that the window never holds a lab back unless it wants that.
func bufferSizes(top lab.Topology) [2]int {
	rate, delay := 0.0, 0.0
	for _, l := range top.Links {
		for _, p := range []lab.Path{l.AB, l.BA} {
			r := p.Rate
			if r <= 0 {
				r = 1e9
			}
			rate = max(rate, r)
			delay += (p.Delay + p.Jitter).Seconds()
		}
	}
	if len(top.Links) > 8 { // a star or a mesh: no path uses all of them
		delay = delay / float64(len(top.Links)) * 8
	}
	auto := int(min(max(2*rate*delay/8+64<<10, minBuffer), maxBuffer))
	send, recv := top.SendBuffer, top.RecvBuffer
	if send <= 0 {
		send = auto
	}
	if recv <= 0 {
		recv = 2 * auto // the stack offers half of it as window
	}
	return [2]int{send, recv}
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
