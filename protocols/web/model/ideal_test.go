package model

import (
	"fmt"
	"math"
	"testing"
	"time"
)

// textbook is the example of the textbook: RTT 0.1 s, 1 Mbit/s, a base page and
// ten objects of 100 kbit each.
func textbook(way Way) Params {
	return page(way, 100*time.Millisecond, 1e6, 10, 12500, 6)
}

func page(way Way, rtt time.Duration, rate float64, n, body, conns int) Params {
	p := Params{Way: way, RTT: rtt, Rate: rate, Conns: conns, Close: true, TCP: stack()}
	p.Page = Exchange{60, 150, body}
	for range n {
		p.Objects = append(p.Objects, Exchange{62, 155, body})
	}
	return p
}

func stack() TCP {
	return TCP{Header: 52, SYN: 60, MSS: 1420, Window: 2 << 20, FirstWnd: 29184, SendBuffer: 4 << 20,
		Piece: 256 << 10, InitialRTO: time.Second, MinRTO: 200 * time.Millisecond}
}

func TestIdealOfTheTextbook(t *testing.T) {
	for _, c := range []struct {
		way     Way
		want    float64
		formula string
	}{
		{NonPersistent, 3.3, "11·(2·RTT + L/R)"},
		{Persistent, 2.3, "(2·RTT + L/R) + 10·(RTT + L/R)"},
		{Pipelined, 1.4, "(2·RTT + L/R) + RTT + 10·L/R"},
		{Waves, 1.7, "(2·RTT + L/R) + 2·2·RTT + 10·L/R"},
		{Pool, 1.5, "d(10), where d(i) = max(d(i−1), d(i−6) + 2·RTT) + L/R, d(i≤0) = 2·RTT + L/R"},
	} {
		p := textbook(c.way)
		if got := Ideal(p); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("way %d: ideal %v, want %v", c.way, got, c.want)
		}
		if got := Formula(p); got != c.formula {
			t.Errorf("way %d: formula %q, want %q", c.way, got, c.formula)
		}
	}
}

// Without any effect the packet model is the textbook's formula, whatever the
// parameters: the two are written independently of each other.
func TestModelWithoutEffectsIsIdeal(t *testing.T) {
	for _, way := range []Way{NonPersistent, Persistent, Pipelined, Pool, Waves} {
		for _, rtt := range []time.Duration{100 * time.Microsecond, 10 * time.Millisecond, time.Second} {
			for _, rate := range []float64{1e5, 1e6, 1e8} {
				for _, n := range []int{0, 1, 7, 40} {
					for _, body := range []int{1, 1000, 100_000} {
						t.Run(fmt.Sprintf("%d/%v/%.0e/%d/%d", way, rtt, rate, n, body), func(t *testing.T) {
							p := page(way, rtt, rate, n, body, 6)
							r := Run(p, Effects{}, 0, 0)
							if !r.Done {
								t.Fatal("did not end")
							}
							want := Ideal(p)
							if got := r.Time.Seconds(); math.Abs(got-want) > 1e-4*want {
								t.Errorf("model %v, ideal %v", got, want)
							}
						})
					}
				}
			}
		}
	}
}

// The causes of the difference add up to it, and what cannot be a cause is not
// named.
func TestCausesAddUp(t *testing.T) {
	for _, way := range []Way{NonPersistent, Persistent, Pipelined, Pool, Waves} {
		p := textbook(way)
		ideal, real := Ideal(p), Run(p, Real(), 0, 0).Time.Seconds()
		sum := 0.0
		for _, c := range Causes(p, ideal, real, 0) {
			sum += c.Value
			if c.Name == steps[3].name && (way == Persistent || way == Pipelined) {
				t.Errorf("way %d: %s costs %v s though the browser does not wait for it", way, c.Name, c.Value)
			}
		}
		if math.Abs(sum-(real-ideal)) > 1e-8 {
			t.Errorf("way %d: causes add up to %v, the difference is %v", way, sum, real-ideal)
		}
	}
}

// A run is a function of its arguments, luck included.
func TestSameSeedSameResult(t *testing.T) {
	p := textbook(Pool)
	p.Loss = 0.05
	a, b, c := Run(p, Real(), 1, 0), Run(p, Real(), 1, 0), Run(p, Real(), 2, 0)
	if a.Time != b.Time || a.Retransmits != b.Retransmits {
		t.Errorf("one seed gave %v and %v", a.Time, b.Time)
	}
	if a.Time == c.Time {
		t.Errorf("two seeds gave the same time %v", a.Time)
	}
}

// A run that is too long ends, and says that it did.
func TestLimit(t *testing.T) {
	if r := Run(textbook(NonPersistent), Real(), 0, 100); r.Done || r.Stuck {
		t.Errorf("100 events were enough: %+v", r)
	}
	if cs := Causes(textbook(NonPersistent), 3.3, 3.4, 100); cs != nil {
		t.Errorf("causes from runs that did not end: %v", cs)
	}
	p := page(Pool, 10*time.Millisecond, 1e4, 40, 100_000, 20)
	if r := Run(p, Real(), 0, 0); !r.Stuck {
		t.Errorf("a SYN that waits for minutes should time out: %v", r.Time)
	}
}

func BenchmarkPredict(b *testing.B) {
	for _, n := range []int{10, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p := page(Pool, 100*time.Millisecond, 1e7, n, 12500, 6)
			for b.Loop() {
				real := Run(p, Real(), 0, 0)
				Causes(p, Ideal(p), real.Time.Seconds(), 0)
			}
		})
	}
}
