package model

import (
	"math"
	"testing"
)

// sheet is the textbook's example: F/u = 1 h, us = 10u, dmin ≥ us.
func sheet(n int) Distribution {
	const u = 1e6
	return Distribution{Peers: n, File: 3600 * u, ServerUp: 10 * u, PeerUp: u, PeerDownLo: 10 * u}
}

func TestSheet(t *testing.T) {
	for _, x := range []struct {
		n       int
		p2p, cs float64 // hours
	}{
		{1, 0.1, 0.1}, {10, 0.5, 1}, {30, 0.75, 3}, {49, 49.0 / 59, 4.9},
	} {
		d := sheet(x.n)
		if got := PeerToPeer(d) / 3600; math.Abs(got-x.p2p) > 1e-9 {
			t.Errorf("N = %d: P2P %v h, want %v", x.n, got, x.p2p)
		}
		if got := ClientServer(d) / 3600; math.Abs(got-x.cs) > 1e-9 {
			t.Errorf("N = %d: client-server %v h, want %v", x.n, got, x.cs)
		}
	}
	if got := PeerToPeer(sheet(49)) / 3600; math.Abs(got-0.8305084746) > 1e-9 {
		t.Errorf("N = 49: %v h", got)
	}
}

func TestEachTermCanBeTheLargest(t *testing.T) {
	d := sheet(10)
	d.PeerDownLo = 1e3
	if got := PeerToPeer(d); got != d.File/1e3 {
		t.Errorf("a slow peer: %v s", got)
	}
	if got := ClientServer(d); got != d.File/1e3 {
		t.Errorf("a slow peer: %v s", got)
	}
	d = sheet(10)
	d.PeerUp = 1e9
	if got := PeerToPeer(d); got != d.File/d.ServerUp {
		t.Errorf("a slow server: %v s", got)
	}
	d.PeerDownLo = 0
	if got := ClientServer(d); got != 10*d.File/d.ServerUp {
		t.Errorf("no limit: %v s", got)
	}
}
