package dns

import (
	"math"
	"testing"

	"netscope/protocols/lab"
)

func TestSecurity(t *testing.T) {
	for _, c := range []struct {
		variant string
		set     lab.Params
	}{
		{fixedPort, lab.Params{"windows": 60}},
		{fixedPort, lab.Params{"windows": 20, "outstanding": 4, "ids": 512}},
		{fixedPort, lab.Params{"windows": 20, "servers": 3, "ids": 32, "window": 0.04, "rate": 200}},
		{somePorts, lab.Params{"windows": 40, "ports": 4, "ids": 64}},
		{mixedCase, lab.Params{"windows": 10}},
		{kaminsky, lab.Params{"windows": 60}},
		{naive, nil}, {bailiwick, nil},
		{onPath, lab.Params{"windows": 10}}, {withDNSSEC, lab.Params{"windows": 10}},
		{flood, nil}, {flood, lab.Params{"defence": 1}}, {flood, lab.Params{"defence": 2, "target": 1}}, {flood, lab.Params{"target": 1, "flood": 300}},
	} {
		s, p := emulate(t, Security{}, c.variant, c.set, 1)
		check(t, Security{}, c.variant, s, p)
	}
}

func TestBand(t *testing.T) {
	for _, c := range []struct {
		p         float64
		n         int
		low, high float64
	}{{0, 10, 0, 0}, {1, 10, 1, 1}, {0.5, 1, 0, 1}, {0.2, 100, 0.08, 0.34}} {
		if b := band(c.p, c.n); math.Abs(b[0]-c.low) > 0.01 || math.Abs(b[1]-c.high) > 0.01 {
			t.Errorf("band(%v, %d) = %v", c.p, c.n, *b)
		}
	}
}
