package state

import (
	"strconv"

	"netscope/decoders/timeline"
	"netscope/tui/state/tcp"
	"netscope/tui/view"
)

// Item is a line of a panel: a name, a value, and what it means.
type Item struct {
	Name, Value, Doc string
	Kind             ItemKind
	Fraction         float64 // of a Gauge
}

// ItemKind is how a line is drawn.
type ItemKind uint8

// Kinds of line.
const (
	Pair   ItemKind = iota
	Head            // a heading
	Gauge           // Value beside a bar
	Big             // the state itself
	Remark          // a sentence
	Bad
)

// Connection describes the TCP half of a panel: one end's state by RFC 9293.
func Connection(s *tcp.State) []Item {
	win := s.Wnd
	out := []Item{
		{Name: s.Conn.String(), Doc: s.Conn.Doc(), Kind: Big},
		{Kind: Head, Name: "sends"},
		{Name: "snd.una", Value: seq(s.Una), Doc: "oldest number not acknowledged"},
		{Name: "snd.nxt", Value: seq(s.Nxt), Doc: "next number to send"},
		{Name: "in flight", Value: view.FormatBytes(s.InFlight()), Doc: "snd.nxt − snd.una", Kind: Gauge, Fraction: fraction(s.InFlight(), win)},
		{Name: "snd.wnd", Value: view.FormatBytes(win), Doc: "what the other side allows"},
		{Name: "cwnd ≈", Value: view.FormatBytes(s.Cwnd) + phase(s), Doc: "estimated congestion window (RFC 5681)"},
	}
	if s.Samples > 0 {
		out = append(out,
			Item{Name: "RTT", Value: view.FormatSpan(s.LastRTT), Doc: "last of " + strconv.Itoa(s.Samples)},
			Item{Name: "SRTT", Value: view.FormatSpan(s.SRTT) + " ± " + view.FormatSpan(s.RTTVar), Doc: "smoothed (RFC 6298)"})
	}
	if s.Resent > 0 || s.DupAcks > 0 {
		out = append(out, Item{Name: "sent again", Value: count(s.Resent, "segment") + ", " + count(s.DupAcks, "duplicate ACK"), Kind: Bad})
	}
	out = append(out, Item{Kind: Head, Name: "receives"},
		Item{Name: "rcv.nxt", Value: seq(s.RcvNxt), Doc: "next number expected"},
		Item{Name: "rcv.wnd", Value: view.FormatBytes(s.RcvWnd), Doc: "what this side allows"})
	return out
}

// Socket describes what the application has.
func Socket(s *tcp.State, local, remote string) []Item {
	out := []Item{
		{Kind: Head, Name: "socket"},
		{Name: "local", Value: local},
		{Name: "remote", Value: remote},
		{Name: "written", Value: view.FormatBytes(s.Written()), Doc: "and sent so far"},
		{Name: "confirmed", Value: view.FormatBytes(s.Acked()), Doc: "by the other side", Kind: Gauge, Fraction: fraction(s.Acked(), s.Written())},
		{Name: "readable", Value: view.FormatBytes(s.Readable()), Doc: "received in order, read or not"},
	}
	if h, ok := s.Hole(); ok {
		out = append(out, Item{Name: "held back", Value: view.FormatBytes(s.HeldBytes()), Kind: Bad,
			Doc: "behind a hole of " + view.FormatBytes(int64(h.To-h.From)) + " at " + seq(h.From)})
	}
	return out
}

// Datagrams describes a UDP socket: there is no connection to tell of.
func Datagrams(s *tcp.State, local, remote string) []Item {
	return []Item{
		{Name: "UDP", Doc: "No connection: each datagram stands for itself.", Kind: Big},
		{Kind: Head, Name: "socket"},
		{Name: "local", Value: local},
		{Name: "remote", Value: remote},
		{Name: "sent", Value: count(s.Sent, "datagram")},
		{Name: "received", Value: count(s.Received, "datagram")},
	}
}

func phase(s *tcp.State) string {
	if s.SlowStart() {
		return ", slow start"
	}
	return ", avoiding congestion"
}

// count writes a number of things: "1 segment", "2 segments".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return view.FormatCount(int64(n)) + " " + thing + "s"
}

func seq(n uint32) string { return view.FormatCount(int64(n)) }

func fraction(a, b int64) float64 {
	if b <= 0 {
		return 0
	}
	return max(0, min(1, float64(a)/float64(b)))
}

// Bars is the largest value in each of n equal parts of the time from a to b;
// a value holds until the next.
func Bars(ps []tcp.Point, a, b timeline.Time, n int) []int64 {
	out := make([]int64, max(n, 0))
	if b <= a || n <= 0 {
		return out
	}
	cur, k := int64(0), 0
	for i := range out {
		end := a + timeline.Time(float64(b-a)*float64(i+1)/float64(n))
		top := cur
		for k < len(ps) && ps[k].At <= end {
			cur = ps[k].V
			top = max(top, cur)
			k++
		}
		out[i] = top
	}
	return out
}
