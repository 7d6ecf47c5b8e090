package rate

import (
	"math"
	"testing"
	"time"
)

func TestNothing(t *testing.T) {
	var m Meter
	if r := m.Rate(time.Minute); r != 0 || m.Total() != 0 {
		t.Errorf("rate %v, total %d of a meter that saw nothing", r, m.Total())
	}
}

func TestSteady(t *testing.T) {
	for _, every := range []time.Duration{time.Millisecond, 100 * time.Millisecond, time.Second, 3 * time.Second} {
		var m Meter
		const want = 50e3
		for at := time.Duration(0); at < 5*time.Minute; at += every {
			m.Add(at, int(want*every.Seconds()))
		}
		if r := m.Rate(5 * time.Minute); math.Abs(r-want) > 0.15*want {
			t.Errorf("a block every %v: %v B/s, want about %v", every, r, want)
		}
	}
}

func TestFirstBlockIsNotEndlesslyFast(t *testing.T) {
	var m Meter
	m.Add(0, 16384)
	if r := m.Rate(0); r != 16384 {
		t.Errorf("one block at once: %v B/s, want 16384", r)
	}
}

func TestForgets(t *testing.T) {
	var m Meter
	for at := time.Duration(0); at <= time.Minute; at += time.Second {
		m.Add(at, 10000)
	}
	before := m.Rate(time.Minute)
	last := before
	for at := time.Minute; at < 5*time.Minute; at += time.Second {
		r := m.Rate(at)
		if r > last {
			t.Fatalf("rate grows from %v to %v while nothing comes", last, r)
		}
		last = r
	}
	if last > before/1000 {
		t.Errorf("four minutes later still %v of %v B/s", last, before)
	}
}

func TestBackwards(t *testing.T) {
	var m Meter
	m.Add(10*time.Second, 1000)
	m.Add(5*time.Second, 1000)
	m.Add(5*time.Second, -7)
	if r := m.Rate(0); r != 2000 || m.Total() != 2000 {
		t.Errorf("rate %v, total %d", r, m.Total())
	}
}
