package model

import "time"

// Mux says what is fetched over one connection of HTTP/2, whose server sends
// frames of several responses in some order.
type Mux struct {
	RTT       time.Duration // propagation, both ways together
	Rate      float64       // bit/s, each direction
	Loss      float64       // probability that a packet is lost, each direction
	Drop      Drop          // a packet of the server that is lost in any case
	TCP       TCP           // SendBuffer is the server's
	Scheduler Scheduler
	Frame     int // content of a DATA frame at most
	Objects   []MuxObject
	Updates   []MuxUpdate

	Window       int           // of the connection
	StreamWindow int           // of each stream
	FrameHeader  int           // bytes before each frame's content
	UpdateFrame  int           // bytes of a WINDOW_UPDATE
	Opening      int           // bytes that the client sends before its first request
	Settings     int           // bytes of the server's SETTINGS and its acknowledgement of the client's
	SettingsAck  int           // bytes of the client's acknowledgement
	Settle       time.Duration // from what happens to the server's decision

	// Blocks gives the bytes of the header blocks that the server sends, frame
	// headers included, in the order in which it sends them: what a block
	// costs depends on those before it. Each run asks for a function of its own.
	Blocks func() func(object int, promise bool) int
}

// MuxObject is one of the objects.
type MuxObject struct {
	Size        int           // bytes of content
	Request     int           // bytes of the HEADERS frame that asks for it
	Later       time.Duration // when it is asked for, after the first
	After       bool          // it is asked for when the first is complete, instead
	Pushed      bool          // with the first, instead of being asked for
	Urgency     int           // 0 (most urgent) to 7
	Incremental bool
}

// MuxUpdate is a PRIORITY_UPDATE.
type MuxUpdate struct {
	At          time.Duration // after the first request
	Object      int
	Bytes       int // of the frame
	Urgency     int
	Incremental bool
}

// Scheduler chooses whose frame goes next.
type Scheduler int

// The schedulers.
const (
	FirstCome  Scheduler = iota // one response after the other, in order of the requests
	RoundRobin                  // a frame of each in turn
	ByPriority                  // the most urgent; among equals first those that are not incremental, then the others in turn
)

// waiting is what a scheduler knows of an object.
type waiting struct {
	urgency     int
	incremental bool
	ready       bool // something is to be sent
	blocked     bool // but a flow-control window forbids it
}

// choose gives the object whose frame goes next, -1 if none can. First come
// passes nobody over; the others do not wait for one stream's window. Objects
// are in order of arrival; last is the one that was served before, -1 at first.
func (s Scheduler) choose(ws []waiting, last int) int {
	best := -1
	for i, w := range ws {
		switch {
		case !w.ready:
		case s == FirstCome && w.blocked:
			return -1
		case s == FirstCome:
			return i
		case w.blocked:
		case best < 0:
			best = i
		case s == RoundRobin && best <= last && i > last:
			best = i
		case s == ByPriority && w.before(ws[best], i > last && best <= last):
			best = i
		}
	}
	return best
}

// before reports whether w goes before b, which was asked for earlier. turn
// says that w's turn comes before b's.
func (w waiting) before(b waiting, turn bool) bool {
	if w.urgency != b.urgency {
		return w.urgency < b.urgency
	}
	if w.incremental != b.incremental {
		return !w.incremental
	}
	return w.incremental && turn
}

// MuxIdeal is when each object is complete, in seconds after it was asked for,
// if nothing but content takes time: the link sends frame after frame, and
// each is chosen when the one before it has been sent.
func MuxIdeal(m Mux) []float64 {
	done := make([]float64, len(m.Objects))
	left := make([]int, len(m.Objects))
	ws := make([]waiting, len(m.Objects))
	for i, o := range m.Objects {
		left[i] = o.Size
		ws[i] = waiting{urgency: o.Urgency, incremental: o.Incremental}
	}
	updates := m.Updates
	t, last := 0.0, -1
	idle, sent := 0.0, 0 // t is idle time and the bytes sent
	for n := len(m.Objects); n > 0; {
		next := -1.0 // when something more is asked for
		for i, o := range m.Objects {
			at := o.Later.Seconds()
			ws[i].ready = left[i] > 0 && at <= t
			if at > t && (next < 0 || at < next) {
				next = at
			}
		}
		for len(updates) > 0 && updates[0].At.Seconds() <= t {
			u := updates[0]
			ws[u.Object].urgency, ws[u.Object].incremental = u.Urgency, u.Incremental
			updates = updates[1:]
		}
		i := m.Scheduler.choose(ws, last)
		if i < 0 {
			if next < 0 {
				break
			}
			idle += next - t
			t = next
			continue
		}
		k := min(left[i], max(m.Frame, 1))
		left[i] -= k
		sent += k
		t = idle + float64(sent)*8/m.Rate
		last = i
		if left[i] == 0 {
			done[i] = t - m.Objects[i].Later.Seconds()
			n--
		}
	}
	return done
}
