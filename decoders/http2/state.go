package http2

import (
	"maps"
	"slices"

	"netscope/decoders"
	"netscope/decoders/hpack"
)

// Bounds of what a connection's state may hold.
const (
	maxStreams   = 4096      // streams that are not closed
	maxIdle      = 1000      // streams that PRIORITY frames may name before they are opened
	maxClosed    = 256       // closed streams that are remembered
	maxBlock     = 256 << 10 // bytes of a header block, compressed
	maxFragments = 256       // frames of a header block
	maxPending   = 16        // SETTINGS frames that wait for an acknowledgement
)

// Conn is the state of a connection as both ends have it, so far as frames
// tell: plain data that is changed by [Conn.Apply] only. Arrays are indexed by
// direction: what belongs to an endpoint stands under the direction in which
// it sends. Make it with [NewConn].
type Conn struct {
	Client decoders.Dir // the direction in which the client sends
	Known  bool         // Client is certain
	Midway bool         // the connection began before the capture: windows are relative, streams may be open
	Ends   [2]End
	// Streams are those that are not idle or long closed.
	Streams map[uint32]*Stream
	// Closed are the closed streams in Streams, the oldest first.
	Closed []uint32
	live   int // streams that are not closed
	// Upgraded says that stream 1 answers a request that was sent in HTTP/1.1.
	Upgraded bool
}

// End is one endpoint.
type End struct {
	Announced Settings    // what its SETTINGS frames say so far
	InForce   Settings    // what of it the other side has acknowledged
	Pending   []Settings  // announced, not yet acknowledged
	First     bool        // its first frame has come
	Window    int64       // bytes that it may still send on the connection
	Table     hpack.Table // its encoder's dynamic table
	Shrink    bool        // its next header block must begin with a table size update (RFC 7541 §4.2)
	Last      uint32      // the highest stream that it has opened or promised
	Open      int         // streams opened by it that are not closed
	GoAway    *GoAway     // nil until it has said so
	Block     *Block      // a header block whose end has not come
	lowered   int64       // by how much an unacknowledged SETTINGS lowers windows
}

// GoAway is what a GOAWAY frame says.
type GoAway struct {
	Last uint32
	Code ErrorCode
	Text string
}

// NewConn is the state before the first frame. With midway the connection
// began earlier; with upgrade it was HTTP/1.1 before, so that stream 1 is
// half-closed by a request that was sent in the old way (RFC 7540 §3.2).
func NewConn(midway, upgrade bool) *Conn {
	c := &Conn{Midway: midway, Streams: map[uint32]*Stream{}}
	for d := range c.Ends {
		e := &c.Ends[d]
		e.Announced, e.InForce = defaults(), defaults()
		e.Window, e.Table, e.First = defaultWindow, hpack.NewTable(), midway
		if midway {
			e.Table = hpack.Unknown()
		}
	}
	if upgrade {
		c.upgrade()
	}
	return c
}

// upgrade opens stream 1, whose request was sent in HTTP/1.1 (RFC 7540 §3.2).
func (c *Conn) upgrade() {
	if c.Streams[1] != nil || c.Ends[c.Client].Last > 0 {
		return
	}
	c.Upgraded = true
	s := c.open(1, c.Client)
	c.begin(s, c.Client)
	s.Half[c.Client], s.Phase[c.Client] = Ended, Headed
}

// start says that the preface has been seen: the connection begins here,
// whatever the capture made one believe.
func (c *Conn) start(client decoders.Dir) {
	c.setClient(client)
	if !c.Midway {
		return
	}
	c.Midway = false
	for d := range c.Ends {
		e := &c.Ends[d]
		if e.Table.Inserted == 0 {
			e.Table = hpack.NewTable()
		}
	}
	c.limitTable(decoders.AtoB)
	c.limitTable(decoders.BtoA)
}

// Clone copies the state.
func (c *Conn) Clone() *Conn {
	n := *c
	n.Streams = maps.Clone(c.Streams)
	for id, s := range n.Streams {
		t := *s
		n.Streams[id] = &t
	}
	n.Closed = slices.Clone(c.Closed)
	for d := range n.Ends {
		e := &n.Ends[d]
		e.Table = e.Table.Clone()
		e.Pending = slices.Clone(e.Pending)
		if e.GoAway != nil {
			g := *e.GoAway
			e.GoAway = &g
		}
		if e.Block != nil {
			b := *e.Block
			b.Bytes, b.Fragments = slices.Clone(b.Bytes), slices.Clone(b.Fragments)
			e.Block = &b
		}
	}
	return &n
}

// List is the known streams by number.
func (c *Conn) List() []*Stream {
	out := make([]*Stream, 0, len(c.Streams))
	for _, s := range c.Streams {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b *Stream) int { return int(a.ID) - int(b.ID) })
	return out
}

// Server is the direction in which the server sends.
func (c *Conn) Server() decoders.Dir { return c.Client.Other() }

// setClient fixes which side is the client.
func (c *Conn) setClient(d decoders.Dir) {
	if !c.Known {
		c.Client, c.Known = d, true
	}
}

// Lost says that frames from d may be missing: what they did is unknown.
func (c *Conn) Lost(d decoders.Dir) {
	e := &c.Ends[d]
	e.Table.Lose()
	e.Table.Limit = hpack.MaxSize
	e.Block = nil
	c.Midway = true
}

// Effect is what a frame has done, besides changing the state.
type Effect struct {
	Bad problems // rules that it breaks
	// Block is a header block that is complete with this frame, or is given up.
	Block *Block
}

// Apply applies a frame that is sent in direction d. It takes frames of any
// content.
func (c *Conn) Apply(d decoders.Dir, f Frame) Effect {
	var e Effect
	end := &c.Ends[d]
	if !end.First && f.Type != SettingsFrame {
		e.Bad.add("the first frame is not SETTINGS (RFC 9113 §3.4)")
	}
	end.First = true
	if f.Reserved {
		e.Bad.add("the reserved bit is set (RFC 9113 §4.1)")
	}
	if most := c.MaxFrame(d); f.Length > most {
		e.Bad.addf("a frame of %s bytes is longer than SETTINGS_MAX_FRAME_SIZE allows, %s bytes (RFC 9113 §4.2)", thousands(int64(f.Length)), thousands(int64(most)))
	}
	if end.Block != nil && (f.Type != Continuation || f.Stream != end.Block.Stream) {
		e.Bad.addf("a header block on stream %d is interrupted by another frame (RFC 9113 §4.3)", end.Block.Stream)
		end.Block = nil
		end.Table.Lose()
	}
	c.checkPlace(f, &e.Bad)
	switch f.Type {
	case Data:
		c.data(d, f, &e)
	case Headers, PushPromise, Continuation:
		c.fragment(d, f, &e)
	case Priority:
		c.priorityFrame(d, f, &e)
	case RSTStream:
		c.reset(d, f, &e)
	case SettingsFrame:
		c.settings(d, f, &e)
	case WindowUpdate:
		c.windowUpdate(d, f, &e)
	case PriorityUpdate:
		c.priorityUpdate(d, f, &e)
	case GoAwayFrame:
		c.goAway(d, f, &e)
	}
	return e
}

// MaxFrame is the largest payload that d may send, in bytes.
func (c *Conn) MaxFrame(d decoders.Dir) int {
	o := &c.Ends[d.Other()]
	if c.Midway {
		return maxMidwayFrame
	}
	return int(o.highest(func(s *Settings) uint32 { return s.MaxFrame }))
}

// maxMidwayFrame is the longest frame that is believed when the settings are
// not known.
const maxMidwayFrame = 1 << 20

// checkPlace checks whether the frame's type belongs on its stream, and its
// length.
func (c *Conn) checkPlace(f Frame, bad *problems) {
	switch f.Type {
	case Data, Headers, Priority, RSTStream, PushPromise, Continuation:
		if f.Stream == 0 {
			bad.addf("%s on stream 0 (RFC 9113 §%s)", f.Type, f.Type.section())
		}
	case SettingsFrame, Ping, GoAwayFrame:
		if f.Stream != 0 {
			bad.addf("%s on a stream other than 0 (RFC 9113 §%s)", f.Type, f.Type.section())
		}
	case PriorityUpdate:
		if f.Stream != 0 {
			bad.add("PRIORITY_UPDATE on a stream other than 0 (RFC 9218 §7.1)")
		}
	}
	want := 0
	switch f.Type {
	case Priority:
		want = 5
	case Ping:
		want = 8
	case RSTStream, WindowUpdate:
		want = 4
	}
	switch {
	case want > 0 && f.Length != want:
		bad.addf("%s has %d bytes instead of %d (RFC 9113 §%s)", f.Type, f.Length, want, f.Type.section())
	case f.Type == GoAwayFrame && f.Length < 8:
		bad.addf("GOAWAY has %d bytes, less than 8 (RFC 9113 §6.8)", f.Length)
	case f.Type == PriorityUpdate && f.Length < 4:
		bad.addf("PRIORITY_UPDATE has %d bytes, less than 4 (RFC 9218 §7.1)", f.Length)
	case f.Type == SettingsFrame && (f.Length%6 != 0 || f.Flags.Has(Ack) && f.Length > 0):
		bad.addf("SETTINGS with a length of %d bytes (RFC 9113 §6.5)", f.Length)
	}
}
