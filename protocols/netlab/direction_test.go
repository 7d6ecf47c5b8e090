package netlab

import (
	"fmt"
	"net"
	"slices"
	"testing"
	"time"

	"netscope/capture"
	"netscope/protocols/lab"
)

// blast sends n datagrams of size bytes on the wire at once, numbered in their
// first byte, and gives the numbers in the order of arrival.
func blast(t *testing.T, n *Network, count, size int) []int {
	t.Helper()
	w := n.World()
	c, err := w.Host("server").ListenPacket("udp4", ":9")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	out, err := w.Host("client").DialContext(t.Context(), "udp4", "server:9")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	for i := range count {
		b := make([]byte, size-28)
		b[0] = byte(i)
		if _, err := out.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	var got []int
	b := make([]byte, 2000)
	c.SetReadDeadline(time.Now().Add(10 * time.Second))
	for {
		if _, _, err := c.ReadFrom(b); err != nil {
			return got
		}
		got = append(got, int(b[0]))
	}
}

func run(t *testing.T, p lab.Path, seed uint64, count, size int) ([]int, *recorder) {
	t.Helper()
	var rec recorder
	var got []int
	bubble(t, two(p, lab.Path{}), Options{Index: 1, Seed: seed, Sink: &rec}, func(t *testing.T, n *Network) {
		got = blast(t, n, count, size)
	})
	return got, &rec
}

func TestQueueDropsTheTail(t *testing.T) {
	// One packet is being sent, three of 1000 bytes fit the queue.
	got, rec := run(t, lab.Path{Rate: 8e6, Delay: 10 * time.Millisecond, Queue: 3500}, 1, 6, 1000)
	if !slices.Equal(got, []int{0, 1, 2, 3}) {
		t.Errorf("arrived: %v", got)
	}
	start := rec.packets[0].At
	for i, p := range rec.packets { // the drops are told when they happen: first
		at := p.At.Sub(start)
		want := capture.NotLost
		if i == 1 || i == 2 {
			want = capture.LostQueue
		}
		if p.Loss != want {
			t.Errorf("packet %d at %v: %v, want %v", i, at, p.Loss, want)
		}
		if want == capture.LostQueue {
			if at != 0 || !p.Arrived.IsZero() {
				t.Errorf("packet %d lost at %v, arrived %v", i, at, p.Arrived)
			}
			continue
		}
		if flight := p.Arrived.Sub(p.At); flight != 11*time.Millisecond {
			t.Errorf("packet %d was under way for %v", i, flight)
		}
		n := map[int]int{0: 0, 3: 1, 4: 2, 5: 3}[i]
		if want := time.Duration(n) * time.Millisecond; at != want {
			t.Errorf("packet %d left at %v, want %v", i, at, want)
		}
	}
}

func TestChosenDrops(t *testing.T) {
	for _, c := range []struct {
		drops []lab.Drop
		want  []int
	}{
		{[]lab.Drop{{Nth: 1}}, []int{1, 2, 3, 4}},
		{[]lab.Drop{{Nth: 3}}, []int{0, 1, 3, 4}},
		{[]lab.Drop{{Nth: 3, Proto: "udp", Carries: true}, {Nth: 5}}, []int{0, 1, 3}},
		{[]lab.Drop{{Nth: 1, Proto: "tcp"}}, []int{0, 1, 2, 3, 4}},
		{[]lab.Drop{{Nth: 1, MinLen: 1001}}, []int{0, 1, 2, 3, 4}},
		{[]lab.Drop{{Nth: 9}}, []int{0, 1, 2, 3, 4}},
	} {
		got, _ := run(t, lab.Path{Rate: 8e6, Drops: c.drops}, 1, 5, 1000)
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v: arrived %v, want %v", c.drops, got, c.want)
		}
	}
}

func TestRandomLoss(t *testing.T) {
	got, rec := run(t, lab.Path{Rate: 8e6, Loss: 0.3}, 1, 200, 1000)
	if len(got) < 115 || len(got) > 165 {
		t.Errorf("%d of 200 arrived at a loss of 30 %%", len(got))
	}
	lost := 0
	for _, p := range rec.packets {
		if p.Loss == capture.LostWire {
			lost++
		}
	}
	if lost != 200-len(got) {
		t.Errorf("%d told lost, %d missing", lost, 200-len(got))
	}
	again, _ := run(t, lab.Path{Rate: 8e6, Loss: 0.3}, 1, 200, 1000)
	other, _ := run(t, lab.Path{Rate: 8e6, Loss: 0.3}, 2, 200, 1000)
	if !slices.Equal(got, again) || slices.Equal(got, other) {
		t.Error("the seed does not fix the losses")
	}
}

func TestJitterKeepsOrder(t *testing.T) {
	p := lab.Path{Rate: 8e6, Delay: 5 * time.Millisecond, Jitter: 20 * time.Millisecond}
	got, rec := run(t, p, 1, 50, 1000)
	if len(got) != 50 || !slices.IsSorted(got) {
		t.Errorf("arrived: %v", got)
	}
	flights := map[time.Duration]bool{}
	for _, q := range rec.packets {
		d := q.Arrived.Sub(q.At)
		flights[d] = true
		if d < 6*time.Millisecond || d > 26*time.Millisecond {
			t.Errorf("under way for %v", d)
		}
	}
	if len(flights) < 10 {
		t.Errorf("only %d different flight times", len(flights))
	}
}

func TestReorder(t *testing.T) {
	p := lab.Path{Rate: 8e6, Delay: 10 * time.Millisecond, Reorder: 0.1}
	got, _ := run(t, p, 1, 50, 1000)
	if len(got) != 50 || slices.IsSorted(got) {
		t.Errorf("arrived: %v", got)
	}
	again, _ := run(t, p, 1, 50, 1000)
	if !slices.Equal(got, again) {
		t.Error("the seed does not fix the order")
	}
}

func TestSetPath(t *testing.T) {
	slow := lab.Path{Rate: 8e5}
	var rec recorder
	bubble(t, two(lab.Path{Rate: 8e6}, lab.Path{}), Options{Index: 1, Sink: &rec}, func(t *testing.T, n *Network) {
		// The packet that is being sent at 2.5 ms ends at the old rate.
		n.Act(2500*time.Microsecond, func() {
			if err := n.ChangePath("client", "server", slow); err != nil {
				t.Error(err)
			}
		})
		blast(t, n, 5, 1000)
		for _, bad := range []lab.Path{{Loss: 2}, {Delay: -1}, {Rate: -1}, {Queue: -1}, {Drops: []lab.Drop{{}}}} {
			if n.World().SetPath("client", "server", bad) == nil {
				t.Errorf("%+v was accepted", bad)
			}
		}
		if n.World().SetPath("client", "nobody", slow) == nil {
			t.Error("changed a link that does not exist")
		}
	})
	var left []string
	for _, p := range rec.packets {
		left = append(left, p.At.Sub(rec.packets[0].At).String())
	}
	if want := []string{"0s", "1ms", "2ms", "3ms", "13ms"}; !slices.Equal(left, want) {
		t.Errorf("left at %v, want %v", left, want)
	}
}

func TestMatches(t *testing.T) {
	udp := append([]byte{0x45, 0, 0, 32, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2}, make([]byte, 12)...)
	empty := append([]byte{0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2}, make([]byte, 8)...)
	six := append([]byte{0x60, 0, 0, 0, 0, 20, 6, 64}, make([]byte, 52)...)
	six[40+12] = 0x50
	for i, c := range []struct {
		drop lab.Drop
		ip   []byte
		want bool
	}{
		{lab.Drop{}, udp, true},
		{lab.Drop{Proto: "udp"}, udp, true},
		{lab.Drop{Proto: "tcp"}, udp, false},
		{lab.Drop{Carries: true}, udp, true},
		{lab.Drop{Carries: true}, empty, false},
		{lab.Drop{Proto: "tcp"}, six, true},
		{lab.Drop{Proto: "tcp", Carries: true}, six, false},
		{lab.Drop{MinLen: 61}, six, false},
		{lab.Drop{Carries: true}, []byte{0x45}, false},
		{lab.Drop{Proto: "icmp"}, udp, false},
	} {
		if got := matches(c.drop, c.ip); got != c.want {
			t.Errorf("%d: %+v: %v", i, c.drop, got)
		}
	}
	// No prefix of a packet makes it fail.
	for n := range len(udp) {
		matches(lab.Drop{Proto: "udp", Carries: true}, udp[:n])
		source(udp[:n])
	}
}

func TestTransmission(t *testing.T) {
	for _, c := range []struct {
		n    int
		rate float64
		want time.Duration
	}{{1500, 0, 0}, {1500, 12e6, time.Millisecond}, {1, 3e9, 3}, {1500, 1e-300, (1<<63 - 1) / 4}} {
		if got := transmission(c.n, c.rate); got != c.want && fmt.Sprint(c.want) != fmt.Sprint(got) {
			t.Errorf("%d bytes at %v: %v, want %v", c.n, c.rate, got, c.want)
		}
	}
}

var _ net.Conn = (*tcpConn)(nil)

// A chosen packet that is late is overtaken by those behind it, which arrive
// when they would have.
func TestChosenDelay(t *testing.T) {
	p := lab.Path{Rate: 8e6, Delay: 10 * time.Millisecond}
	_, want := run(t, p, 1, 5, 1000)
	p.Drops = []lab.Drop{{Nth: 2, Late: 2500 * time.Microsecond}}
	got, rec := run(t, p, 1, 5, 1000)
	if !slices.Equal(got, []int{0, 2, 3, 1, 4}) {
		t.Errorf("arrived: %v", got)
	}
	for i := range rec.packets {
		late := rec.packets[i].Arrived.Sub(rec.packets[i].At) - want.packets[i].Arrived.Sub(want.packets[i].At)
		if i == 1 && late != 2500*time.Microsecond || i != 1 && late != 0 {
			t.Errorf("packet %d is late by %v", i, late)
		}
	}
}

// A path that is changed in the middle leaves drops in place that have not hit
// yet, unless it names others.
func TestChangePathKeepsDrops(t *testing.T) {
	for _, drops := range [][]lab.Drop{nil, {}} {
		var got []int
		bubble(t, two(lab.Path{Rate: 8e6, Drops: []lab.Drop{{Nth: 4}}}, lab.Path{}), Options{Index: 1}, func(t *testing.T, n *Network) {
			n.Act(1500*time.Microsecond, func() {
				if err := n.ChangePath("client", "server", lab.Path{Rate: 4e6, Drops: drops}); err != nil {
					t.Error(err)
				}
			})
			got = blast(t, n, 5, 1000)
		})
		want := []int{0, 1, 2, 4}
		if drops != nil {
			want = []int{0, 1, 2, 3, 4}
		}
		if !slices.Equal(got, want) {
			t.Errorf("with %v: arrived %v, want %v", drops, got, want)
		}
	}
}
