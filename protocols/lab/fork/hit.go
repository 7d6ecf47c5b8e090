package fork

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
)

// The actions that hit one packet.
const (
	Drop  = "drop"
	Delay = "delay"
)

// Hit is the action that drops or delays exactly the packet id of a timeline in
// a new run with the same parameters, seed and journal. by is how much later a
// delayed packet arrives.
//
// An action comes before everything else at its time, and up to its time the
// runs are the same; so the packet is known by its direction, the time at which
// it left, and how many left there before it at that very instant.
func Hit(kind string, by time.Duration, s *timeline.Snapshot, top lab.Topology, id capture.PacketID) (lab.Action, error) {
	row := s.Packet(id)
	from, to, err := direction(s, top, id)
	if err != nil {
		return lab.Action{}, err
	}
	a := lab.Action{At: time.Duration(row.At), Kind: kind, From: from, To: to, Name: Name(s, id)}
	switch {
	case row.Loss != capture.NotLost:
		return a, fmt.Errorf("%s is lost already: choose another one", Name(s, id))
	case kind == Delay && by <= 0:
		return a, errors.New("a packet is delayed by more than nothing: say by how much")
	case kind == Delay:
		a.By = by
	}
	n := 1
	first, _ := s.PacketRange()
	for j := id; j > first && s.Packet(j-1).At == row.At; j-- {
		other := s.Packet(j - 1)
		if f, _, err := direction(s, top, j-1); err == nil && f == from && other.Tap == row.Tap && other.Loss != capture.LostQueue {
			n++
		}
	}
	if n > 1 {
		a.Text = fmt.Sprint(n)
	}
	return a, nil
}

// Name is what a person knows a packet as: "segment 41".
func Name(s *timeline.Snapshot, id capture.PacketID) string {
	what := "packet"
	switch s.Packet(id).Transport {
	case decoders.TCP:
		what = "segment"
	case decoders.UDP:
		what = "datagram"
	}
	return fmt.Sprintf("%s %d", what, uint64(id)+1)
}

// direction is the way of the link that a packet took first.
func direction(s *timeline.Snapshot, top lab.Topology, id capture.PacketID) (from, to string, err error) {
	first, end := s.PacketRange()
	if id < first || id >= end {
		return "", "", errors.New("that packet is not kept any more")
	}
	tap := int(s.Packet(id).Tap)
	if tap >= len(top.Links) {
		return "", "", errors.New("only packets of a lab's own links can be dropped or delayed")
	}
	data, err := s.PacketData(id)
	if err != nil {
		return "", "", fmt.Errorf("the bytes of this packet cannot be read: %w", err)
	}
	l := top.Links[tap]
	switch s.HostName(source(data)) {
	case l.A:
		return l.A, l.B, nil
	case l.B:
		return l.B, l.A, nil
	}
	return "", "", errors.New("it cannot be told which host sent this packet")
}

// source is the source address of an IP packet; invalid if it is none.
func source(ip []byte) netip.Addr {
	switch {
	case len(ip) >= 20 && ip[0]>>4 == 4:
		return netip.AddrFrom4([4]byte(ip[12:16]))
	case len(ip) >= 40 && ip[0]>>4 == 6:
		return netip.AddrFrom16([16]byte(ip[8:24]))
	}
	return netip.Addr{}
}
