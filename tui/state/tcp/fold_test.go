package tcp

import (
	"reflect"
	"testing"

	"netscope/decoders"
	"netscope/decoders/http1"
	"netscope/decoders/timeline"
	"netscope/tui/view/viewtest"
)

const ms = timeline.Time(1_000_000)

// seg is a line of a dialogue as one end sees it.
type seg struct {
	got      bool // received; else sent
	at       timeline.Time
	flags    timeline.TCPFlags
	seq, ack uint32
	n        uint16
	an       timeline.Analysis
}

func play(end timeline.End, segs []seg) *State {
	f := Fold{end}
	s := f.Zero()
	for _, x := range segs {
		s = f.Apply(s, nil, timeline.Occurrence{At: x.at, Received: x.got, Row: timeline.PacketRow{
			Transport: decoders.TCP, Flags: x.flags, Seq: x.seq, Ack: x.ack, Payload: x.n, Window: 65535, Analysis: x.an}})
	}
	return s
}

const (
	syn = timeline.SYN
	ack = timeline.ACK
	fin = timeline.FIN
	rst = timeline.RST
)

func states(s *State) []Conn {
	var out []Conn
	for _, c := range s.Changes {
		out = append(out, c.To)
	}
	return out
}

func TestStates(t *testing.T) {
	open := []seg{{false, 0, syn, 0, 0, 0, 0}, {true, 100 * ms, syn | ack, 0, 1, 0, 0}, {false, 100 * ms, ack, 1, 1, 0, 0}}
	called := []seg{{true, 0, syn, 0, 0, 0, 0}, {false, 0, syn | ack, 0, 1, 0, 0}, {true, 100 * ms, ack, 1, 1, 0, 0}}
	for _, c := range []struct {
		name string
		end  timeline.End
		segs []seg
		want []Conn
	}{
		{"active open", timeline.AtA, open, []Conn{SynSent, Established}},
		{"passive open", timeline.AtB, called, []Conn{SynReceived, Established}},
		{"simultaneous open", timeline.AtA, []seg{{false, 0, syn, 0, 0, 0, 0}, {true, 1, syn, 0, 0, 0, 0}, {false, 1, syn | ack, 0, 1, 0, 0}, {true, 2, ack, 1, 1, 0, 0}},
			[]Conn{SynSent, SynReceived, Established}},
		{"active close", timeline.AtA, append(open[:3:3], seg{false, 1, fin | ack, 1, 1, 0, 0}, seg{true, 2, ack, 1, 2, 0, 0}, seg{true, 3, fin | ack, 1, 2, 0, 0}),
			[]Conn{SynSent, Established, FinWait1, FinWait2, TimeWait}},
		{"FIN and ACK in one", timeline.AtA, append(open[:3:3], seg{false, 1, fin | ack, 1, 1, 0, 0}, seg{true, 3, fin | ack, 1, 2, 0, 0}),
			[]Conn{SynSent, Established, FinWait1, FinWait2, TimeWait}},
		{"simultaneous close", timeline.AtA, append(open[:3:3], seg{false, 1, fin | ack, 1, 1, 0, 0}, seg{true, 2, fin | ack, 1, 1, 0, 0}, seg{true, 3, ack, 2, 2, 0, 0}),
			[]Conn{SynSent, Established, FinWait1, Closing, TimeWait}},
		{"passive close", timeline.AtB, append(called[:3:3], seg{true, 1, fin | ack, 1, 1, 0, 0}, seg{false, 2, fin | ack, 1, 2, 0, 0}, seg{true, 3, ack, 2, 2, 0, 0}),
			[]Conn{SynReceived, Established, CloseWait, LastAck, Closed}},
		{"FIN out of order waits", timeline.AtB, append(called[:3:3], seg{true, 1, fin | ack, 101, 1, 50, 0}),
			[]Conn{SynReceived, Established}},
		{"FIN after the hole is filled", timeline.AtB, append(called[:3:3], seg{true, 1, fin | ack, 101, 1, 50, 0}, seg{true, 2, ack, 1, 1, 100, 0}),
			[]Conn{SynReceived, Established, CloseWait}},
		{"reset", timeline.AtA, append(open[:3:3], seg{true, 1, rst, 1, 1, 0, 0}), []Conn{SynSent, Established, Closed}},
		{"midway", timeline.AtB, []seg{{true, 1, ack, 0, 0, 10, 0}}, []Conn{Established}},
	} {
		if got := states(play(c.end, c.segs)); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestSequenceSpace(t *testing.T) {
	s := play(timeline.AtA, []seg{
		{false, 0, syn, 0, 0, 0, 0}, {true, 100 * ms, syn | ack, 0, 1, 0, 0}, {false, 100 * ms, ack, 1, 1, 0, 0},
		{false, 101 * ms, ack, 1, 1, 1000, 0}, {false, 102 * ms, ack, 1001, 1, 1000, 0}, {true, 201 * ms, ack, 1, 1001, 0, 0},
		{true, 202 * ms, ack, 501, 1001, 200, 0}, {true, 203 * ms, ack, 901, 1001, 100, 0},
	})
	if s.Una != 1001 || s.Nxt != 2001 || s.InFlight() != 1000 || s.Written() != 2000 || s.Acked() != 1000 {
		t.Errorf("send space: %+v", s)
	}
	if h, ok := s.Hole(); !ok || h != (Range{1, 501}) || s.HeldBytes() != 300 || s.Readable() != 0 || len(s.Held) != 2 {
		t.Errorf("receive space: hole %v, held %v", h, s.Held)
	}
	if s.LastRTT != 100*ms || s.Samples != 2 || s.SRTT != 100*ms {
		t.Errorf("round trip %v of %d samples", s.LastRTT, s.Samples)
	}
	if s.Cwnd != 10*1460+1000 || !s.SlowStart() {
		t.Errorf("window %d", s.Cwnd)
	}
	f := Fold{timeline.AtA}
	s = f.Apply(s, nil, timeline.Occurrence{At: 204 * ms, Received: true, Row: timeline.PacketRow{Transport: decoders.TCP, Flags: ack, Seq: 1, Ack: 2001, Payload: 900}})
	if s.Readable() != 1000 || len(s.Held) != 0 || s.InFlight() != 0 {
		t.Errorf("after the hole is filled: readable %d, held %v", s.Readable(), s.Held)
	}
}

// A retransmission halves the window and gives no sample.
func TestLoss(t *testing.T) {
	s := play(timeline.AtA, []seg{
		{false, 0, syn, 0, 0, 0, 0}, {true, 100 * ms, syn | ack, 0, 1, 0, 0},
		{false, 100 * ms, ack, 1, 1, 1460, 0}, {false, 101 * ms, ack, 1461, 1, 1460, 0},
		{false, 500 * ms, ack, 1, 1, 1460, timeline.Retransmission}, {true, 600 * ms, ack, 1, 1461, 0, 0},
	})
	if s.Resent != 1 || s.Samples != 1 || s.Ssthresh != 2*1460 {
		t.Errorf("resent %d, samples %d, ssthresh %d", s.Resent, s.Samples, s.Ssthresh)
	}
}

// Going back gives the same states as going forwards.
func TestForwardsAndBack(t *testing.T) {
	snap := viewtest.Exchanges(60, http1.Decoder{}).Done()
	for _, end := range []timeline.End{timeline.AtA, timeline.AtB} {
		f := timeline.Folder[*State]{Fold: Fold{end}, End: end}
		clone := Fold{end}.Clone
		var there []*State
		for p := timeline.Position(0); p <= snap.End(); p++ {
			there = append(there, clone(f.At(snap, p)))
		}
		for p := int(snap.End()); p >= 0; p-- {
			if got := f.At(snap, timeline.Position(p)); !reflect.DeepEqual(clone(got), there[p]) {
				t.Fatalf("end %d, position %d:\n%+v, want\n%+v", end, p, got, there[p])
			}
		}
		last := there[len(there)-1]
		if last.InFlight() != 0 || last.Conn != Established {
			t.Errorf("end %d: %v with %d bytes in flight", end, last.Conn, last.InFlight())
		}
	}
}
