package swarm

import (
	"fmt"
	"strconv"
	"strings"

	"netscope/protocols/lab"
)

// act does what a person wants while the swarm lives. The names of the actions
// are kill, add, rate, free and tracker; their text says whom and how.
func (s *live) act(a lab.Action) {
	who, rest, _ := strings.Cut(strings.TrimSpace(a.Text), " ")
	switch a.Name {
	case "add":
		s.add()
	case "tracker":
		if who == "off" {
			s.trackerOff()
			s.note(trackerHost, "changed", "the tracker is stopped: who knows a peer goes on without it", map[string]any{"tracker": false})
			return
		}
		s.trackerOn()
		s.note(trackerHost, "changed", "the tracker works again", map[string]any{"tracker": true})
	case "kill", "rate", "free":
		x := s.find(who)
		if x == nil {
			s.note(trackerHost, "refused", fmt.Sprintf("there is no peer %q to %s", who, a.Name), nil)
			return
		}
		s.change(x, a.Name, rest)
	default:
		s.note(trackerHost, "refused", fmt.Sprintf("this lab cannot %q: it can kill, add, rate, free and tracker", a.Name), nil)
	}
}

func (s *live) find(name string) *peer {
	for i := range s.peers {
		if s.peers[i].Name == name {
			return &s.peers[i]
		}
	}
	return nil
}

// add lets the next peer join that has not yet.
func (s *live) add() {
	for i := range s.peers {
		x := &s.peers[i]
		mine := false
		s.locked(func() {
			if x.Spare {
				x.Spare, mine = false, true
			}
		})
		if mine {
			s.join(x)
			return
		}
	}
	s.note(trackerHost, "refused", "no more peers can be added", nil)
}

// change kills a peer, or changes how it uploads.
func (s *live) change(x *peer, what, text string) {
	c, cancel := x.client, x.cancel
	s.locked(func() { c, cancel = x.client, x.cancel })
	if c == nil {
		s.note(x.Name, "refused", x.Name+" is not there", nil)
		return
	}
	switch what {
	case "kill":
		s.locked(func() { x.gone = true })
		s.note(x.Name, "killed", x.Name+" is killed: it tells nobody", nil)
		cancel()
	case "free":
		free := text != "off"
		c.SetFree(free)
		s.note(x.Name, "changed", fmt.Sprintf("%s is a free rider: %v", x.Name, free), map[string]any{"free": free})
	case "rate":
		kbit, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(text), "kbit/s"), 64)
		if err != nil || kbit <= 0 || kbit > 1e6 {
			s.note(x.Name, "refused", fmt.Sprintf("%q is no upload rate: say how many kbit/s", text), nil)
			return
		}
		up := kbit * 1e3 / 8
		p := s.params.Clone()
		for _, l := range (Lab{}).Topology(s.variant, p).Links {
			if l.A == x.Name {
				l.AB.Rate = access * up * 8
				_ = s.world.SetPath(x.Name, hub, l.AB)
			}
		}
		c.SetRates(up, 0)
		s.note(x.Name, "changed", fmt.Sprintf("%s uploads at %.0f kbit/s from now on", x.Name, kbit), map[string]any{"up_Bps": up})
	}
}
